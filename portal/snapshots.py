"""Opens the content for reading, and keeps a process's idea of it current."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterator
from collections.abc import Mapping
from concurrent.futures import Future
from contextlib import AbstractContextManager
from contextlib import ExitStack
from contextlib import contextmanager
from datetime import datetime
from time import monotonic

from flask import Flask
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from portal.cache import View
from portal.compose import Snapshot
from portal.content.engine import is_standby
from portal.content.engine import is_unavailable
from portal.content.engine import open_snapshot
from portal.content.epoch import renew_epoch
from portal.content.log import read_times
from portal.content.reader import Reader
from portal.content.stamps import HeldConnectionLog
from portal.content.stamps import Listener
from portal.content.stamps import LogRows
from portal.content.stamps import Stamp
from portal.errors import ContentUnavailable
from portal.extensions import db
from portal.extensions import observe_engine
from portal.forking import begin_anew_after_fork
from portal.sight import Observer
from portal.sight import current_trace
from portal.site import Site

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]
Opened = tuple[Session, LogRows]

MOST_BESIDE_PAGES = 2
"""Snapshots that a process holds at once for documents: pages find connections left in the pool."""
TURN_SECONDS = 4.0
"""Longest wait for one of them."""
CLOSING_SECONDS = 5.0
REPLICA_PATIENCE_SECONDS = 0.25
"""Longest wait for a snapshot of the replica before the primary is asked."""
REPLICA_REST_SECONDS = 5.0
"""How long a replica in trouble is left alone."""


class Replica:
    """A hot standby that takes snapshots off the primary. Safe to share between threads.

    It lags behind, so it may serve a page only if it has reached what that page's process knows.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._rests_until = 0.0

    def open(self, stack: ExitStack, view: View) -> Opened | None:
        """A snapshot that `stack` closes; none if the replica is behind `view`, or in trouble."""
        if monotonic() < self._rests_until:
            return None
        outcome: Future[tuple[ExitStack, Opened]] = Future()
        threading.Thread(
            target=self._try, args=(outcome, view), name="replica", daemon=True
        ).start()
        try:
            own, (session, rows) = outcome.result(timeout=REPLICA_PATIENCE_SECONDS)
        except (SQLAlchemyError, ContentUnavailable, TimeoutError) as problem:
            outcome.add_done_callback(_give_back)
            self._rests_until = monotonic() + REPLICA_REST_SECONDS
            log.warning("the read replica is left alone for a while: %r", problem)
            return None
        stack.enter_context(own)
        if rows.epoch == view.epoch and rows.position >= view.position:
            return session, rows
        own.close()
        return None

    def _try(self, outcome: Future[tuple[ExitStack, Opened]], view: View) -> None:
        with ExitStack() as stack:
            try:
                opened = stack.enter_context(open_snapshot(self._engine, view.epoch, view.position))
                if not is_standby(opened[0]):
                    # Promoted or mistaken: it has a history of its own now.
                    raise ContentUnavailable("PORTAL_DATABASE_REPLICA_URL leads to no standby")
            except Exception as problem:  # noqa: BLE001 - handed to who asked
                outcome.set_exception(problem)
            else:
                outcome.set_result((stack.pop_all(), opened))

    def after_fork(self) -> None:
        """Leave the parent's connections alone."""
        self._engine.dispose(close=False)

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()


def _give_back(outcome: Future[tuple[ExitStack, Opened]]) -> None:
    """Close a snapshot that came too late."""
    if outcome.exception() is None:
        outcome.result()[0].close()


class Snapshots:
    """Opens the content for reading, each time in one snapshot of its own."""

    def __init__(
        self,
        app: Flask,
        site: Site,
        clock: Clock,
        observer: Observer,
        replica: Replica | None = None,
    ) -> None:
        self._app = app
        self._site = site
        self._clock = clock
        self.log = HeldConnectionLog(self.engine)
        self._observer = observer
        self._observed: Engine | None = None
        self._replica = replica
        self._open = 0
        self._changed = threading.Condition()
        self._turns = threading.BoundedSemaphore(MOST_BESIDE_PAGES)
        self.notice_commit: Callable[[], object] = lambda: None
        begin_anew_after_fork(self)

    def engine(self) -> Engine:
        """The engine of this application; made by Flask-SQLAlchemy at first use."""
        with self._app.app_context():
            engine = db.engine
        with self._changed:
            if self._observed is not engine:
                self._observed = engine
                observe_engine(engine, self._answered, self._failed)
        return engine

    def _answered(self, seconds: float) -> None:
        self._observer.asked("database", seconds)
        trace = current_trace()
        if trace is not None:
            trace.spend("database", seconds)

    def _failed(self, kind: str) -> None:
        self._observer.unanswered("database", kind)

    @property
    def tells_of_commits(self) -> bool:
        """Whether this database notifies, so that its log can be followed."""
        return str(self._app.config["SQLALCHEMY_DATABASE_URI"]).startswith("postgresql")

    def listen(self) -> Listener:
        """A connection that hears of commits; raise `ContentUnavailable` without a database."""
        return Listener(self.engine())

    def opener(
        self, locale: str, moment: datetime, view: View
    ) -> Callable[[], AbstractContextManager[Snapshot]]:
        """A function that opens a snapshot and reads the log rows that `view` lacks."""

        @contextmanager
        def open_it() -> Iterator[Snapshot]:
            with self._counted(), self._opened(view) as (session, rows):
                reader = self._reader(session, locale, moment)
                yield Snapshot(reader, Stamp(rows.epoch, rows.position), rows)

        return open_it

    def opener_in_turn(
        self, locale: str, moment: datetime, view: View
    ) -> Callable[[], AbstractContextManager[Snapshot]]:
        """The same for what is no page: of these only so many are open at once.

        Opening raises `ContentUnavailable` when none was given back in time.
        """
        open_it = self.opener(locale, moment, view)

        @contextmanager
        def open_in_turn() -> Iterator[Snapshot]:
            # Taken along: after a fork there are others.
            turns = self._turns
            if not turns.acquire(timeout=TURN_SECONDS):
                raise ContentUnavailable("too many documents are being made at the same time")
            try:
                with open_it() as snapshot:
                    yield snapshot
            finally:
                turns.release()

        return open_in_turn

    def offline(
        self, locale: str, moment: datetime, view: View
    ) -> Callable[[], AbstractContextManager[Snapshot]]:
        """The same without a database: what reads content fails, what does not is rendered."""

        @contextmanager
        def open_it() -> Iterator[Snapshot]:
            # A session without an engine raises at its first statement.
            reader = self._reader(Session(), locale, moment)
            rows = LogRows(view.epoch, view.floor, view.position, after=view.position)
            yield Snapshot(reader, Stamp(rows.epoch, rows.position), rows)

        return open_it

    @contextmanager
    def _opened(self, view: View) -> Iterator[Opened]:
        with ExitStack() as stack:
            opened = self._replica.open(stack, view) if self._replica is not None else None
            if opened is None:
                primary = open_snapshot(self.engine(), view.epoch, view.position)
                opened = stack.enter_context(primary)
            yield opened

    @contextmanager
    def read(self, locale: str) -> Iterator[Reader]:
        """A reader for one question outside of composition.

        Raises `ContentUnavailable` when the database is in trouble.
        """
        try:
            with open_snapshot(self.engine()) as (session, _):
                yield self._reader(session, locale, self._clock())
        except SQLAlchemyError as problem:
            if is_unavailable(problem):
                raise ContentUnavailable(f"the database cannot be asked: {problem}") from problem
            raise

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A transaction for commands; committed at the end, rolled back by an error."""
        with Session(self.engine()) as session, session.begin():
            yield session
        self.notice_commit()

    @contextmanager
    def _counted(self) -> Iterator[None]:
        with self._changed:
            self._open += 1
        try:
            yield
        finally:
            with self._changed:
                self._open -= 1
                self._changed.notify_all()

    def close(self) -> None:
        """Close every connection; the next reader opens new ones.

        Waits a little for render threads that still hold a snapshot.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._open == 0, timeout=CLOSING_SECONDS)
        self.log.close()
        self.engine().dispose()
        if self._replica is not None:
            self._replica.close()

    def after_fork(self) -> None:
        """Begin anew in a child process: sockets and threads are the parent's."""
        self._open = 0
        self._changed = threading.Condition()
        self._turns = threading.BoundedSemaphore(MOST_BESIDE_PAGES)
        self.log.after_fork()
        if self._observed is not None:
            self._observed.dispose(close=False)
        if self._replica is not None:
            self._replica.after_fork()

    def log_times(self, positions: Collection[int]) -> Mapping[tuple[int, str], datetime]:
        """When rows of the log were written, by position and tag; see `portal.content.log`."""
        if not positions:
            return {}
        try:
            return read_times(self.engine(), positions)
        except SQLAlchemyError as problem:
            raise ContentUnavailable(f"the change log cannot be read: {problem}") from problem

    def renew_epoch(self) -> None:
        """Begin a new epoch: the database went back. Raises `ContentUnavailable` if it cannot."""
        try:
            renew_epoch(self.engine())
        except SQLAlchemyError as problem:
            raise ContentUnavailable(f"the epoch cannot be renewed: {problem}") from problem

    def _reader(self, session: Session, locale: str, moment: datetime) -> Reader:
        site = self._site
        return Reader(session, site.key, locale, site.default_locale, site.time_zone, moment)
