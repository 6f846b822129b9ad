"""What a purge ends: names from a form or a program become tags of the change log."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal.cache import block_tag
from portal.compose import Composer
from portal.content import log
from portal.content import operators
from portal.content.tags import CLASSES
from portal.errors import PortalError
from portal.masking import mask_url
from portal.site import Site
from portal.web.operators import page_at

if TYPE_CHECKING:
    from portal.web.services import Services

MOST = 1000
# The cache's own names for entries; there is no tag for all of a kind.
_OWN = ("block", "key")
_CLASSES = (*CLASSES, *_OWN)
_TAG = re.compile(r"[a-z_]{1,40}(?::[!-~]{1,200})?")


class PurgeRefused(PortalError):
    """A purge names what there is not; nothing was ended."""


@dataclass(frozen=True, slots=True)
class Purge:
    """What to end."""

    tags: Sequence[str] = ()
    urls: Sequence[str] = ()
    blocks: Sequence[str] = ()
    everything: bool = False


def purge(services: Services, wanted: Purge, actor: str) -> tuple[str, ...]:
    """End cached entries in every process, note who did it, and return the tags.

    Raises `PurgeRefused`, and `ContentUnavailable` without a database.
    """
    tags = tags_of(wanted, services.site, services.blocks, services.composer)
    if not tags:
        raise PurgeRefused("nothing is named; give tags, urls, blocks or all")
    named = (*wanted.tags, *wanted.urls, *(f"block:{name}" for name in wanted.blocks))
    detail = "everything" if wanted.everything else ", ".join(named)
    with services.write() as session:
        log.append(session, tags)
        operators.note(session, actor, "purge", detail, now=services.clock())
    return tags


def tags_of(
    wanted: Purge, site: Site, blocks: Collection[str], composer: Composer
) -> tuple[str, ...]:
    """The tags that a purge ends. Raises `PurgeRefused` for names of what there is not."""
    tags = ["*"] if wanted.everything else []
    for tag in wanted.tags:
        _check_tag(tag)
        tags.append(tag)
    for name in wanted.blocks:
        if name not in blocks:
            raise PurgeRefused(_unknown(f"no block is called {name!r}", name, blocks))
        tags.append(block_tag(name))
    for url in wanted.urls:
        page = page_at(url, site) if url.startswith("/") else None
        if page is None:
            is_document = "." in url.partition("?")[0].rpartition("/")[2]
            advice = (
                "a feed or a site map ends with what it shows: give a tag such as list:site"
                if is_document
                else "give a path such as /tin-tuc/"
            )
            raise PurgeRefused(f"{mask_url(url)!r} leads to no page; {advice}")
        tags += composer.purge_tags(page)
    found = tuple(dict.fromkeys(tags))
    if len(found) > MOST:
        # The log would fold them into their class, and no entry has the classes `key` and `block`.
        raise PurgeRefused(f"{len(found)} tags are more than {MOST}; purge everything instead")
    return found


def _check_tag(tag: str) -> None:
    if not _TAG.fullmatch(tag):
        raise PurgeRefused(f"{tag!r} is no tag; one looks like article:17 or sections")
    name, colon, _ = tag.partition(":")
    if name in _OWN and not colon:
        raise PurgeRefused(f"{tag!r} ends nothing: give one such as {name}:NAME, or everything")
    if name not in _CLASSES:
        raise PurgeRefused(_unknown(f"{tag!r} ends nothing: no tag begins so", name, _CLASSES))


def _unknown(problem: str, name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    hint = f"; did you mean {close[0]!r}?" if close else ""
    return f"{problem}{hint} (known: {', '.join(sorted(known))})"
