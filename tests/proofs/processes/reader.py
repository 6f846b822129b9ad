"""Readers: `reader PLAN WORKER…`, a thread for each worker; prints what they saw as JSON.

Every answer is judged by the moment its request began.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import sys
import threading
import time
from dataclasses import asdict
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path

from tests.proofs.processes.board import Board
from tests.proofs.processes.marks import WrongPage
from tests.proofs.processes.marks import read_marks
from tests.proofs.processes.plan import Address
from tests.proofs.processes.plan import Plan
from tests.proofs.processes.plan import read_plan

PATIENCE = 30.0
PAUSE = 0.004
"""Seconds between two requests: the proof is no load test, and shares its processors."""


@dataclass(slots=True)
class Report:
    """What the readers of a worker saw. `late` are seconds after an acknowledgement at which the
    last page began that did not show the save, by article and version; `times` are seconds of every
    request of a worker that was left alone, apart from those while Redis was dead or stopped."""

    worker: int
    pages: int = 0
    not_modified: int = 0
    degraded: int = 0
    degraded_without_reason: int = 0
    times: list[float] = field(default_factory=list)
    times_without_redis: list[float] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    broken_off: int = 0
    late: dict[str, float] = field(default_factory=dict)


class Reader(threading.Thread):
    """Reads from one worker until the board says stop."""

    def __init__(self, plan: Plan, board: Board, address: Address, seed: int) -> None:
        super().__init__(name=f"reader of {address.port}")
        self.report = Report(address.number)
        self._plan = plan
        self._board = board
        self._address = address
        self._chance = random.Random(seed)  # noqa: S311 - no secret
        self._seen: dict[str, tuple[str, dict[int, int]]] = {}
        self._connection: http.client.HTTPConnection | None = None
        self._opened = 0.0

    def run(self) -> None:
        while not self._board.is_stopped:
            path = self._chance.choice(self._plan.paths)
            try:
                self._read(path)
            except WrongPage as wrong:
                self.report.violations.append(f"worker {self._address.number}, {path}: {wrong}")
            time.sleep(PAUSE)
        self._hang_up()

    def _read(self, path: str) -> None:
        report, started = self.report, time.monotonic()
        try:
            answer, body = self._ask(path)
        except (OSError, http.client.HTTPException) as problem:
            self._hang_up()
            report.broken_off += 1
            if not self._is_excused(self._opened):
                raise WrongPage(f"a request failed without reason: {problem!r}") from problem
            return
        took = time.monotonic() - started
        if not self._is_excused(started):
            troubled = self._board.was_troubled(self._plan.redis, started, time.monotonic())
            (report.times_without_redis if troubled else report.times).append(round(took, 4))
        report.pages += 1
        if answer.status == 304:
            report.not_modified += 1
            shown = self._seen[path][1]
        elif answer.status == 200:
            shown = read_marks(body)
            etag = answer.headers["ETag"]
            if etag is None:
                report.degraded += 1
                report.degraded_without_reason += not self._is_excused(started)
                return
            self._seen[path] = etag, shown
        else:
            raise WrongPage(f"status {answer.status}")
        self._judge(shown, started)

    def _ask(self, path: str) -> tuple[http.client.HTTPResponse, bytes]:
        if self._connection is None:
            self._opened = time.monotonic()
            self._connection = http.client.HTTPConnection(
                self._address.host, self._address.port, timeout=PATIENCE
            )
        headers = {}
        if path in self._seen and self._chance.random() < 0.3:
            headers["If-None-Match"] = self._seen[path][0]
        self._connection.request("GET", path, headers=headers)
        answer = self._connection.getresponse()
        return answer, answer.read()

    def _hang_up(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _is_excused(self, since: float) -> bool:
        """Whether the worker was killed or stopped between then and now."""
        return self._board.was_troubled(self._address.number, since, time.monotonic())

    def _judge(self, shown: dict[int, int], started: float) -> None:
        board = self._board
        if not shown:
            raise WrongPage("no article is on the page")
        for article, version in shown.items():
            if version > board.begun(article):
                raise WrongPage(f"article {article} in version {version}, which nobody saved yet")
            required = board.required(article, started - self._address.delay)
            for missed in range(version + 1, board.required(article, started) + 1):
                late = started - board.acknowledged_at(article, missed)
                name = f"{article}:{missed}"
                self.report.late[name] = max(late, self.report.late.get(name, 0.0))
            if version < required:
                raise WrongPage(
                    f"article {article} in version {version}; {required} was acknowledged"
                    f" {started - board.acknowledged_at(article, version + 1):.3f} s before"
                    " the request began"
                )


def main(file: str, *workers: str) -> None:
    """Read from these workers."""
    plan = read_plan(Path(file))
    board = plan.open_board()
    readers = [
        Reader(plan, board, address, seed=os.getpid() + address.number)
        for address in plan.workers
        if str(address.number) in workers
    ]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    print(json.dumps([asdict(reader.report) for reader in readers]))  # noqa: T201 - the result


if __name__ == "__main__":
    main(*sys.argv[1:])
