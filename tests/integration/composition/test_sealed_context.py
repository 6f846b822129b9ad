"""A block sees what it declares and nothing else; a declaration that cannot work is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from portal.block import Block
from portal.block import Failure
from portal.block import NoSettings
from portal.block import Settings
from portal.content.values import Article
from portal.content.values import Section
from portal.errors import BlockError
from portal.errors import UndeclaredRead
from portal.layouts import LayoutErrors
from tests.integration.composition.small_site import SmallSite
from tests.integration.composition.small_site import compose


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("article", lambda ctx: ctx.article),
        ("article", lambda ctx: ctx.optional_article),
        ("section", lambda ctx: ctx.section),
        ("section", lambda ctx: ctx.optional_section),
        ("page_number", lambda ctx: ctx.page_number),
        ("failure", lambda ctx: ctx.failure),
        ("translations", lambda ctx: ctx.translations),
        ("chosen", lambda ctx: ctx.chosen),
    ],
    ids=[
        "article",
        "optional-article",
        "section",
        "optional-section",
        "page-number",
        "failure",
        "translations",
        "chosen",
    ],
)
def test_an_undeclared_read_is_refused_and_says_what_to_do(
    site: SmallSite, name: str, read: Callable[[Any], object]
):
    refused: list[UndeclaredRead] = []

    def render(ctx: Any) -> dict[str, object]:
        with pytest.raises(UndeclaredRead) as problem:
            read(ctx)
        refused.append(problem.value)
        return {"words": ""}

    site.block("curious", render)
    site.lay_out("home", {"key": "a", "block": "curious"})
    compose(site.portal())
    [problem] = refused
    assert f"block 'curious' read {name!r}" in str(problem)
    assert "needs= or accepts=" in str(problem) or "@block.resolve" in str(problem)


def test_a_template_is_blind_to_the_request(site: SmallSite):
    names = ("request", "session", "g", "config", "get_flashed_messages", "current_app")
    template = "<p>" + "".join(f"{{{{ '{n}' if {n} is defined }}}}" for n in names) + "</p>"
    site.block("curious", lambda ctx: {}, template)
    site.lay_out("home", {"key": "a", "block": "curious"})
    assert "<p></p>" in compose(site.portal()).body.decode()


def test_values_of_a_block_are_escaped(site: SmallSite):
    site.words("words", "<script>alert(1)</script>")
    site.lay_out("home", {"key": "a", "block": "words"})
    assert "&lt;script&gt;" in compose(site.portal()).body.decode()


def test_a_need_that_the_page_does_not_offer_is_refused_at_load(site: SmallSite):
    site.block("story", lambda ctx: {}, needs={"article": Article})
    site.lay_out("home", {"key": "a", "block": "story"})
    with pytest.raises(LayoutErrors, match="unsatisfied-need"):
        site.app()


def test_a_value_that_is_only_accepted_may_be_missing(site: SmallSite):
    site.block("guest", lambda ctx: {"words": ctx.optional_article}, accepts={"article": Article})
    site.lay_out("home", {"key": "a", "block": "guest"})
    assert "None" in compose(site.portal()).body.decode()


class WithoutDefault(Settings):
    """A setting that every layout would have to write."""

    place: str
    """Where."""


class WithoutHelp(Settings):
    """A setting that nobody explains."""

    place: str = ""


@pytest.mark.parametrize(
    ("declaration", "says"),
    [
        ({"needs": {"weather": Article}}, "declares 'weather'"),
        ({"needs": {"article": Section}}, "SUBJECT_TYPES"),
        ({"accepts": {"failure": int}}, Failure.__name__.lower()),
        ({"settings": WithoutDefault}, "'place' needs a default"),
        ({"api": 2}, "written for block API 2, this portal offers 1"),
        ({"api": 0}, "written for block API 0"),
    ],
    ids=["need", "need-type", "accept-type", "default", "newer-api", "older-api"],
)
def test_a_declaration_that_cannot_work_is_refused(declaration: dict[str, Any], says: str):
    with pytest.raises(BlockError) as refused:
        Block("odd", __name__, **{"settings": NoSettings, **declaration})
    assert "block 'odd'" in str(refused.value)
    assert says in str(refused.value)


def test_whoever_asks_for_the_help_of_a_setting_that_has_none_is_told_of_it():
    block = Block("odd", __name__, settings=WithoutHelp)
    with pytest.raises(BlockError, match="block 'odd': setting 'place' needs a line of help"):
        block.help  # noqa: B018 - to be read is what it is there for
