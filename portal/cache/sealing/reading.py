"""An entry from the bytes that `writing` made; nothing else comes this far."""

from __future__ import annotations

import json
from datetime import datetime
from functools import lru_cache
from typing import Any

from portal.block import Failure
from portal.block import Group
from portal.block import HeadPart
from portal.block import ListKey
from portal.block import Subject
from portal.cache.entry import Entry
from portal.cache.entry import Resolution
from portal.cache.reason import KINDS
from portal.cache.reason import MISSED
from portal.cache.reason import Reason
from portal.cache.sealing.layout import ENDS
from portal.cache.sealing.layout import ERRORS
from portal.cache.sealing.layout import EXTRA
from portal.cache.sealing.layout import EXTRA_FIELDS
from portal.cache.sealing.layout import FIXED
from portal.content.stamps import Stamp
from portal.content.values import ArticleSummary
from portal.content.values import Image
from portal.content.values import Moment
from portal.content.values import Rendition
from portal.content.values import SearchQuery
from portal.content.values import SectionReference


def read_entry(data: bytes, start: int) -> tuple[Entry, int]:
    # Runs for every block that comes from the shared tier: one decoding, no call without need.
    (
        flags,
        kind,
        position,
        cause_position,
        created,
        fresh_until,
        stale_until,
        ends,
        cost,
        cause_at,
        digest_at,
        digest_size,
        label_size,
        cause_size,
        text_size,
        html_size,
        extra_size,
    ) = FIXED.unpack_from(data, start)
    if flags > ENDS | EXTRA or kind >= len(KINDS):
        raise ValueError("unknown flags or reason")
    text_at = start + FIXED.size
    html_at = text_at + text_size
    extra_at = html_at + html_size
    text = data[text_at:html_at].decode(errors=ERRORS)
    label_at = digest_at + digest_size
    cause_tag_at = label_at + label_size
    tags_at = cause_tag_at + cause_size
    tags = text[tags_at:]
    if not flags & EXTRA:
        extra = _NOTHING
    elif extra_size <= _LARGEST_REMEMBERED:
        extra = _known_extra(data[extra_at : extra_at + extra_size])
    else:
        extra = _read_extra(data[extra_at : extra_at + extra_size])
    entry = Entry(
        Stamp(text[:digest_at], position),
        frozenset(tags.split("\n") if tags else extra["tags"]),
        created,
        fresh_until,
        stale_until,
        text[digest_at:label_at],
        data[html_at:extra_at],
        extra["head"],
        extra["assets"],
        extra["groups"],
        extra["resolution"],
        extra["states"],
        cost,
        ends if flags & ENDS else None,
        text[label_at:cause_tag_at],
        Reason(KINDS[kind], text[cause_tag_at:tags_at], cause_position, cause_at)
        if kind or cause_size or cause_position or cause_at
        else MISSED,
    )
    return entry, extra_at + extra_size


_NOTHING: dict[str, Any] = {
    "head": (),
    "assets": (),
    "groups": (),
    "resolution": None,
    "states": (),
    "tags": (),
}


def _read_extra(data: bytes) -> dict[str, Any]:
    extra = json.loads(data)
    if extra.keys() - EXTRA_FIELDS:
        raise ValueError("unknown fields")
    return {
        "head": tuple(
            HeadPart(tag, identity, tuple((name, value) for name, value in attributes), text)
            for tag, identity, attributes, text in extra.get("head", ())
        ),
        "assets": tuple(extra.get("assets", ())),
        "groups": tuple(
            Group(name, tuple(ids), limit) for name, ids, limit in extra.get("groups", ())
        ),
        "resolution": _maybe(_read_resolution, extra.get("resolution")),
        "states": tuple((key, state) for key, state in extra.get("states", ())),
        "tags": extra.get("tags", ()),
    }


# Mostly it is the assets of a block: the same on every page. Nobody changes what it returns. What
# is longer belongs to one page, and would be held beside all that the memory's bound counts.
_LARGEST_REMEMBERED = 1_000
_known_extra = lru_cache(maxsize=1024)(_read_extra)


def _read_resolution(values: list[Any]) -> Resolution:
    status, subject, section_key, tags, location = values
    subject = _maybe(_read_subject, subject)
    return Resolution(status, subject, section_key, frozenset(tags), location)


def _read_subject(values: list[Any]) -> Subject:
    page_type, path, article_id, section_key, page_number, failure, search, listing, item = values
    return Subject(
        page_type,
        path,
        article_id,
        section_key,
        page_number,
        _maybe(_read_failure, failure),
        _maybe(_read_search, search),
        _maybe(_read_listing, listing),
        item,
    )


def _read_search(values: list[Any]) -> SearchQuery:
    text, section, year, kind, after = values
    return SearchQuery(text, section, year, kind, after)


def _read_listing(values: list[Any]) -> ListKey:
    kind, key = values
    return ListKey(kind, key)


def _read_failure(values: list[Any]) -> Failure:
    status, headline, reason, successor = values
    return Failure(status, headline, reason, _maybe(_read_summary, successor))


def _read_summary(values: list[Any]) -> ArticleSummary:
    identity, kind, locale, headline, lead, path, published, section, image = values
    at, precision, time_zone = published
    return ArticleSummary(
        identity,
        kind,
        locale,
        headline,
        lead,
        path,
        Moment(datetime.fromisoformat(at), precision, time_zone),
        _maybe(_read_section, section),
        _maybe(_read_image, image),
    )


def _read_section(values: list[Any]) -> SectionReference:
    identity, key, name, path = values
    return SectionReference(identity, key, name, path)


def _read_image(values: list[Any]) -> Image:
    identity, alt, decorative, caption, credit, width, height, renditions = values
    return Image(
        identity,
        alt,
        decorative,
        caption,
        credit,
        width,
        height,
        tuple(Rendition(*part) for part in renditions),
    )


def _maybe(convert: Any, value: Any) -> Any:
    return None if value is None else convert(value)
