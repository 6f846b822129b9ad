"""Server processes that tests start, hold, end and start again."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from contextlib import suppress
from pathlib import Path

_PATIENCE = 30.0


class ServerFailed(RuntimeError):
    """A server did not come up; the message ends with its own last words."""


class Processes:
    """The processes of one server, which tests hold, end and start again."""

    def __init__(self, command: Sequence[str | Path], user: str | None, log: Path) -> None:
        self._command = command
        self._user = user
        self._log = log
        self._main: subprocess.Popen[bytes] | None = None

    def start(self, ask: Callable[[], None], not_yet: type[Exception]) -> None:
        """Start it and wait until it answers `ask`."""
        with self._log.open("ab") as output:
            self._main = subprocess.Popen(
                self._command,
                user=self._user,
                cwd="/",
                stdout=output,
                stderr=output,
                env=environment(),
            )
        wait_for(self._main, self._log, ask, not_yet)

    def stop(self, *, at_once: bool = False) -> None:
        """End it, in order or as by a crash."""
        main, self._main = self._main, None
        if main is None:
            return
        main.send_signal(signal.SIGQUIT if at_once else signal.SIGINT)
        try:
            main.wait(timeout=10)
        except subprocess.TimeoutExpired:
            main.kill()
            main.wait()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold it and every process that it made, as a machine does that hangs."""
        assert self._main is not None
        main = self._main.pid
        # The first one first, or it would go on making others.
        os.kill(main, signal.SIGSTOP)
        children = _children(main)
        for child in children:
            os.kill(child, signal.SIGSTOP)
        try:
            yield
        finally:
            for one in (*children, main):
                with suppress(ProcessLookupError):
                    os.kill(one, signal.SIGCONT)


class Stoppable:
    """A server that a test kills, freezes and starts again, at the same place each time."""

    def __init__(
        self,
        command: Sequence[str | Path],
        user: str | None,
        log: Path,
        ask: Callable[[], None],
        not_yet: type[Exception],
    ) -> None:
        self._command, self._user, self._log = command, user, log
        self._ask, self._not_yet = ask, not_yet
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        with self._log.open("ab") as output:
            self._process = subprocess.Popen(
                self._command,
                user=self._user,
                cwd="/",
                stdout=output,
                stderr=output,
                env=environment(),
            )
        wait_for(self._process, self._log, self._ask, self._not_yet)

    def end(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End it by a signal, and wait for that."""
        process, self._process = self._process, None
        if process is not None:
            process.send_signal(number)
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def freeze(self) -> None:
        """Let it keep its connections and answer nothing."""
        self._running.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._running.send_signal(signal.SIGCONT)

    @property
    def _running(self) -> subprocess.Popen[bytes]:
        assert self._process is not None, "it does not run"
        return self._process


def _children(parent: int) -> list[int]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            # After the name, which may have spaces: state, parent …
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            if int(fields[1]) == parent:
                found.append(int(folder.name))
    return found


def environment() -> dict[str, str]:
    """What a server is told of its surroundings: nothing of the test's own."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8", "HOME": "/"}


def wait_for(
    process: subprocess.Popen[bytes],
    log: Path,
    ask: Callable[[], None],
    not_yet: type[Exception],
) -> None:
    """Wait until `ask` no longer raises `not_yet`, or raise `ServerFailed` with the log."""
    end = time.monotonic() + _PATIENCE
    while True:
        if process.poll() is not None:
            words = log.read_text(errors="replace")[-2000:]
            raise ServerFailed(f"{process.args!r} ended:\n{words}")
        try:
            ask()
        except not_yet as problem:
            if time.monotonic() > end:
                raise ServerFailed(f"{process.args!r} gives no answer: {problem}") from problem
            time.sleep(0.02)
        else:
            return
