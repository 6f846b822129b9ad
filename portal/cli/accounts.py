"""`portal account …` and `portal token …`: who may run and build the site, people and programs.

A password is read from a prompt or from standard input, never from an argument, which every
program of the machine could see.
"""

from __future__ import annotations

import getpass
import sys
from typing import TYPE_CHECKING
from typing import cast

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy.orm import Session

from portal.app import Portal
from portal.cli.group import KnowingGroup
from portal.cli.output import FORMAT
from portal.cli.output import print_json
from portal.cli.output import print_table
from portal.content import operators
from portal.errors import ContentError
from portal.web.operating.passwords import find_fault
from portal.web.operating.passwords import hash_password

if TYPE_CHECKING:
    from portal.content.operators import Role

_ACTOR = "command line"


@click.group(cls=KnowingGroup)
def account() -> None:
    """Look after the accounts of operators and builders."""


@account.command()
@click.argument("name")
@click.option("--role", type=click.Choice(["operator", "builder"]), default="operator")
@with_appcontext
def add(name: str, role: str) -> None:
    """Make the account NAME; its password is asked for, or read from standard input."""
    portal = _portal()
    hashed = _ask_password(name)
    with Session(portal.engine()) as session, session.begin():
        operators.add_account(session, name, cast("Role", role), hashed, now=portal.clock())
        operators.note(session, _ACTOR, "account added", f"{name} ({role})", now=portal.clock())
    click.echo(f"account {name} ({role}) is there; PORTAL_OPERATORS=local lets it log in")


@account.command("list")
@FORMAT
@with_appcontext
def list_all(form: str) -> None:
    """List every account."""
    with Session(_portal().engine()) as session:
        found = operators.list_accounts(session)
    rows = [(a.name, a.role, "disabled" if a.disabled else "open", a.created_at) for a in found]
    if form == "json":
        print_json([dict(zip(("name", "role", "state"), row[:3], strict=True)) for row in rows])
    else:
        print_table(("name", "role", "state", "made"), rows)


@account.command()
@click.argument("name")
@click.option("--undo", is_flag=True, help="Open it again.")
@with_appcontext
def disable(name: str, undo: bool) -> None:
    """Close the account NAME and end its sessions."""
    portal = _portal()
    action = "account opened" if undo else "account disabled"
    with Session(portal.engine()) as session, session.begin():
        operators.set_disabled(session, name, not undo, now=portal.clock())
        operators.note(session, _ACTOR, action, name, now=portal.clock())
    click.echo(f"account {name} is {'open again' if undo else 'disabled; its sessions have ended'}")


@account.command()
@click.argument("name")
@with_appcontext
def password(name: str) -> None:
    """Give the account NAME another password and end its sessions."""
    portal = _portal()
    hashed = _ask_password(name)
    with Session(portal.engine()) as session, session.begin():
        operators.set_password(session, name, hashed)
        operators.note(session, _ACTOR, "password changed", name, now=portal.clock())
    click.echo(f"account {name} has another password; its sessions have ended")


@click.group(cls=KnowingGroup)
def token() -> None:
    """Look after the tokens with which programs ask for metrics or purge."""


@token.command("add")
@click.argument("name")
@click.option("--scope", type=click.Choice(operators.SCOPES), required=True)
@with_appcontext
def add_one(name: str, scope: str) -> None:
    """Make a token for the program NAME and print it, this one time."""
    portal = _portal()
    with Session(portal.engine()) as session, session.begin():
        written = operators.add_token(session, name, scope, now=portal.clock())
        operators.note(session, _ACTOR, "token added", f"{name} ({scope})", now=portal.clock())
    click.echo(written)


@token.command("list")
@FORMAT
@with_appcontext
def list_tokens(form: str) -> None:
    """List every token, without its secret."""
    with Session(_portal().engine()) as session:
        found = operators.list_tokens(session)
    rows = [(t.id, t.name, t.scope, "revoked" if t.revoked_at else "valid") for t in found]
    if form == "json":
        print_json([dict(zip(("id", "name", "scope", "state"), row, strict=True)) for row in rows])
    else:
        print_table(("id", "name", "scope", "state"), rows)


@token.command()
@click.argument("number", metavar="ID")
@with_appcontext
def revoke(number: str) -> None:
    """Make the token ID worthless."""
    portal = _portal()
    with Session(portal.engine()) as session, session.begin():
        operators.revoke_token(session, number, now=portal.clock())
        operators.note(session, _ACTOR, "token revoked", number, now=portal.clock())
    click.echo(f"token {number} is revoked")


def _ask_password(name: str) -> str:
    """The hash of a new password, typed twice or read as the first line of standard input."""
    if sys.stdin.isatty():
        typed = getpass.getpass("Password: ")
        if getpass.getpass("Once more: ") != typed:
            raise ContentError("the two passwords differ; nothing was changed")
    else:
        typed = sys.stdin.readline().rstrip("\r\n")
    fault = find_fault(typed, name)
    if fault:
        raise ContentError(f"the password is too weak: {fault}; nothing was changed")
    return hash_password(typed)


def _portal() -> Portal:
    portal: Portal = current_app.extensions["portal"]
    return portal
