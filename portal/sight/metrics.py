"""Prometheus metrics, right for several worker processes.

Workers write to files below PROMETHEUS_MULTIPROC_DIR (`portal serve` makes that folder), and
whichever is asked adds up all of them. The library looks for the folder when it is imported, so it
is imported by `make_metrics` only. Gauges are avoided: what a dead worker counted stays true.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry
    from prometheus_client import Counter
    from prometheus_client import Histogram

MULTIPROCESS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
EXPOSITION_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
_AGES = (1.0, 10.0, 60.0, 600.0, 3600.0, 21_600.0, 86_400.0, 604_800.0)


@dataclass(frozen=True, slots=True)
class Metrics:
    """An `Observer` that counts, and the text that Prometheus reads."""

    registry: CollectorRegistry
    requests: Histogram
    refusals: Counter
    renders: Histogram
    failures: Counter
    fragments: Counter
    ages: Histogram
    pages: Counter
    questions: Histogram
    silences: Counter

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """A request was answered; `route` is the template of its address, never the address."""
        self.requests.labels(method, route, f"{status // 100}xx").observe(seconds)

    def rendered(self, block: str, seconds: float) -> None:
        """See `Observer`."""
        self.renders.labels(block).observe(seconds)

    def failed(self, block: str, kind: str) -> None:
        """See `Observer`."""
        self.failures.labels(block, kind).inc()

    def served(self, block: str, tier: str, age: float | None = None) -> None:
        """See `Observer`."""
        self.fragments.labels(block, tier).inc()
        if age is not None:
            self.ages.labels(block).observe(age)

    def gave(self, tier: str) -> None:
        """See `Observer`."""
        self.pages.labels(tier).inc()

    def refused(self, kind: str) -> None:
        """See `Observer`."""
        self.refusals.labels(kind).inc()

    def asked(self, dependency: str, seconds: float) -> None:
        """See `Observer`."""
        self.questions.labels(dependency).observe(seconds)

    def unanswered(self, dependency: str, kind: str) -> None:
        """See `Observer`."""
        self.silences.labels(dependency, kind).inc()

    def exposition(self) -> bytes:
        """Everything counted so far, by all workers, in Prometheus' text format."""
        from prometheus_client import CollectorRegistry  # noqa: PLC0415 - see the module
        from prometheus_client import generate_latest  # noqa: PLC0415 - see the module
        from prometheus_client.multiprocess import MultiProcessCollector  # noqa: PLC0415 - the same

        if MULTIPROCESS_FOLDER not in os.environ:
            return generate_latest(self.registry)
        everyone = CollectorRegistry()
        MultiProcessCollector(everyone)  # type: ignore[no-untyped-call]  # the library has no types here
        return generate_latest(everyone)


def make_metrics() -> Metrics:
    """Metrics in a registry of their own."""
    from prometheus_client import CollectorRegistry  # noqa: PLC0415 - see the module
    from prometheus_client import Counter  # noqa: PLC0415 - see the module
    from prometheus_client import Histogram  # noqa: PLC0415 - see the module

    registry = CollectorRegistry()

    def histogram(
        name: str, about: str, labels: tuple[str, ...], buckets: tuple[float, ...] = _FAST
    ) -> Histogram:
        return Histogram(f"portal_{name}", about, labels, registry=registry, buckets=buckets)

    def counter(name: str, about: str, labels: tuple[str, ...]) -> Counter:
        return Counter(f"portal_{name}", about, labels, registry=registry)

    by_block = ("block",)
    return Metrics(
        registry=registry,
        requests=histogram(
            "request_seconds", "Time from request to answer.", ("method", "route", "status")
        ),
        refusals=counter("refused", "Requests turned away before any page.", ("kind",)),
        renders=histogram("block_render_seconds", "Time to render a block.", by_block),
        failures=counter("block_failures", "Blocks that gave no fragment.", ("block", "kind")),
        fragments=counter("fragments", "Fragments that went into pages.", ("block", "tier")),
        ages=histogram("fragment_age_seconds", "Age of cached fragments.", by_block, _AGES),
        pages=counter("pages", "Pages that were given to readers.", ("tier",)),
        questions=histogram("dependency_seconds", "Answers of dependencies.", ("dependency",)),
        silences=counter("dependency_errors", "Failures of dependencies.", ("dependency", "kind")),
    )
