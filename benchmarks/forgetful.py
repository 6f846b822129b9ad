"""The portal as a new worker sees every page: nothing in the process, everything in Redis."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Any

from wsgi import app as portal

# One at a time, or threads would forget what another one has just fetched.
_turn = threading.Lock()


def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Answer after forgetting everything."""
    with _turn:
        portal.extensions["portal"].composer.forget()
        return list(portal(environ, start_response))
