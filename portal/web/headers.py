"""Response headers that every answer carries, and those of cached pages.

No nonce: a cached page cannot carry one. Pages therefore have no inline code at all, and the
policy says so (Content Security Policy Level 3).
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "media-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "object-src 'none'",
        "require-trusted-types-for 'script'",
        # Each made once by the script of that name; no other code may make markup or addresses.
        "trusted-types portal-fragments portal-offline",
    )
)

SECURITY_HEADERS: tuple[tuple[str, str], ...] = (
    ("Content-Security-Policy", CONTENT_SECURITY_POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "strict-origin-when-cross-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()"),
    ("X-Frame-Options", "DENY"),
)

STORED_FILE_HEADERS: tuple[tuple[str, str], ...] = (
    ("Content-Security-Policy", "sandbox; default-src 'none'"),
    ("Content-Disposition", "attachment"),
    *(header for header in SECURITY_HEADERS if header[0] != "Content-Security-Policy"),
)

PAGE_CACHE_CONTROL = "public, max-age=0, must-revalidate"
ERROR_CACHE_CONTROL = "no-store"
IMMUTABLE_CACHE_CONTROL = "public, max-age=31536000, immutable"

MOST_SURROGATE_KEYS = 32
LONGEST_SURROGATE_KEY = 32
_OPERATORS = {"key", "block"}


@lru_cache(maxsize=1024)
def tag_headers(tags: frozenset[str]) -> tuple[tuple[str, str], tuple[str, str]]:
    """`Surrogate-Key`, and `Cache-Groups` (RFC 9875): a list of strings (RFC 9651)."""
    groups = _groups_of(tags)
    quoted = ", ".join(f'"{group}"' for group in groups)
    return ("Surrogate-Key", " ".join(groups)), ("Cache-Groups", quoted)


def _groups_of(tags: frozenset[str]) -> tuple[str, ...]:
    """The page's tags for a CDN: at most 32 of at most 32 characters, as RFC 9875 caches must take.

    Longer tags are hashed; where there are more, whole classes stand for their rows. The keys by
    which operators purge the portal's own cache are left out.
    """
    read = {tag for tag in tags if tag.partition(":")[0] not in _OPERATORS}
    names = read if len(read) <= MOST_SURROGATE_KEYS else {tag.partition(":")[0] for tag in read}
    return tuple(
        sorted(
            tag
            if len(tag) <= LONGEST_SURROGATE_KEY
            else hashlib.blake2b(tag.encode(), digest_size=12).hexdigest()
            for tag in names
        )
    )
