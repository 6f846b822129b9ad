"""Whether the machine stood still while a test ran.

Some tests hold the portal to bounds of real time: a lease lives for 120 ms, a database has 250 ms
to answer. A machine that gives a process no processor for so long breaks them, whatever the portal
does, and says nothing about it. So a thread sleeps a little, again and again, and notes how much
too late it was woken; a test marked `by_the_watch` that failed while that happened is run again,
and named at the end. On a machine that kept its processes running nothing is repeated.
"""

from __future__ import annotations

import threading
import time

import pytest

NAP_SECONDS = 0.01
LONGEST_DELAY_SECONDS = 0.05
"""Waking this late is a standstill: a call of Redis may take no longer."""
ATTEMPTS = 3


class Watch:
    """Notes the longest delay of a thread that wants to run."""

    def __init__(self) -> None:
        self._longest = 0.0
        self._nap_began = time.monotonic()
        self._thread = threading.Thread(target=self._run, name="standstill watch", daemon=True)

    def start(self) -> None:
        """Begin to watch, until the process ends."""
        self._thread.start()

    def begin(self) -> None:
        """Forget what was noted: a test begins."""
        self._longest = 0.0

    @property
    def longest(self) -> float:
        """The longest delay since the test began, in seconds; one that still lasts as well."""
        return max(self._longest, time.monotonic() - self._nap_began - NAP_SECONDS)

    def has_seen_one(self) -> bool:
        """Whether the machine stood still since the test began."""
        return self.longest >= LONGEST_DELAY_SECONDS

    def _run(self) -> None:
        while True:
            self._nap_began = time.monotonic()
            time.sleep(NAP_SECONDS)
            delay = time.monotonic() - self._nap_began - NAP_SECONDS
            self._longest = max(self._longest, delay)


_watch = Watch()


def pytest_configure(config: pytest.Config) -> None:
    """Watch the machine from now on."""
    config.addinivalue_line("markers", "by_the_watch: measures real time")
    _watch.start()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """Only what happens during a test excuses it."""
    _watch.begin()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Have tests by the watch run again if the machine stood still while they failed."""
    again = pytest.mark.flaky(reruns=ATTEMPTS - 1, condition=_watch.has_seen_one)
    for item in items:
        if item.get_closest_marker("by_the_watch") is not None:
            item.add_marker(again)
