"""The public API for block authors: everything a block declares, and everything it can see.

A block is a Flask blueprint with one more ability: it renders a fragment of a page. Built-in
blocks and installed packages (entry-point group `portal.blocks`) use this same door.

    class ClockSettings(Settings):
        label: str = "Today"
        '''What stands before the date.'''

    block = Block("today", __name__, settings=ClockSettings, cache=CachePolicy(fresh="1h"))

    @block.render
    def render(ctx: BlockContext[ClockSettings]) -> dict[str, object]:
        return {"day": ctx.clock.today()}

The template is `templates/blocks/<name>/<name>.html` inside the block's folder; a site overrides
it with a file of the same name below its own `templates/`.
"""

from __future__ import annotations

from portal.block.context import BlockContext
from portal.block.context import Chosen
from portal.block.context import Group
from portal.block.context import PageClock
from portal.block.declaration import API_VERSION
from portal.block.declaration import Block
from portal.block.head import Head
from portal.block.head import HeadPart
from portal.block.settings import CachePolicy
from portal.block.settings import Duration
from portal.block.settings import NoSettings
from portal.block.settings import Settings
from portal.block.subject import SUBJECT_TYPES
from portal.block.subject import Failure
from portal.block.subject import Subject
from portal.content.markup import Token
from portal.content.markup import plain_text
from portal.content.markup import read_tokens
from portal.content.markup import write_tokens
from portal.errors import NoSuchPage
from portal.site import MenuItem
from portal.site import Site
from portal.text import excerpt
from portal.text import similar_titles
from portal.text import slugify

__all__ = [
    "API_VERSION",
    "SUBJECT_TYPES",
    "Block",
    "BlockContext",
    "CachePolicy",
    "Chosen",
    "Duration",
    "Failure",
    "Group",
    "Head",
    "HeadPart",
    "MenuItem",
    "NoSettings",
    "NoSuchPage",
    "PageClock",
    "Settings",
    "Site",
    "Subject",
    "Token",
    "excerpt",
    "plain_text",
    "read_tokens",
    "similar_titles",
    "slugify",
    "write_tokens",
]
