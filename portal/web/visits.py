"""Counts opened pages. The browser says so after a while of reading; no address is ever stored.

A GET writes nothing: counts come by POST, are added up in memory and reach the database in
batches. A process that dies loses what it counted within the last `FLUSH_SECONDS`.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from datetime import datetime
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from flask import Blueprint
from flask import Response
from flask import request

from portal.block import RateLimit
from portal.block import is_from_here
from portal.content import commands
from portal.site import Site

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from portal.web.services import Services

log = logging.getLogger(__name__)

FLUSH_SECONDS = 10.0
MOST_ARTICLES = 20_000
"""Articles counted between two flushes; further ones are passed over, so memory is bounded."""
LARGEST_BODY = 64
VISITS_PER_SENDER = 120
PER = timedelta(minutes=1)


class VisitCounter:
    """Adds up visits and views by day, and writes them down now and then. Safe between threads."""

    def __init__(
        self,
        site: Site,
        clock: Callable[[], datetime],
        write: Callable[[], AbstractContextManager[Session]],
    ) -> None:
        self._site = site
        self._clock = clock
        self._write = write
        self._lock = threading.Lock()
        self._visits: dict[date, int] = {}
        self._views: dict[date, dict[int, int]] = {}
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def count(self, article: int | None) -> None:
        """Note that a page was read, and which article it showed."""
        day = self._clock().astimezone(ZoneInfo(self._site.time_zone)).date()
        with self._lock:
            self._visits[day] = self._visits.get(day, 0) + 1
            views = self._views.setdefault(day, {})
            if article is not None and (article in views or len(views) < MOST_ARTICLES):
                views[article] = views.get(article, 0) + 1
            if self._thread is None and not self._stop.is_set():
                # Begun at the first count, so after a server has forked.
                self._thread = threading.Thread(target=self._work, name="visits", daemon=True)
                self._thread.start()

    def flush(self) -> None:
        """Write down what was counted; raise the database's error and keep the counts."""
        with self._lock:
            visits, self._visits = self._visits, {}
            views, self._views = self._views, {}
        if not visits:
            return
        try:
            with self._write() as session:
                for day, number in visits.items():
                    commands.count_visits(session, self._site.key, day, number)
                    commands.count_views(session, self._site.key, day, views[day])
        except Exception:
            self._put_back(visits, views)
            raise

    def close(self) -> None:
        """Stop counting down and write down the rest."""
        self._stop.set()
        try:
            self.flush()
        except Exception:
            log.exception("the last counts of visits are lost")

    def _put_back(self, visits: dict[date, int], views: dict[date, dict[int, int]]) -> None:
        with self._lock:
            for day, number in visits.items():
                self._visits[day] = self._visits.get(day, 0) + number
                kept = self._views.setdefault(day, {})
                for article, more in views[day].items():
                    if article in kept or len(kept) < MOST_ARTICLES:
                        kept[article] = kept.get(article, 0) + more

    def _work(self) -> None:
        while not self._stop.wait(FLUSH_SECONDS):
            try:
                self.flush()
            except Exception:
                log.warning("visits cannot be written down; trying again", exc_info=True)


def make_visits(services: Services) -> Blueprint:
    """The address that browsers send their counts to."""
    visits = Blueprint("portal-visits", __name__)
    limit = RateLimit(VISITS_PER_SENDER, PER)

    @visits.post("/-/visits")
    def visit() -> Response:
        """The body is the number of the article, or empty on another page."""
        if (request.content_length or 0) > LARGEST_BODY:
            return Response(status=413)
        text = request.get_data(cache=False).decode("ascii", "replace").strip()
        if text and not (text.isdecimal() and len(text) <= 12):
            return Response(status=400)
        if not is_from_here(request.headers, request.host, unsaid=True):
            return Response(status=403)
        if not limit.allows(request.remote_addr or "", services.clock()):
            return Response(status=429)
        services.visits.count(int(text) if text else None)
        return Response(status=204)

    return visits
