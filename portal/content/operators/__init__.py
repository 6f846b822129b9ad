"""Who may run and build the site: accounts, their sessions, tokens of programs, what was done.

None of it is content: no change of it ends a cache entry, and no backup of a site holds it.
"""

from __future__ import annotations

from portal.content.operators.accounts import Account
from portal.content.operators.accounts import Role
from portal.content.operators.accounts import add_account
from portal.content.operators.accounts import find_account
from portal.content.operators.accounts import link_account
from portal.content.operators.accounts import list_accounts
from portal.content.operators.accounts import set_disabled
from portal.content.operators.accounts import set_password
from portal.content.operators.accounts import turn_away
from portal.content.operators.attempts import begin_attempt
from portal.content.operators.attempts import forget_failures
from portal.content.operators.attempts import locked_until
from portal.content.operators.attempts import note_failure
from portal.content.operators.attempts import take_back
from portal.content.operators.audit import AuditEntry
from portal.content.operators.audit import note
from portal.content.operators.audit import recent
from portal.content.operators.sessions import end_session
from portal.content.operators.sessions import find_session
from portal.content.operators.sessions import keep_session
from portal.content.operators.sessions import start_session
from portal.content.operators.tokens import SCOPES
from portal.content.operators.tokens import Token
from portal.content.operators.tokens import add_token
from portal.content.operators.tokens import list_tokens
from portal.content.operators.tokens import revoke_token
from portal.content.operators.tokens import token_allows

__all__ = [
    "SCOPES",
    "Account",
    "AuditEntry",
    "Role",
    "Token",
    "add_account",
    "add_token",
    "begin_attempt",
    "end_session",
    "find_account",
    "find_session",
    "forget_failures",
    "keep_session",
    "link_account",
    "list_accounts",
    "list_tokens",
    "locked_until",
    "note",
    "note_failure",
    "recent",
    "revoke_token",
    "set_disabled",
    "set_password",
    "start_session",
    "take_back",
    "token_allows",
    "turn_away",
]
