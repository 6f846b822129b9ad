"""Documents for programs: made from one snapshot, remembered, and judged exactly as fragments are.

A document is one piece, so there is nothing to compose: its name takes the place of a placement,
and the function that builds it that of a block. It is built once for all who ask at the same time,
beside the thread that asks, and only so many at once that pages always find a snapshot. Processes
share what they made.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta

from portal.cache import RENDERED
from portal.cache import Entry
from portal.cache import Flights
from portal.cache import LogTable
from portal.cache import MemoryTier
from portal.cache import Shared
from portal.cache import View
from portal.cache import document_key
from portal.cache import key_tag
from portal.cache import may_be_renewed_behind
from portal.cache import seal_digest
from portal.cache import usable
from portal.compose.afterwards import Afterwards
from portal.compose.attempt import is_database_trouble
from portal.compose.worker import OpenSnapshot
from portal.compose.worker import RenderWorker
from portal.compose.worker import Snapshot
from portal.content.reader import Reader
from portal.errors import ContentUnavailable

Build = Callable[[Reader], bytes]

PATIENCE = timedelta(seconds=5)
"""Longest wait for a snapshot, where others make documents and where the database is slow."""
FRESH = timedelta(hours=1)
STALE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Document:
    """A finished document. `etag` follows from its bytes; `lifetime` is seconds."""

    body: bytes
    etag: str
    tags: frozenset[str]
    lifetime: float


class DocumentMaker:
    """Makes and remembers documents. Safe to share between threads."""

    def __init__(
        self,
        *,
        site: str,
        page_digest: str,
        table: LogTable,
        memory: MemoryTier,
        shared: Shared,
        storing: Afterwards,
        snapshots: Callable[[str, datetime, View], OpenSnapshot],
        clock: Callable[[], datetime],
        budget: timedelta,
    ) -> None:
        self._site = site
        self._page_digest = page_digest
        self._table = table
        self._memory = memory
        self._shared = shared
        self._storing = storing
        self._snapshots = snapshots
        self._clock = clock
        self._budget = budget
        self._flights = Flights()

    def document(self, name: str, locale: str, build: Build) -> Document:
        """The document `name`, from memory while nothing it was built from has changed.

        `name` holds everything that `build` depends on beside the content and the release. Raises
        what `build` raises, of which nothing is remembered, and `ContentUnavailable` when it is
        not there in time; an older one that is still true stands in while its time allows.
        """
        now = self._clock()
        key = document_key(self._site, self._page_digest, locale, name)
        entry = self._usable(key, now)
        if entry is None:
            entry = self._made_once(key, locale, now, build)
        lifetime = max(0.0, entry.fresh_until - now.timestamp())
        return Document(entry.html, entry.digest, entry.tags, lifetime)

    def _usable(self, key: str, now: datetime) -> Entry | None:
        view = self._view()
        held = self._memory.get(key, RENDERED)
        if held is not None and usable(held.entry, view.position, view, now.timestamp()):
            return held.entry
        return None

    def _made_once(self, key: str, locale: str, now: datetime, build: Build) -> Entry:
        """What this reader makes, or what another one made of it after this one had asked."""
        with self._flights.take_off([key]) as flight:
            flight.wait(self._budget.total_seconds())
            entry = self._usable(key, now) if flight.joined else None
            return entry or self._fetched(key, now) or self._made(key, locale, now, build)

    def _fetched(self, key: str, now: datetime) -> Entry | None:
        """What another process made, which may have seen more of the log than this one."""
        view = self._view()
        pack = self._shared.get_many(view.epoch, [key]).get(key, ())
        for entry in pack:
            self._memory.put(key, entry)
        if any(entry.stamp.position > view.position for entry in pack):
            try:
                self._table.ensure()
            except ContentUnavailable:
                return None
        return self._usable(key, now) if pack else None

    def _made(self, key: str, locale: str, now: datetime, build: Build) -> Entry:
        view = self._view()
        try:
            entry = self._build(locale, now, view, build, key_tag(key))
        except Exception as problem:
            held = self._memory.get(key, RENDERED)
            if held is None or not is_database_trouble(problem):
                raise
            if not may_be_renewed_behind(held.entry, view.position, view, now.timestamp()):
                raise
            return held.entry
        self._memory.put(key, entry)
        self._storing.add(lambda: self._share(key, entry, now))
        return entry

    def _share(self, key: str, entry: Entry, now: datetime) -> None:
        self._shared.set_many(entry.stamp.epoch, {key: (entry,)}, now.timestamp())

    def _build(self, locale: str, now: datetime, view: View, build: Build, own_tag: str) -> Entry:
        """Build beside this thread. Raises `ContentUnavailable` when that takes too long."""
        opener = self._snapshots(locale, now, view)
        try:
            with RenderWorker(opener, PATIENCE, self._table.ensure) as worker:
                self._table.merge(worker.snapshot.rows)
                future = worker.submit(lambda snapshot: _make(snapshot, build, own_tag))
                return worker.wait(future, self._budget.total_seconds())
        except TimeoutError as late:
            raise ContentUnavailable("a document was not there in time") from late

    def _view(self) -> View:
        """The log's state; when the database cannot be read, the last one that was known."""
        try:
            return self._table.current()
        except ContentUnavailable:
            return self._table.view


def name_text(path: str) -> str:
    """What the document is called that has the text of the article at `path`."""
    return f"text {path}"


def _make(snapshot: Snapshot, build: Build, own_tag: str) -> Entry:
    reader = snapshot.reader.recording()
    body = build(reader)
    reads, now = reader.reads, reader.now.timestamp()
    fresh_until = now + FRESH.total_seconds()
    stale_until = fresh_until + STALE.total_seconds()
    ends = reads.until.timestamp() if reads.until is not None else None
    if ends is not None:
        fresh_until, stale_until = min(fresh_until, ends), min(stale_until, ends)
    return Entry(
        stamp=snapshot.stamp,
        tags=frozenset(reads.tags) | {tag.partition(":")[0] for tag in reads.tags} | {own_tag},
        created=now,
        fresh_until=fresh_until,
        stale_until=stale_until,
        digest=seal_digest(body),
        html=body,
        ends=ends,
    )
