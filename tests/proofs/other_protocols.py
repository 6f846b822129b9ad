"""How other caches invalidate, in steps; the explorer must find what is wrong with each.

One key, one writer and readers; a store that tells the truth. Sources: Flask-Caching's `cached`
and `memoize`, Drupal's database backend, and our own order with the stamp taken too late.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field

from tests.proofs.model import Choices
from tests.proofs.model import every_run
from tests.proofs.oracle import Block
from tests.proofs.oracle import Oracle
from tests.proofs.protocol import Steps

ONLY = Block("title", 1)
FIRST_VERSION = 1


@dataclass(slots=True)
class Site:
    """A database with one version, and a store."""

    oracle: Oracle = field(default_factory=lambda: Oracle([{1: 0}]))
    version: int = 0
    stored: dict[str, tuple[int, int]] = field(default_factory=dict)
    counter: int | None = FIRST_VERSION

    def commit(self) -> None:
        """A save; its acknowledgement comes later."""
        self.version += 1
        self.oracle.committed({1: self.version})

    def acknowledge(self) -> None:
        """The author is told."""
        self.oracle.acknowledged(self.version, 0.0)

    def show(self, version: int, required: int) -> None:
        """A reader gets an answer."""
        self.oracle.check({ONLY: version}, required)

    def required(self) -> int:
        """What a reader who begins now must see."""
        return self.oracle.required(1.0)


Reader = Callable[[Site], Steps]
Writer = Callable[[Site], Steps]


def read_through(site: Site) -> Steps:
    """Get, else read and set: nothing is known of when the value was read."""
    required = site.required()
    known = site.stored.get("key")
    yield "asked"
    if known is not None:
        site.show(known[0], required)
        return
    version = site.version
    yield "read"
    site.stored["key"] = (version, 0)
    yield "stored"
    site.show(version, required)


def delete_on_write(site: Site) -> Steps:
    """Commit, then delete the key (`@cached` with a delete, tag-to-keys sets)."""
    site.commit()
    yield "committed"
    site.stored.pop("key", None)
    yield "deleted"
    site.acknowledge()


def read_and_stamp_at_store(site: Site) -> Steps:
    """Read the tag's counter when the value is stored, after it was rendered (Drupal)."""
    required = site.required()
    known, counter = site.stored.get("key"), site.counter
    yield "asked"
    if known is not None and known[1] == counter:
        site.show(known[0], required)
        return
    version = site.version
    yield "read"
    site.stored["key"] = (version, site.counter or 0)
    yield "stored"
    site.show(version, required)


def count_up(site: Site) -> Steps:
    """Commit, then raise the tag's counter."""
    site.commit()
    yield "committed"
    site.counter = (site.counter or 0) + 1
    yield "counted"
    site.acknowledge()


def memoize(site: Site) -> Steps:
    """Read the version key before, and write it again after (`_memoize_version(refresh=True)`)."""
    required = site.required()
    counter = site.counter
    yield "version"
    if counter is None:
        counter = site.counter = len(site.oracle.history) + FIRST_VERSION
    known = site.stored.get(str(counter))
    yield "asked"
    if known is not None:
        site.show(known[0], required)
        return
    version = site.version
    yield "read"
    site.stored[str(counter)] = (version, 0)
    yield "stored"
    site.counter = counter
    yield "version again"
    site.show(version, required)


def delete_version(site: Site) -> Steps:
    """Commit, then delete the version key (`delete_memoized`)."""
    site.commit()
    yield "committed"
    site.counter = None
    yield "deleted"
    site.acknowledge()


def read_with_stamp(late: bool) -> Reader:
    """Stamp and judge by the log's position, read before the content or after it."""

    def read(site: Site) -> Steps:
        required = site.required()
        known, head = site.stored.get("key"), site.version
        yield "asked"
        if known is not None and known[1] >= head:
            site.show(known[0], required)
            return
        stamp = site.version
        yield "stamped"
        version = site.version
        yield "read"
        site.stored["key"] = (version, site.version if late else stamp)
        yield "stored"
        site.show(version, required)

    return read


def commit_with_log(site: Site) -> Steps:
    """The log's row is part of the commit."""
    site.commit()
    yield "committed"
    site.acknowledge()


def count_violations(reader: Reader, writer: Writer, readers: int = 2) -> tuple[int, int]:
    """Over every order of readers and one writer, then a probe: schedules, and those gone wrong."""

    def attempt(choices: Choices) -> Oracle:
        site = Site()
        going = [writer(site), *(reader(site) for _ in range(readers))]
        while going:
            chosen = going[choices.choose(len(going))]
            if next(chosen, None) is None:
                going.remove(chosen)
        for _ in reader(site):
            pass
        return site.oracle

    runs = wrong = 0
    for oracle in every_run(attempt):
        runs += 1
        wrong += bool(oracle.violations)
    return runs, wrong
