"""Asks a running portal: questions signed with the secret that both know."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.error import URLError
from urllib.parse import SplitResult
from urllib.parse import quote
from urllib.parse import urlsplit
from urllib.request import Request
from urllib.request import urlopen

import click
from flask import current_app

from portal.errors import ConfigError
from portal.masking import mask_url
from portal.settings import Settings
from portal.text import is_storable
from portal.web.operators import HEADER
from portal.web.operators import ROOT
from portal.web.operators import sign

PATIENCE_SECONDS = 10
_EXAMPLE = "http://127.0.0.1:8000"


def ask_why(url: str, settings: Settings) -> dict[str, Any]:
    """What a running portal says of the page at `url`, its whole address."""
    parts = split_address(url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return _ask(url, f"{ROOT}/explain?path={quote(path, safe='')}", settings)


def ask_statistics(server: str, settings: Settings) -> dict[str, Any]:
    """What the process that answers at `server` holds."""
    return _ask(server, f"{ROOT}/statistics", settings)


def split_address(text: str) -> SplitResult:
    """The parts of an address that somebody typed; raises `click.BadParameter` for any other."""
    try:
        parts = urlsplit(text)
        is_address = parts.scheme in {"http", "https"} and bool(parts.hostname)
        is_address = is_address and parts.port != 0 and is_storable(text)
    except ValueError:
        is_address = False
    if not is_address:
        raise click.BadParameter(f"{mask_url(text)!r} is no address; give one such as {_EXAMPLE}")
    if parts.username is not None:
        raise click.BadParameter(
            f"{mask_url(text)!r} has a name or password in it, which no portal asks for; leave it"
            f" out: {_EXAMPLE}"
        )
    return parts


def _ask(server: str, address: str, settings: Settings) -> dict[str, Any]:
    """The answer to one question. Raises `ConfigError` that says what to do about none."""
    parts = split_address(server)
    if settings.secret_key is None and not settings.developing:
        raise ConfigError("PORTAL_SECRET_KEY is not set; set the one that the portal runs with")
    place = f"{parts.scheme}://{parts.netloc}"
    headers = {HEADER: sign(str(current_app.config["SECRET_KEY"]), address)}
    if settings.trusted_hosts and parts.hostname not in settings.trusted_hosts:
        # A server is asked at its own port, but answers only for the site's names.
        headers["Host"] = settings.trusted_hosts[0]
    question = Request(place + address, headers=headers)  # noqa: S310 - the scheme was checked
    try:
        with urlopen(question, timeout=PATIENCE_SECONDS) as answer:  # noqa: S310 - see above
            values: dict[str, Any] = json.load(answer)
    except HTTPError as answer:
        raise ConfigError(f"{place}: {_meaning(answer, settings)}") from answer
    except TimeoutError as problem:
        raise ConfigError(f"{place} gives no answer within {PATIENCE_SECONDS} s") from problem
    except URLError as problem:
        raise ConfigError(
            f"{place}: nobody answers there ({_said(problem)}); start the portal with"
            " portal serve, or give the address that it printed"
        ) from problem
    except (HTTPException, OSError, ValueError) as problem:
        raise ConfigError(f"{place}: what answers there is no portal ({problem!r})") from problem
    return values


def _meaning(answer: HTTPError, settings: Settings) -> str:
    """What an answer other than 200 means for who asked."""
    told = _problem(answer)
    if told:
        return told
    if answer.code == 404:
        own = "PORTAL_SECRET_KEY" if settings.secret_key is not None else "the generated secret"
        return (
            f"what answers there does not know our signature; it runs with another secret than"
            f" this command ({own}), or it is no portal"
        )
    if answer.code == 400:
        return "the portal there refuses the host name; set PORTAL_TRUSTED_HOSTS as it has it"
    return f"it answers with status {answer.code}, which is no portal's answer to this question"


def _problem(answer: HTTPError) -> str:
    try:
        values = json.load(answer)
    except ValueError:
        return ""
    return str(values.get("problem", "")) if isinstance(values, Mapping) else ""


def _said(problem: URLError) -> str:
    reason = problem.reason
    return str(reason.strerror if isinstance(reason, OSError) and reason.strerror else reason)
