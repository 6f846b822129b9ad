"""A title for sample pages whose own block brings none, because a page has exactly one."""

from __future__ import annotations

from portal.block import Block
from portal.block import BlockContext
from portal.block import Settings


class SampleTitleSettings(Settings):
    """What stands in the title."""

    words: str = "Sample"
    """Text of the page's `h1`."""


block = Block(
    "sample_title", __name__, settings=SampleTitleSettings, headline=lambda settings: True
)


@block.render
def render(ctx: BlockContext[SampleTitleSettings]) -> dict[str, object]:
    """The words as they are set."""
    return {"words": ctx.settings.words}
