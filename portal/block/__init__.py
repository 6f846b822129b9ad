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
from portal.block.context import SitePicture
from portal.block.declaration import API_VERSION
from portal.block.declaration import Block
from portal.block.head import Head
from portal.block.head import HeadPart
from portal.block.limits import RateLimit
from portal.block.limits import sender_network
from portal.block.origin import is_from_here
from portal.block.paging import PagedList
from portal.block.paging import cut_into_pages
from portal.block.paging import describe_list
from portal.block.paging import page_path
from portal.block.settings import Address
from portal.block.settings import CachePolicy
from portal.block.settings import Duration
from portal.block.settings import LocalTime
from portal.block.settings import NoSettings
from portal.block.settings import RichText
from portal.block.settings import Settings
from portal.block.settings import Words
from portal.block.store import EXTENSION as STORE_EXTENSION
from portal.block.store import Store
from portal.block.store import current_store
from portal.block.subject import SUBJECT_TYPES
from portal.block.subject import Failure
from portal.block.subject import ListKey
from portal.block.subject import Subject
from portal.content.markup import Token
from portal.content.markup import plain_text
from portal.content.markup import read_tokens
from portal.content.markup import write_tokens
from portal.errors import NoSuchPage
from portal.i18n import format_number
from portal.site import MenuItem
from portal.site import Outage
from portal.site import Site
from portal.text import excerpt
from portal.text import normalise
from portal.text import similar_titles
from portal.text import slugify
from portal.text import vi_sort_key

__all__ = [
    "API_VERSION",
    "STORE_EXTENSION",
    "SUBJECT_TYPES",
    "Address",
    "Block",
    "BlockContext",
    "CachePolicy",
    "Chosen",
    "Duration",
    "Failure",
    "Group",
    "Head",
    "HeadPart",
    "ListKey",
    "LocalTime",
    "MenuItem",
    "NoSettings",
    "NoSuchPage",
    "Outage",
    "PageClock",
    "PagedList",
    "RateLimit",
    "RichText",
    "Settings",
    "Site",
    "SitePicture",
    "Store",
    "Subject",
    "Token",
    "Words",
    "current_store",
    "cut_into_pages",
    "describe_list",
    "excerpt",
    "format_number",
    "is_from_here",
    "normalise",
    "page_path",
    "plain_text",
    "read_tokens",
    "sender_network",
    "similar_titles",
    "slugify",
    "vi_sort_key",
    "write_tokens",
]
