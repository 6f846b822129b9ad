"""A block's list that may be a page of its own: cut into pages, named, described for machines."""

from __future__ import annotations

import json
from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from typing import Generic
from typing import Protocol
from typing import TypeVar

from portal.block.context import BlockContext
from portal.content.values import ListPage
from portal.errors import NoSuchPage


class Listed(Protocol):
    """What stands in such a list: it has a name and an address."""

    @property
    def title(self) -> str:
        """The name."""

    @property
    def path(self) -> str:
        """The address."""


Item = TypeVar("Item", bound=Listed)


@dataclass(frozen=True, slots=True)
class PagedList(Generic[Item]):
    """One page of a list; `more` says that a list beside other blocks leaves some out."""

    heading_text: str
    items: tuple[Item, ...]
    listed: ListPage
    path: str
    more: bool

    def values(self) -> dict[str, object]:
        """What templates get beside the items."""
        return {
            "heading_text": self.heading_text,
            "listed": self.listed,
            "path": self.path,
            "more": self.more,
        }


def cut_into_pages(
    ctx: BlockContext[Any],
    items: Sequence[Item],
    path: str,
    *,
    title: str,
    description: str,
    name_page: Callable[[str, int], str],
) -> PagedList[Item] | None:
    """The page of `items` that was asked for; nothing for an empty list that is no page.

    The block has the settings `headline`, `title` (where empty, the list is called what is given)
    and `per_page`. With `headline` the list is the page at `path`, which is described here;
    `name_page` makes the title of a later page of the name and the number. Raises `NoSuchPage`
    beyond the end.
    """
    settings = ctx.settings
    number = ctx.page_number if settings.headline else 1
    pages = -(-len(items) // settings.per_page)
    if number > max(pages, 1):
        raise NoSuchPage(f"the list at {path} has {pages} pages, not {number}")
    if not items and not settings.headline:
        return None
    first = (number - 1) * settings.per_page
    shown = tuple(items[first : first + settings.per_page])
    heading_text = ctx.site.text(settings.title, ctx.locale) or title
    if settings.headline:
        name = heading_text if number == 1 else name_page(heading_text, number)
        address = page_path(path, number)
        ctx.describe_page(title=name, description=description, path=address)
        ctx.head.json_ld(
            "CollectionPage",
            describe_list(
                ctx, name, address, len(items), first, [(item.title, item.path) for item in shown]
            ),
        )
    return PagedList(
        heading_text,
        shown,
        ListPage((), number, pages if settings.headline else 1, len(items)),
        path,
        not settings.headline and len(items) > settings.per_page,
    )


def page_path(path: str, number: int) -> str:
    """The address of page `number` of a list at `path`; the first page has no query."""
    return path if number == 1 else f"{path}?page={number}"


def describe_list(
    ctx: BlockContext[Any],
    name: str,
    path: str,
    total: int,
    before: int,
    items: Sequence[tuple[str, str]],
    **more: object,
) -> str:
    """A page and its list as schema.org's CollectionPage; positions count over all pages.

    `items` are names and paths; `before` more stand on the pages before, `total` on all of them.
    """
    return json.dumps(
        {
            "@context": "https://schema.org",
            "@type": "CollectionPage",
            "name": name,
            "url": ctx.absolute(path),
            "inLanguage": ctx.locale,
            "mainEntity": {
                "@type": "ItemList",
                "numberOfItems": total,
                "itemListElement": [
                    {
                        "@type": "ListItem",
                        "position": position,
                        "name": item,
                        "url": ctx.absolute(target),
                    }
                    for position, (item, target) in enumerate(items, start=before + 1)
                ],
            },
            **more,
        },
        ensure_ascii=False,
    )
