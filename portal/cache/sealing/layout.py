"""How an entry lies in a pack: its fixed fields, its limits, and every field of what is sealed.

    entry: fixed fields, then text (epoch, digest, label, cause's tag, tags one a line), HTML, extra

The fixed fields hold the lengths: of the parts of the text in characters, so that it is decoded
once; of all else in bytes. `extra` is compact JSON of what few entries have: head parts, assets,
groups, a resolution, states.
"""

from __future__ import annotations

import struct

from portal.block import Failure
from portal.block import Group
from portal.block import HeadPart
from portal.block import ListKey
from portal.block import Subject
from portal.cache.entry import Entry
from portal.cache.entry import Resolution
from portal.cache.reason import Reason
from portal.content.stamps import Stamp
from portal.content.values import ArticleSummary
from portal.content.values import Image
from portal.content.values import Moment
from portal.content.values import Rendition
from portal.content.values import SearchQuery
from portal.content.values import SectionReference

FORMAT = 5
"""Raise it with every change of the layout or of a sealed class."""

FIXED = struct.Struct("<BBqqddddddIIIIIII")
"""Flags, kind of the cause, positions, moments, lengths; see `writing`."""
ENDS, EXTRA = 1, 2
"""Flags: the entry ends by itself; it has an `extra`."""
EXTRA_FIELDS = frozenset({"head", "assets", "groups", "resolution", "states", "tags"})
ERRORS = "surrogatepass"
"""What a key, a label or a path may hold is not ours to refuse: half a surrogate pair survives."""

SEALED_FIELDS: dict[type, tuple[str, ...]] = {
    Entry: (
        "stamp",
        "tags",
        "created",
        "fresh_until",
        "stale_until",
        "digest",
        "html",
        "head",
        "assets",
        "groups",
        "resolution",
        "states",
        "cost",
        "ends",
        "label",
        "cause",
    ),
    Reason: ("kind", "tag", "position", "at"),
    Stamp: ("epoch", "position"),
    HeadPart: ("tag", "identity", "attributes", "text"),
    Group: ("name", "ids", "limit"),
    Resolution: ("status", "subject", "section_key", "tags", "location"),
    Subject: (
        "page_type",
        "path",
        "article_id",
        "section_key",
        "page_number",
        "failure",
        "search",
        "listing",
        "item",
    ),
    SearchQuery: ("text", "section", "year", "kind", "after"),
    ListKey: ("kind", "key"),
    Failure: ("status", "headline", "reason", "successor"),
    ArticleSummary: (
        "id",
        "kind",
        "locale",
        "headline",
        "lead",
        "path",
        "published",
        "section",
        "image",
    ),
    Moment: ("at", "precision", "time_zone"),
    SectionReference: ("id", "key", "name", "path"),
    Image: ("id", "alt", "decorative", "caption", "credit", "width", "height", "renditions"),
    Rendition: ("src", "width", "height", "format", "size", "crop"),
}
"""Every field that a pack holds, by class and in order. A test compares it with the classes, so a
field added elsewhere cannot be lost here unnoticed."""
