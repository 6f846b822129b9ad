"""Links to this page in the site's other languages."""

from __future__ import annotations

from dataclasses import dataclass

from portal.block import SUBJECT_TYPES
from portal.block import Block
from portal.block import BlockContext
from portal.block import CachePolicy
from portal.block import NoSettings


@dataclass(frozen=True, slots=True)
class Language:
    """Another language: where its link leads, and whether that is this page or only the home."""

    locale: str
    path: str
    translated: bool


block = Block(
    "language_switch",
    __name__,
    settings=NoSettings,
    needs={"translations": SUBJECT_TYPES["translations"]},
    cache=CachePolicy(fresh="1d", stale="7d"),
)


@block.render
def render(ctx: BlockContext[NoSettings]) -> dict[str, object] | None:
    """One link per other language; without a translation it leads to that language's home."""
    translated = {item.locale: item.path for item in ctx.translations}
    languages = [
        Language(locale, translated.get(locale, _home(ctx, locale)), locale in translated)
        for locale in ctx.site.locales
        if locale != ctx.locale
    ]
    return {"languages": languages} if languages else None


def _home(ctx: BlockContext[NoSettings], locale: str) -> str:
    return "/" if locale == ctx.site.default_locale else f"/{locale}/"
