"""An entry as bytes; `reading` is the way back."""

from __future__ import annotations

import json
from typing import Any

from portal.block import Failure
from portal.block import ListKey
from portal.block import Subject
from portal.cache.entry import Entry
from portal.cache.entry import Resolution
from portal.cache.reason import KINDS
from portal.cache.sealing.layout import ENDS
from portal.cache.sealing.layout import ERRORS
from portal.cache.sealing.layout import EXTRA
from portal.cache.sealing.layout import FIXED
from portal.content.values import ArticleSummary
from portal.content.values import Image
from portal.content.values import Rendition
from portal.content.values import SearchQuery
from portal.content.values import SectionReference


def write_entry(entry: Entry) -> bytes:
    stamp = entry.stamp
    plain_tags = all(tag and "\n" not in tag for tag in entry.tags)
    tags = "\n".join(sorted(entry.tags)) if plain_tags else ""
    cause = entry.cause
    text = "".join((stamp.epoch, entry.digest, entry.label, cause.tag, tags)).encode(errors=ERRORS)
    extra = _write_extra(entry, with_tags=not plain_tags)
    fixed = FIXED.pack(
        (ENDS if entry.ends is not None else 0) | (EXTRA if extra else 0),
        KINDS.index(cause.kind),
        stamp.position,
        cause.position,
        entry.created,
        entry.fresh_until,
        entry.stale_until,
        entry.ends or 0.0,
        entry.cost,
        cause.at,
        len(stamp.epoch),
        len(entry.digest),
        len(entry.label),
        len(cause.tag),
        len(text),
        len(entry.html),
        len(extra),
    )
    return b"".join((fixed, text, entry.html, extra))


def _write_extra(entry: Entry, *, with_tags: bool) -> bytes:
    extra: dict[str, object] = {}
    if entry.head:
        extra["head"] = [
            [part.tag, part.identity, part.attributes, part.text] for part in entry.head
        ]
    if entry.assets:
        extra["assets"] = entry.assets
    if entry.groups:
        extra["groups"] = [[group.name, group.ids, group.limit] for group in entry.groups]
    if entry.resolution is not None:
        extra["resolution"] = _write_resolution(entry.resolution)
    if entry.states:
        extra["states"] = entry.states
    if with_tags:
        extra["tags"] = sorted(entry.tags)
    return json.dumps(extra, separators=(",", ":")).encode() if extra else b""


def _write_resolution(value: Resolution) -> list[object]:
    subject = _maybe(_write_subject, value.subject)
    return [value.status, subject, value.section_key, sorted(value.tags), value.location]


def _write_subject(value: Subject) -> list[object]:
    return [
        value.page_type,
        value.path,
        value.article_id,
        value.section_key,
        value.page_number,
        _maybe(_write_failure, value.failure),
        _maybe(_write_search, value.search),
        _maybe(_write_listing, value.listing),
        value.item,
    ]


def _write_search(value: SearchQuery) -> list[object]:
    return [value.text, value.section, value.year, value.kind, value.after]


def _write_listing(value: ListKey) -> list[object]:
    return [value.kind, value.key]


def _write_failure(value: Failure) -> list[object]:
    successor = _maybe(_write_summary, value.successor)
    return [value.status, value.headline, value.reason, successor]


def _write_summary(value: ArticleSummary) -> list[object]:
    moment = value.published
    return [
        value.id,
        value.kind,
        value.locale,
        value.headline,
        value.lead,
        value.path,
        [moment.at.isoformat(), moment.precision, moment.time_zone],
        _maybe(_write_section, value.section),
        _maybe(_write_image, value.image),
    ]


def _write_section(value: SectionReference) -> list[object]:
    return [value.id, value.key, value.name, value.path]


def _write_image(value: Image) -> list[object]:
    return [
        value.id,
        value.alt,
        value.decorative,
        value.caption,
        value.credit,
        value.width,
        value.height,
        [_write_rendition(part) for part in value.renditions],
    ]


def _write_rendition(value: Rendition) -> list[object]:
    return [value.src, value.width, value.height, value.format, value.size, value.crop]


def _maybe(convert: Any, value: Any) -> Any:
    return None if value is None else convert(value)
