"""The portal as a new worker sees every page: nothing in the process, everything in Redis."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from wsgi import app as portal


def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Answer after forgetting everything; by one thread, or they would forget for one another."""
    portal.extensions["portal"].composer.forget()
    return list(portal(environ, start_response))
