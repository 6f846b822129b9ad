"""What statements cost: wall time, and CPU time of whoever computes the answer.

SQLite computes in this process. PostgreSQL has a process for each connection; the kernel says to
the nanosecond how long it ran. Other work on the machine disturbs CPU time least.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlalchemy import event
from sqlalchemy.orm import Session

Statement = tuple[str, Any]


@dataclass(slots=True)
class Times:
    """Seconds of many calls."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def add(self, times: tuple[float, float]) -> None:
        """Note one call's wall and CPU time."""
        self.wall.append(times[0])
        self.cpu.append(times[1])

    def __add__(self, other: Times) -> Times:
        return Times(self.wall + other.wall, self.cpu + other.cpu)

    def summary(self) -> dict[str, float]:
        """Milliseconds, median and 95th percentile."""
        if len(self.wall) < 2:
            return {"calls": len(self.wall)}
        summary: dict[str, float] = {"calls": len(self.wall)}
        for name, values in (("wall", self.wall), ("cpu", self.cpu)):
            summary[f"{name}_p50_ms"] = round(statistics.median(values) * 1000, 3)
            summary[f"{name}_p95_ms"] = round(statistics.quantiles(values, n=20)[-1] * 1000, 3)
        return summary

    def median(self) -> float:
        """Median CPU seconds."""
        return statistics.median(self.cpu)


@dataclass(frozen=True, slots=True)
class Meter:
    """Measures what happens on one connection."""

    session: Session
    engine: Engine

    def call(self, function: Callable[[], Any]) -> tuple[float, float]:
        """Wall and CPU seconds of a call in this process, with what its database took of both."""
        started, here, there = time.perf_counter(), time.thread_time(), self._backend()
        function()
        return (
            time.perf_counter() - started,
            time.thread_time() - here + self._backend() - there,
        )

    def run(self, statements: Sequence[Statement]) -> tuple[float, float]:
        """Wall and CPU seconds of statements, sent through the bare driver, with their rows.

        The CPU time is that of the database alone. PostgreSQL gets them prepared, as a connection
        has them that has served for a while; its driver would send the first five of a kind anew.
        """
        driver: Any = self.session.connection().connection.driver_connection
        remote = self.engine.dialect.name == "postgresql"
        clock = self._backend if remote else time.thread_time
        options = {"prepare": True} if remote else {}
        started, before = time.perf_counter(), clock()
        for sql, values in statements:
            driver.execute(sql, values, **options).fetchall()
        return time.perf_counter() - started, clock() - before

    @contextmanager
    def noting(self) -> Iterator[list[Statement]]:
        """The statements that are sent meanwhile."""
        noted: list[Statement] = []

        def note(*call: Any) -> None:
            noted.append((call[2], call[3]))

        event.listen(self.engine, "before_cursor_execute", note)
        try:
            yield noted
        finally:
            event.remove(self.engine, "before_cursor_execute", note)

    def _backend(self) -> float:
        if self.engine.dialect.name != "postgresql":
            return 0.0
        driver: Any = self.session.connection().connection.driver_connection
        spent = Path(f"/proc/{driver.info.backend_pid}/schedstat").read_text(encoding="ascii")
        return int(spent.split()[0]) / 1e9
