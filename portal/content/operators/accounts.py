"""Accounts of operators and builders. Passwords come here hashed; who comes by an OpenID provider
has none."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from typing import cast
from urllib.parse import urlsplit

from sqlalchemy import delete
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.content.operators.tables import AccountRow
from portal.content.operators.tables import SessionRow
from portal.errors import ContentError
from portal.text import fold
from portal.text import is_storable

Role = Literal["operator", "builder"]

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")


@dataclass(frozen=True, slots=True)
class Account:
    """Someone who may log in, unless `disabled`."""

    id: int
    name: str
    role: Role
    password_hash: str
    created_at: datetime
    disabled: bool
    issuer: str | None = None
    """The OpenID provider that vouches for it; none for one that has a password."""


def add_account(
    session: Session, name: str, role: Role, password_hash: str, *, now: datetime
) -> None:
    """Store a new account. Raises `ContentError` for a name that is taken or none."""
    if not _NAME.fullmatch(name):
        raise ContentError(
            f"{name!r} is no account name: 2 to 40 of a-z, 0-9, dot, hyphen and underscore,"
            " beginning with a letter or digit"
        )
    if _row(session, name) is not None:
        raise ContentError(f"there is an account {name!r} already; choose another name")
    row = AccountRow(name=name, role=role, password_hash=password_hash, created_at=now)
    session.add(row)
    session.flush()


def link_account(
    session: Session, issuer: str, subject: str, name: str, role: Role, *, now: datetime
) -> Account:
    """The account of whom an OpenID provider vouches for, in the role that it has by now.

    It belongs to issuer and subject alone: names and addresses of e-mail change hands. The name is
    for people to read; it has an `@`, which no name of an account with a password has.
    """
    row = _linked(session, issuer, subject)
    if row is None:
        row = AccountRow(
            name=_free_name(session, issuer, subject, name),
            role=role,
            password_hash="",
            created_at=now,
            issuer=issuer,
            subject=subject,
        )
        session.add(row)
    elif row.role != role:
        row.role = role
        _end_sessions(session, row.id)
    session.flush()
    return _value(row)


def turn_away(session: Session, issuer: str, subject: str) -> str | None:
    """End the sessions of who has no role any more; the name of the account, if there is one."""
    row = _linked(session, issuer, subject)
    if row is None:
        return None
    _end_sessions(session, row.id)
    return row.name


def _linked(session: Session, issuer: str, subject: str) -> AccountRow | None:
    return session.execute(
        select(AccountRow).where(AccountRow.issuer == issuer, AccountRow.subject == subject)
    ).scalar_one_or_none()


def _free_name(session: Session, issuer: str, subject: str, wanted: str) -> str:
    plain = re.sub(r"[^a-z0-9._-]+", "-", fold(wanted.partition("@")[0]))[:40].strip("-")
    place = urlsplit(issuer).hostname
    name = f"{plain or 'someone'}@{place}"
    if _row(session, name) is None:
        return name
    return f"{plain}-{hashlib.sha256(f'{issuer} {subject}'.encode()).hexdigest()[:12]}@{place}"


def find_account(session: Session, name: str) -> Account | None:
    """The account of a name."""
    row = _row(session, name)
    return _value(row) if row is not None else None


def list_accounts(session: Session) -> tuple[Account, ...]:
    """Every account by name."""
    rows = session.execute(select(AccountRow).order_by(AccountRow.name)).scalars()
    return tuple(map(_value, rows))


def set_password(session: Session, name: str, password_hash: str) -> None:
    """Give an account another password, and end its sessions."""
    row = _known(session, name)
    if row.issuer is not None:
        raise ContentError(f"{name!r} has no password here: {row.issuer} vouches for it")
    row.password_hash = password_hash
    _end_sessions(session, row.id)


def set_disabled(session: Session, name: str, disabled: bool, *, now: datetime) -> None:
    """Close an account, and end its sessions; or open it again."""
    row = _known(session, name)
    row.disabled_at = now if disabled else None
    _end_sessions(session, row.id)


def _end_sessions(session: Session, account: int) -> None:
    session.execute(delete(SessionRow).where(SessionRow.account_id == account))
    session.flush()


def _row(session: Session, name: str) -> AccountRow | None:
    if not is_storable(name):
        return None
    return session.execute(select(AccountRow).where(AccountRow.name == name)).scalar_one_or_none()


def _known(session: Session, name: str) -> AccountRow:
    row = _row(session, name)
    if row is None:
        names = ", ".join(account.name for account in list_accounts(session)) or "none"
        raise ContentError(f"there is no account {name!r} (known: {names})")
    return row


def _value(row: AccountRow) -> Account:
    return Account(
        row.id,
        row.name,
        cast("Role", row.role),
        row.password_hash,
        row.created_at,
        row.disabled_at is not None,
        row.issuer,
    )
