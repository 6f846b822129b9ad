"""A process that is asked for very many addresses: `flood COUNT PATH…`; the paths are hot ones.

Half of the addresses lead nowhere, half are wrong names of real articles, which are sent on to the
right one; each is asked for once. Between them the hot pages are read again and again. Prints as
JSON what the process holds, how large it is, and how often a hot page had to be rendered.
"""

from __future__ import annotations

import json
import os
import random
import sys

from portal.app import Portal
from portal.app import create_app
from portal.compose import PageRequest
from portal.registry import Installed
from portal.registry import Registry
from portal.settings import load_settings
from portal.testing.sample_title import block as sample_title

STEPS_OF_A_LOOK = 500


class Flood:
    """Asks, and keeps the largest of everything that has a bound."""

    def __init__(self, portal: Portal, hot: list[str]) -> None:
        self._portal = portal
        self._hot = hot
        self._chance = random.Random(1)  # noqa: S311 - no secret
        self._numbers = [int(path.rpartition("-")[2]) for path in hot]
        self.reads = 0
        self.rendered = 0
        self.statuses: dict[int, int] = {}
        self.largest: dict[str, int] = {}

    def ask(self, number: int) -> None:
        """One address that nobody asked for before, and one that everybody asks for."""
        article = self._chance.choice(self._numbers)
        path = (
            f"/tin-tuc/khong-co-{number}x"
            if number % 2
            else f"/tin-tuc/ten-khac-{number}-{article}"
        )
        status = self._portal.composer.compose(PageRequest(path, "vi")).status
        self.statuses[status] = self.statuses.get(status, 0) + 1
        self.read(self._chance.choice(self._hot))

    def read(self, path: str) -> None:
        """Read a hot page."""
        request = PageRequest(path, "vi")
        self.reads += 1
        if self._portal.composer.recall(request) is None:
            page = self._portal.composer.compose(request)
            assert page.status == 200, page.status
            self.rendered += "rendered" in page.states.values()

    def look(self) -> None:
        """Note what is larger than ever before."""
        self._portal.composer.settle()
        parts = self._portal.composition
        sizes = {
            "entry_bytes": parts.memory.bytes,
            "absent_bytes": parts.absent.bytes,
            "page_bytes": parts.pages.bytes,
            "resident_bytes": resident_bytes(),
        }
        for name, size in sizes.items():
            self.largest[name] = max(size, self.largest.get(name, 0))


def resident_bytes() -> int:
    """The memory of this process."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def main(count: int, hot: list[str]) -> None:
    """Read the hot pages twice, then a fifth of everything to fill all bounds, then the rest."""
    registry = Registry([Installed(sample_title, "test")])
    portal = create_app(load_settings(os.environ), registry=registry).extensions["portal"]
    flood = Flood(portal, hot)
    for path in hot * 2:
        flood.read(path)
    portal.composer.settle()
    flood.reads = flood.rendered = 0
    filled = 0
    for number in range(count):
        flood.ask(number)
        if number % STEPS_OF_A_LOOK == 0:
            flood.look()
        if number == count // 5:
            filled = flood.largest["resident_bytes"]
    flood.look()
    shared = portal.composition.shared.statistics()
    portal.close()
    report = {
        "reads": flood.reads,
        "rendered": flood.rendered,
        "statuses": flood.statuses,
        "filled_bytes": filled,
        **flood.largest,
        "shared": dict(shared),
    }
    print(json.dumps(report))  # noqa: T201 - the result


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
