"""Pictures in the reader's language."""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Mapping
from typing import Any
from typing import cast

from sqlalchemy import Table
from sqlalchemy import bindparam
from sqlalchemy import select

from portal.content import tags
from portal.content.models import Media
from portal.content.queries.addresses import media_path
from portal.content.queries.sections import localised
from portal.content.reader import Reader
from portal.content.values import Image
from portal.content.values import Rendition

media = cast("Table", Media.__table__)

COLUMNS = (
    media.c.id.label("media_id"),
    media.c.alt,
    media.c.decorative,
    media.c.caption,
    media.c.credit,
    media.c.width,
    media.c.height,
    media.c.renditions,
)
_SOME = select(*COLUMNS).where(
    media.c.site == bindparam("site"), media.c.id.in_(bindparam("ids", expanding=True))
)


def read_images(reader: Reader, ids: Collection[int]) -> dict[int, Image]:
    """Pictures by id; those that do not exist are left out."""
    if not ids:
        return {}
    reader.reads.record(*(tags.media(number) for number in ids))
    rows = reader.session.execute(_SOME, {"site": reader.site, "ids": sorted(ids)})
    return {row.media_id: image_of(reader, row._mapping) for row in rows}


def image_of(reader: Reader, row: Mapping[Any, Any]) -> Image:
    """The picture of a row that has `COLUMNS`.

    A picture without a text alternative is announced by its caption; without both it is passed
    over like a decorative one, because a file name helps nobody.
    """
    caption = localised(row["caption"], reader)
    alt = "" if row["decorative"] else localised(row["alt"], reader) or caption
    return Image(
        id=row["media_id"],
        alt=alt,
        decorative=not alt,
        caption=caption,
        credit=row["credit"],
        width=row["width"],
        height=row["height"],
        renditions=tuple(
            Rendition(**{**item, "src": media_path(item["src"])}) for item in row["renditions"]
        ),
    )
