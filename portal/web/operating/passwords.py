"""Passwords: which are strong enough, how they are kept, how they are compared."""

from __future__ import annotations

import threading

from werkzeug.security import check_password_hash
from werkzeug.security import generate_password_hash

SHORTEST = 14
LONGEST = 128
FEWEST_DIFFERENT = 6

# scrypt with N=2^15, r=8, p=1 (RFC 7914): 32 MB for each, so only few at the same time.
_METHOD = "scrypt:32768:8:1"
_AT_ONCE = threading.BoundedSemaphore(2)
_COMMON = ("password", "matkhau", "123456", "abcdef", "qwerty", "111111", "portal")


def find_fault(password: str, name: str) -> str:
    """Why a password is too weak for the account `name`, and what to do; empty when it is not."""
    folded = password.casefold()
    if len(password) < SHORTEST:
        return f"it is shorter than {SHORTEST} characters; take four or five words together"
    if len(password) > LONGEST:
        return f"it is longer than {LONGEST} characters"
    if len(set(password)) < FEWEST_DIFFERENT:
        return f"it has fewer than {FEWEST_DIFFERENT} different characters"
    if name.casefold() in folded:
        return "it contains the name of the account"
    found = next((part for part in _COMMON if part in folded.replace(" ", "")), None)
    if found is not None:
        return f"it contains {found!r}, which is tried first by everybody who guesses"
    return ""


def hash_password(password: str) -> str:
    """What is stored of a password."""
    with _AT_ONCE:
        return generate_password_hash(password, _METHOD)


def is_password(stored: str | None, password: str) -> bool:
    """Whether it is the password; without an account it takes as long and is not."""
    with _AT_ONCE:
        same = check_password_hash(stored or _nobody(), password[:LONGEST])
    return same and stored is not None and len(password) <= LONGEST


_made: list[str] = []


def _nobody() -> str:
    """The hash of a password that nobody has, made once."""
    if not _made:
        _made.append(generate_password_hash("nobody", _METHOD))
    return _made[0]
