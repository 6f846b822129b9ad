"""The block BanTin_Toolbar: publication date, page controls, headline and lead."""

from __future__ import annotations

from dataclasses import dataclass

from portal.importing.chrome import without_chrome
from portal.importing.dates import PrintedDate
from portal.importing.dates import parse_date_line
from portal.importing.dump import DumpRefused
from portal.importing.dump import Published
from portal.importing.markers import PARAGRAPH_END
from portal.importing.markers import Line
from portal.importing.markers import MarkedBlock
from portal.importing.notes import Notes


@dataclass(frozen=True, slots=True)
class ToolbarText:
    """What the block says of the article."""

    published: Published | None
    headline: str
    lead: str


def read_toolbar(block: MarkedBlock, notes: Notes) -> ToolbarText:
    """Read the block; raise `DumpRefused` where no line is left for a headline."""
    dates: list[tuple[Line, PrintedDate]] = []
    words: list[Line] = []
    for line in block.lines:
        rest = without_chrome(line.text)
        printed = parse_date_line(line.text) or (parse_date_line(rest) if rest else None)
        if printed is not None:
            dates.append((line, printed))
        elif rest:
            words.append(line)
    if not words:
        raise DumpRefused(
            notes.file,
            block.marker_line,
            f"block {block.ident} has no headline; write it on a line of its own below the marker",
        )
    published = _choose_date(dates, block, notes)
    headline, *lead = words
    notes.origin("headline", headline.number, "first-other-line")
    _note_lead(headline, lead, notes)
    return ToolbarText(published, headline.text, " ".join(line.text for line in lead))


def _choose_date(
    dates: list[tuple[Line, PrintedDate]], block: MarkedBlock, notes: Notes
) -> Published | None:
    """The first date that is not one of a change; every doubt is flagged."""
    for line, printed in dates:
        for rule, message in printed.problems:
            notes.flag(rule, line.number, message)
    if len(dates) > 1:
        first, last = dates[0][0].number, dates[-1][0].number
        texts = ", ".join(repr(line.text) for line, _ in dates)
        notes.flag("two-dates", first, f"which is the publication date: {texts}?", last_line=last)
    known = sorted((pair for pair in dates if pair[1].day), key=lambda pair: pair[1].update)
    if not known:
        if not dates:
            notes.flag("no-date", block.marker_line, "the page showed no publication date")
        return None
    line, printed = known[0]
    if printed.day is None:
        return None
    if printed.update:
        notes.flag("date-of-update", line.number, "only the date of a change is known")
    notes.origin("published", line.number, "date-line")
    return Published(printed.day, printed.time)


def _note_lead(headline: Line, lead: list[Line], notes: Notes) -> None:
    if not lead:
        return
    first, last = lead[0], lead[-1]
    notes.origin("lead", first.number, "lines-after-headline", last_line=last.number)
    if len(lead) == 1:
        return
    if not first.text.endswith(PARAGRAPH_END):
        notes.flag(
            "headline-may-wrap",
            headline.number,
            "the next line has no full stop: it may be the rest of the headline",
            last_line=first.number,
        )
    notes.flag(
        "lead-of-several-paragraphs",
        first.number,
        f"{len(lead)} lines were joined into the lead",
        last_line=last.number,
    )
