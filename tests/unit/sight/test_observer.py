"""Rooms tell what they do to an observer; the counting one counts, the silent one does nothing."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

from portal.sight import SILENT
from portal.sight import Observer
from portal.sight import make_metrics


def tell(observer: Observer) -> None:
    observer.rendered("latest", 0.02)
    observer.failed("latest", "overtime")
    observer.served("latest", "memory", 12.0)
    observer.served("latest", "rendered")
    observer.refused("host")
    observer.asked("redis", 0.001)
    observer.unanswered("redis", "timeout")


def test_the_counting_observer_counts_by_block_tier_and_kind():
    metrics = make_metrics()
    tell(metrics)
    tell(metrics)
    found = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(metrics.exposition().decode())
        for sample in family.samples
        if not sample.name.endswith(("_bucket", "_created"))
    }
    assert found["portal_block_render_seconds_count", "latest"] == 2
    assert found["portal_block_failures_total", "latest", "overtime"] == 2
    assert found["portal_fragments_total", "latest", "memory"] == 2
    assert found["portal_fragments_total", "latest", "rendered"] == 2
    assert found["portal_fragment_age_seconds_sum", "latest"] == 24.0
    assert found["portal_fragment_age_seconds_count", "latest"] == 2
    assert found["portal_refused_total", "host"] == 2
    assert found["portal_dependency_seconds_count", "redis"] == 2
    assert found["portal_dependency_errors_total", "redis", "timeout"] == 2


def test_the_silent_observer_takes_the_same_calls():
    tell(SILENT)
