"""Pictures as values, read together for all that a page needs."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

from portal.content.models import Media
from portal.content.queries.sections import in_locale
from portal.content.reader import Reader
from portal.content.values import Image
from portal.content.values import Rendition


def find_images(reader: Reader, numbers: Iterable[int | None]) -> dict[int, Image]:
    """The pictures with these ids; unknown ones are left out. No statement for none."""
    wanted = sorted({number for number in numbers if number is not None})
    if not wanted:
        return {}
    reader.reads.record(*(f"media:{number}" for number in wanted))
    rows = reader.session.execute(
        select(
            Media.id,
            Media.alt,
            Media.decorative,
            Media.caption,
            Media.credit,
            Media.width,
            Media.height,
            Media.renditions,
        ).where(Media.id.in_(wanted))
    )
    return {
        row.id: Image(
            id=row.id,
            alt=in_locale(reader, row.alt),
            decorative=row.decorative,
            caption=in_locale(reader, row.caption),
            credit=row.credit,
            width=row.width,
            height=row.height,
            renditions=tuple(Rendition(**rendition) for rendition in row.renditions),
        )
        for row in rows
    }
