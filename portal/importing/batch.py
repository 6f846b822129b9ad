"""Imports many dumps: in batches, each a transaction, so that an interrupted run can go on."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from dataclasses import field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from portal.content.commands import save_articles
from portal.content.imports import find_imported
from portal.content.queries import section_tree
from portal.content.reader import Reader
from portal.errors import ContentError
from portal.importing.drafting import check
from portal.importing.drafting import make_draft
from portal.importing.dump import Dump
from portal.importing.dump import DumpRefused
from portal.importing.report import FileOutcome
from portal.importing.report import ImportReport
from portal.importing.report import Outcome
from portal.importing.sources import find_files
from portal.importing.sources import printable
from portal.importing.sources import read_file

if TYPE_CHECKING:
    # Opens a session in a transaction that is committed on leaving and rolled back on an error.
    OpenSession = Callable[[], AbstractContextManager["Session"]]

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

FILES_PER_BATCH = 200

Identity = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Run:
    """What all batches of one run share. `seen` maps contents to the file that brought them."""

    open_session: OpenSession
    site: str
    section: str | None
    locale: str
    time_zone: str
    encoding: str | None
    now: datetime
    dry_run: bool
    batch: str
    seen: dict[Identity, str] = field(default_factory=dict)


def import_dumps(
    open_session: OpenSession,
    paths: Iterable[Path],
    *,
    site: str,
    section: str | None,
    time_zone: str,
    now: datetime,
    locale: str = "vi",
    encoding: str | None = None,
    dry_run: bool = False,
    progress: Callable[[], None] = lambda: None,
    files_per_batch: int = FILES_PER_BATCH,
) -> ImportReport:
    """Import text dumps; a folder stands for its `*.txt` files.

    Every batch of files is one transaction, and a content that is in the store is left alone even
    if it was edited since, so a run that was interrupted is repeated to finish it. A file is
    imported whole or not at all; a refused one does not hold up the others. `progress` is called
    after each file. A dry run reads the store and writes nothing. Raises `ContentError` for an
    unknown section before anything is read.
    """
    files = find_files(paths)
    batch = _batch_name(files, section, now)
    run = _Run(open_session, site, section, locale, time_zone, encoding, now, dry_run, batch)
    _require_section(run)
    outcomes: list[FileOutcome] = []
    for start in range(0, len(files), files_per_batch):
        some = files[start : start + files_per_batch]
        outcomes += _import_some(run, some)
        for _ in some:
            progress()
    return ImportReport(batch, dry_run, section, tuple(outcomes))


def _batch_name(files: Sequence[Path], section: str | None, now: datetime) -> str:
    """Tells runs of one second apart by what they read."""
    names = "\n".join((section or "", *map(printable, files)))
    return f"dump-{now:%Y%m%dT%H%M%SZ}-{hashlib.sha256(names.encode()).hexdigest()[:6]}"


def _require_section(run: _Run) -> None:
    if run.section is None:
        return
    with run.open_session() as session:
        reader = Reader(session, run.site, run.locale, run.locale, run.time_zone, run.now)
        known = [section.key for section in section_tree(reader)]
    if run.section not in known:
        raise ContentError(
            f"site {run.site!r} has no section {run.section!r}"
            f" (known: {', '.join(sorted(known)) or 'none'})"
        )


def _import_some(run: _Run, files: Sequence[Path]) -> list[FileOutcome]:
    outcomes: dict[Path, FileOutcome] = {}
    dumps: dict[Path, Dump] = {}
    for path in files:
        try:
            dump = check(read_file(path, run.encoding), run.time_zone, run.now)
        except DumpRefused as refusal:
            outcomes[path] = FileOutcome(refusal.file, "refused", reason=str(refusal))
            continue
        earlier = run.seen.setdefault(_identity(dump), dump.file)
        if earlier == dump.file:
            dumps[path] = dump
        else:
            outcomes[path] = _outcome(dump, "unchanged", reason=f"same content as {earlier}")
    outcomes |= _store(run, dumps)
    return [outcomes[path] for path in files]


def _store(run: _Run, dumps: dict[Path, Dump]) -> dict[Path, FileOutcome]:
    """Write a batch in one transaction; if the store refuses it, one for each file."""
    try:
        return _store_together(run, dumps)
    except ContentError:
        outcomes: dict[Path, FileOutcome] = {}
        for path, dump in dumps.items():
            try:
                outcomes |= _store_together(run, {path: dump})
            except ContentError as problem:
                reason = f"{dump.file}:1: {problem}"
                outcomes[path] = _outcome(dump, "refused", reason=reason)
        return outcomes


def _store_together(run: _Run, dumps: dict[Path, Dump]) -> dict[Path, FileOutcome]:
    if not dumps:
        return {}
    hashes = [dump.content_hash for dump in dumps.values()]
    with run.open_session() as session:
        known = find_imported(session, run.site, hashes)
        new = {path: dump for path, dump in dumps.items() if _identity(dump) not in known}
        written = {} if run.dry_run else _write(run, session, new)
    return {
        path: _outcome(dump, "flagged" if dump.flags else "imported", written.get(path))
        if path in new
        else _outcome(dump, "unchanged", known[_identity(dump)])
        for path, dump in dumps.items()
    }


def _write(run: _Run, session: Session, dumps: dict[Path, Dump]) -> dict[Path, int]:
    drafts = [
        make_draft(
            dump,
            section=run.section,
            locale=run.locale,
            time_zone=run.time_zone,
            batch=run.batch,
        )
        for dump in dumps.values()
    ]
    changes = save_articles(session, run.site, drafts, now=run.now, actor=run.batch)
    return {path: change.article_id for path, change in zip(dumps, changes, strict=True)}


def _identity(dump: Dump) -> Identity:
    return dump.system, dump.content_hash


def _outcome(
    dump: Dump, outcome: Outcome, article: int | None = None, reason: str = ""
) -> FileOutcome:
    return FileOutcome(
        file=dump.file,
        outcome=outcome,
        headline=dump.headline,
        content_hash=dump.content_hash,
        article=article,
        encoding=dump.encoding,
        flags=dump.flags if outcome == "flagged" else (),
        reason=reason,
    )
