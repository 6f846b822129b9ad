"""Reading aids for one article: its dates, text size, contrast, listening, print, save, share."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from datetime import time
from datetime import timedelta
from itertools import groupby
from typing import Literal
from zoneinfo import ZoneInfo

from blocks.toolbar.abbreviations import ABBREVIATIONS
from blocks.toolbar.abbreviations import LETTERS
from blocks.toolbar.settings import Part
from blocks.toolbar.settings import Speech
from blocks.toolbar.settings import ToolbarSettings
from portal.block import Block
from portal.block import BlockContext
from portal.block import CachePolicy
from portal.content import queries
from portal.content.values import Article
from portal.content.values import Moment

SYLLABLES_PER_MINUTE = 260
"""An assumption for silent reading of Vietnamese; no study of news readers was found."""

NOTEWORTHY_AFTER = timedelta(hours=1)
"""Changes within the first hour belong to publishing, not to updating."""

RowKind = Literal["story", "facts", "tools"]

_ROW_KINDS: dict[Part, RowKind] = {
    "headline": "story",
    "lead": "story",
    "date": "facts",
    "updated": "facts",
    "reading_time": "facts",
}

_SPEECH_TEXTS = (
    "listen",
    "pause",
    "resume",
    "progress",
    "unread_table",
    "unread_table_named",
    "read_caption",
    "spoken_date",
    "spoken_day",
    "spoken_day_after",
    "spoken_month",
    "spoken_fraction",
    "spoken_range",
    "spoken_number",
    "spoken_number_of_year",
    "speech_failed",
)

block = Block(
    "toolbar",
    __name__,
    settings=ToolbarSettings,
    needs={"article": Article},
    cache=CachePolicy(fresh="1d", stale="1d"),
    aliases=("Block_BanTin_Toolbar",),
    headline=lambda settings: "headline" in settings.show,
)


@dataclass(frozen=True, slots=True)
class Row:
    """Neighbouring parts of one kind; a row of tools wraps, a story part stands alone."""

    kind: RowKind
    parts: tuple[Part, ...]


@block.render
def render(ctx: BlockContext[ToolbarSettings]) -> dict[str, object] | None:
    """What the template shows; parts without content are left out, and no part means no block."""
    article, settings = ctx.article, ctx.settings
    updated = noteworthy_update(article)
    minutes = reading_minutes(article.body_text)
    missing = {
        "lead": not article.lead,
        "updated": updated is None,
        "reading_time": minutes is None,
    }
    rows = arrange([part for part in settings.show if not missing.get(part)])
    if not rows:
        return None
    return {
        "article": article,
        "rows": rows,
        "updated": updated,
        "minutes": minutes,
        "listing": queries.place_path(ctx.reader, "offline"),
        "sizes": " ".join(f"{size:g}" for size in settings.sizes),
        "dictionary": as_lines(spoken_words(settings.speech, article.locale)),
        "letters": as_lines(LETTERS.get(article.locale, {})),
        "speech_texts": as_lines({key: ctx.text(key) for key in _SPEECH_TEXTS}),
    }


def arrange(parts: Sequence[Part]) -> tuple[Row, ...]:
    """Put neighbours of one kind into one row; the order of the parts stays as it is set."""
    return tuple(
        Row(kind, tuple(group))
        for kind, group in groupby(parts, lambda part: _ROW_KINDS.get(part, "tools"))
    )


def noteworthy_update(article: Article) -> Moment | None:
    """When the article was last changed for its readers; `None` for re-saves and early changes.

    A publication known by its day only counts as lasting until that day ends.
    """
    if article.updated is None or not article.corrections:
        return None
    published = article.published
    settled = published.at + NOTEWORTHY_AFTER
    if published.precision == "day":
        zone = ZoneInfo(published.time_zone)
        next_day = published.at.astimezone(zone).date() + timedelta(days=1)
        settled = datetime.combine(next_day, time(), tzinfo=zone)
    if article.updated <= settled:
        return None
    return Moment(article.updated, "minute", published.time_zone)


def reading_minutes(text: str) -> int | None:
    """Whole minutes of silent reading, at least one; `None` where there is nothing to read."""
    syllables = len(text.split())
    if not syllables:
        return None
    return max(1, (syllables + SYLLABLES_PER_MINUTE // 2) // SYLLABLES_PER_MINUTE)


def spoken_words(speech: Speech, language: str) -> dict[str, str]:
    """Abbreviations of a text in `language` and what is said for them, shipped and own ones."""
    own = {
        unicodedata.normalize("NFC", short): words
        for short, words in speech.dictionary.get(language, {}).items()
    }
    merged = {**ABBREVIATIONS.get(language, {}), **own}
    return {short: words for short, words in merged.items() if words}


def as_lines(pairs: Mapping[str, str]) -> str:
    """`key=value` lines for a data attribute: JSON's quotes would each take five bytes there."""
    return "\n".join(f"{key}={value}" for key, value in pairs.items())
