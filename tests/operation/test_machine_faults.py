"""What readers notice when the machine has no room, no handles or another time: nothing."""

from __future__ import annotations

import errno
import json
import os
import resource
import shutil
import socket
import time
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from tests.operation.load import REQUESTS
from tests.operation.load import Stack
from tests.operation.load import edit
from tests.operation.load import fill
from tests.operation.load import load_on
from tests.operation.load import run_portal
from tests.operation.running import GRANIAN
from tests.operation.running import RunningServer
from tests.operation.running import environment
from tests.operation.running import run_server
from tests.operation.running import wait_until
from tests.servers import ServerMissing


def test_file_handles_run_out(sqlite_url: str, tmp_path: Path):
    """While idle clients hold all of them nobody else comes in; afterwards all is as ever."""
    fill(sqlite_url, tmp_path)
    with run_server(
        GRANIAN, environment(sqlite_url, tmp_path), tmp_path, "--workers", "1"
    ) as server:
        assert server.ask("/").status == 200
        worker = server.workers()[0]
        held = len(os.listdir(f"/proc/{worker}/fd"))
        resource.prlimit(worker, resource.RLIMIT_NOFILE, (held + 20, held + 20))
        with ExitStack() as clients:
            for _ in range(60):
                clients.enter_context(socket.create_connection(("127.0.0.1", server.port)))
            wait_until(lambda: len(os.listdir(f"/proc/{worker}/fd")) >= held + 19)
        wait_until(lambda: server.ask("/").status == 200)
        with load_on(server.port, ("/", "/en/")) as load:
            load.wait_for(REQUESTS)
        assert load.lost == []
        assert server.workers() == [worker]


def fill_up(file: Path) -> None:
    """Write until there is no room left; bounded by the size of the place."""
    with file.open("wb", 0) as output:
        for _ in range(10_000):
            try:
                output.write(bytes(65_536))
            except OSError as problem:
                if problem.errno != errno.ENOSPC:
                    raise
                return
    raise AssertionError("the place is larger than it should be")


def test_the_disk_is_full(sqlite_template: Path, tmp_path: Path):
    """Pages are read on, cold ones too; writing works again when there is room."""
    place = tmp_path / "disk"
    place.mkdir()
    shutil.copyfile(sqlite_template, tmp_path / "portal.sqlite3")
    fill(f"sqlite:///{tmp_path / 'portal.sqlite3'}", tmp_path)
    environ = environment(f"sqlite:///{place / 'portal.sqlite3'}", place)
    script = (
        f"mount -t tmpfs -o size=16m none {place} && cp {tmp_path}/portal.sqlite3 {place}/"
        ' && exec "$0" "$@"'
    )
    # Who is not root may mount where they are root, in a namespace of their own.
    own = () if os.geteuid() == 0 else ("--map-root-user",)
    command = ("unshare", *own, "--mount", "sh", "-c", script, *GRANIAN)
    with run_server(command, environ, tmp_path, "--workers", "1") as server:
        inside = Path(f"/proc/{server.process.pid}/root{place}")
        assert server.ask("/").status == 200
        filler = inside / "filler"
        fill_up(filler)
        with load_on(server.port, ("/", "/en/", "/thong-bao/", "/tin-tuc/")) as load:
            load.wait_for(REQUESTS)
        assert load.lost == []
        assert server.ask("/-/health/ready").status == 200
        filler.unlink()
        assert server.ask("/en/tin-tuc/").status in {200, 404}


HOUR = 3600
TOLERANCE = 120
SEEN_SECONDS = 15.0
"""One second is promised; a busy machine takes its time to answer."""


def shifting_library() -> Path:
    """What stands between a program and the clock."""
    found = sorted(Path("/usr").glob("lib*/**/faketime/libfaketimeMT.so.1"))
    if not found:
        raise ServerMissing("libfaketime is needed by this test; install Debian package faketime")
    return found[0]


class Clock:
    """The wall clock of a server, to be set while it runs.

    Time that passes is not faked, as it is not when a machine's clock is set: otherwise waits that
    are told when to end, by the clock that nobody sets, would end an hour later.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / "clock"
        self.set(0)
        self.environ = {
            "LD_PRELOAD": str(shifting_library()),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }

    def set(self, seconds: int) -> None:
        """Set it so far from what it is."""
        new = self._file.with_suffix(".new")
        new.write_text(f"{seconds:+d}")
        new.replace(self._file)


def shift_of(server: RunningServer) -> float:
    """How far a server is from our time, as it tells with its last line."""
    lines = server.log.read_text("utf-8").splitlines()
    told = (json.loads(line)["time"] for line in reversed(lines) if line.endswith("}"))
    moment = next(told, "1970-01-01T00:00:00+00:00")
    return datetime.fromisoformat(moment).timestamp() - time.time()


def test_the_clock_is_set(stack: Stack, tmp_path: Path):
    """An hour on, an hour back: readers are answered, and see at once what editors save."""
    clock = Clock(tmp_path)
    shifted = replace(stack, environ=stack.environ | clock.environ, folder=tmp_path)
    with run_portal(shifted) as server, load_on(server.port) as load:
        for turn, seconds in enumerate((HOUR, 0, -HOUR, 0)):
            clock.set(seconds)
            wait_until(lambda seconds=seconds: abs(shift_of(server) - seconds) < TOLERANCE)  # type: ignore[misc]  # bound at once
            load.wait_for(load.answered + REQUESTS // 4)
            assert server.ask("/-/health/ready").status == 200
            words = f"lần {turn}"
            edit(stack, words)
            saved = time.monotonic()
            wait_until(lambda words=words: words in server.ask("/").body.decode(), 10)  # type: ignore[attr-defined, misc]  # see `ask`
            assert time.monotonic() - saved < SEEN_SECONDS
    assert load.lost == []
    assert load.slowest < SEEN_SECONDS
