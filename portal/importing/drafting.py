"""From a dump that was read to the draft that is stored."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from dataclasses import replace
from datetime import datetime
from datetime import time
from html import escape
from zoneinfo import ZoneInfo

from portal.content.drafts import ArticleDraft
from portal.importing.dump import BodyItem
from portal.importing.dump import Dump
from portal.importing.dump import DumpRefused
from portal.importing.dump import Flag
from portal.importing.dump import Paragraph
from portal.importing.dump import Published

# A line longer than this is a paragraph that lost its line break, not a headline.
LONGEST_HEADLINE = 500


def check(dump: Dump, time_zone: str, now: datetime) -> Dump:
    """Judge what reading alone cannot: raise `DumpRefused` for a headline that is none.

    A day in the future is flagged; the article waits for it.
    """
    origin = dump.origin("headline")
    line = origin.first_line if origin else 1
    if len(dump.headline) > LONGEST_HEADLINE:
        raise DumpRefused(
            dump.file,
            line,
            f"the headline has {len(dump.headline):,} characters, a headline has at most"
            f" {LONGEST_HEADLINE}; is the line break after it missing?",
        )
    if dump.published and dump.published.day > now.astimezone(ZoneInfo(time_zone)).date():
        origin = dump.origin("published")
        line = origin.first_line if origin else 1
        flag = Flag("future-date", line, line, f"{dump.published.day:%d/%m/%Y} is in the future")
        return replace(dump, flags=(*dump.flags, flag))
    return dump


def make_draft(
    dump: Dump, *, section: str | None, locale: str, time_zone: str, batch: str
) -> ArticleDraft:
    """The article as it will be stored.

    Its identity is the site name in the dump with the hash of the content. Without a publication
    date it stays a draft. The first record of the provenance names batch, file and encoding, the
    others the origin of each field and what the article has no place for: related titles and
    blocks that were not understood.
    """
    published = dump.published
    return ArticleDraft(
        headline=dump.headline,
        lead=dump.lead,
        body="\n".join(map(_markup, dump.body)),
        locale=locale,
        section=section,
        status="published" if published else "draft",
        published=_moment(published, time_zone) if published else None,
        precision=published.precision if published else "day",
        time_zone=time_zone,
        authors=dump.authors,
        source=dump.source,
        end_mark=dump.end_mark,
        legacy_system=dump.system,
        content_hash=dump.content_hash,
        provenance=tuple(_provenance(dump, batch)),
        review_flags=tuple(asdict(flag) for flag in dump.flags),
    )


def _provenance(dump: Dump, batch: str) -> Iterator[dict[str, object]]:
    yield {"batch": batch, "file": dump.file, "encoding": asdict(dump.encoding)}
    yield from (asdict(origin) for origin in dump.origins)
    for at, related in enumerate(dump.related):
        day = related.day.isoformat() if related.day else None
        yield {"kept": f"related[{at}]", "title": related.title, "day": day}
    for at, block in enumerate(dump.raw):
        yield {"kept": f"raw[{at}]", **asdict(block)}


def _markup(item: BodyItem) -> str:
    if isinstance(item, Paragraph):
        return f"<p>{escape(item.text, quote=False)}</p>"
    return f"<figure><figcaption>{escape(item.caption, quote=False)}</figcaption></figure>"


def _moment(published: Published, time_zone: str) -> datetime:
    # A day without a time counts from its beginning: today's news is not hidden until noon.
    return datetime.combine(published.day, published.time or time(), ZoneInfo(time_zone))
