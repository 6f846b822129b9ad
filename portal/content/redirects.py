"""How requests and redirect rules are compared: old servers did not care about case."""

from __future__ import annotations

from collections.abc import Mapping

from portal.text import normalise


def fold_path(path: str) -> str:
    """A decoded path without case and without the slash at its end."""
    return "/" + normalise(path).casefold().strip("/")


def fold_query(query: Mapping[str, str]) -> dict[str, str]:
    """Argument names without case; values as they are."""
    return {normalise(name).casefold(): normalise(value) for name, value in query.items()}


def holds_query(given: Mapping[str, str], required: Mapping[str, str]) -> bool:
    """Whether a request's arguments contain everything that a rule asks for."""
    folded = fold_query(given)
    return all(folded.get(name) == value for name, value in required.items())
