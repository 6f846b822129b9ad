"""Free text that a site builder writes in the layout, sanitised, in every language of the site."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from typing import Literal

from portal.block import Block
from portal.block import BlockContext
from portal.block import CachePolicy
from portal.block import RichText
from portal.block import Settings
from portal.block import Token
from portal.block import read_tokens
from portal.block import write_tokens

LOWEST = 6
"""HTML has no heading below `h6`."""


class RichTextSettings(Settings):
    """What is said, and how it stands."""

    title: dict[str, str] = {}
    """Heading by language; none shows the text alone."""
    body: RichText = {}
    """HTML by language; elements an article may not have are left out."""
    style: Literal["plain", "panel"] = "plain"
    """Running text, or a panel with a ground of its own."""


block = Block(
    "rich_text",
    __name__,
    settings=RichTextSettings,
    cache=CachePolicy(fresh="7d", stale="30d"),
    aliases=("Block_NoiDungTuDo", "HtmlContent"),
)

Context = BlockContext[RichTextSettings]


@block.render
def render(ctx: Context) -> dict[str, object] | None:
    """The text in the reader's language with headings that fit the page; nothing without text."""
    heading_text = ctx.site.text(ctx.settings.title, ctx.locale)
    top = ctx.heading_level + 1 if heading_text else ctx.heading_level
    body = ctx.rich(_below(top, ctx.settings.body))
    if body is None:
        return None
    return {"heading_text": heading_text, "body": body}


def _below(top: int, body: dict[str, str]) -> dict[str, str]:
    return {
        locale: write_tokens(set_headings(read_tokens(source), top))
        for locale, source in body.items()
    }


def set_headings(tokens: Iterable[Token], top: int) -> Iterator[Token]:
    """The tokens with headings that begin at level `top` and never skip one on the way down."""
    tokens = tuple(tokens)
    levels = [int(token.name[1]) for token in tokens if _opens_heading(token)]
    if not levels:
        yield from tokens
        return
    shift, before = top - min(levels), top - 1
    name = ""
    for token in tokens:
        if _opens_heading(token):
            before = min(int(token.name[1]) + shift, before + 1, LOWEST)
            name = f"h{before}"
            yield Token("start", name, token.attributes)
        elif token.kind == "end" and _is_heading(token.name):
            yield Token("end", name)
        else:
            yield token


def _opens_heading(token: Token) -> bool:
    return token.kind == "start" and _is_heading(token.name)


def _is_heading(name: str) -> bool:
    return len(name) == 2 and name[0] == "h" and name[1].isdigit()
