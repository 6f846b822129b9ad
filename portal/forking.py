"""Begins anew in a forked process.

A server loads the portal once and forks its workers from that. Threads do not come along, a lock
that one of them held stays locked for ever, and sockets go on being the parent's. Whatever holds
one of these names itself here when it is made, and is told in each child before any code runs
there.
"""

from __future__ import annotations

import os
import weakref
from typing import Protocol


class Holder(Protocol):
    """Something with threads, locks or sockets."""

    def after_fork(self) -> None:
        """Leave the parent's alone and begin without; no other holder need have begun anew yet."""


_holders: weakref.WeakSet[Holder] = weakref.WeakSet()


def begin_anew_after_fork(holder: Holder) -> None:
    """Have `holder.after_fork` called in each child process, for as long as somebody has it."""
    _holders.add(holder)


def _begin_anew() -> None:
    for holder in list(_holders):
        holder.after_fork()


os.register_at_fork(after_in_child=_begin_anew)
