"""The related block of the shipped article page: what it costs when there are many articles.

The baseline of every ratio is the same in a small archive on the same server in the same run.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from benchmarks.archive import Archive
from benchmarks.archive import Sample
from benchmarks.cost import Meter
from benchmarks.cost import Times
from portal.block import Subject
from portal.content import queries
from portal.content.engine import one_plan
from portal.content.engine import open_snapshot
from portal.content.values import Article
from portal.content.values import RelatedReason

LIMITS: Mapping[RelatedReason, int] = {
    "pinned": 17,
    "topic": 17,
    "tags": 17,
    "text": 17,
    "latest": 17,
}
"""What the block asks for if nothing is set."""


def measure_related(small: Archive, large: Archive) -> dict[str, Any]:
    """The candidates' statement in the database, and the block's first phase as a whole."""
    in_database = {_name(one): _in_database(one) for one in (small, large)}
    _whole(small)  # the first calls of a process cost more than all later ones
    whole = {_name(one): _whole(one) for one in (small, large)}
    first, last = in_database
    return {
        "related_in_database": {name: times.summary() for name, times in in_database.items()},
        "related_in_database_large_to_small": _ratio(in_database[last], in_database[first]),
        "related_whole_resolve": {name: times.summary() for name, times in whole.items()},
        "related_whole_resolve_large_to_small": _ratio(whole[last], whole[first]),
    }


def _name(archive: Archive) -> str:
    """The archive's name in the results."""
    return f"{archive.number:,} articles"


def _ratio(times: Times, baseline: Times) -> float:
    return round(times.median() / baseline.median(), 2)


def _in_database(archive: Archive) -> Times:
    times = Times()
    with open_snapshot(archive.portal.engine()) as (session, _):
        meter = Meter(session, archive.portal.engine())
        for sample in archive.samples:
            article = _article(archive, meter, sample)
            reader = archive.reader(session)
            with meter.noting() as statements:
                queries.related_candidates(reader, article, LIMITS)
            with one_plan(session):
                # The second of two runs: what a warm server does.
                meter.run(statements[-1:])
                times.add(meter.run(statements[-1:]))
    return times


def _whole(archive: Archive) -> Times:
    times = Times()
    parts, clock = archive.portal.composition, archive.portal.clock
    plan = parts.plans.plan("article", None, "vi")
    slot = next(item for item in plan.slots if item.block.name == "related")
    for sample in archive.samples:
        with open_snapshot(archive.portal.engine()) as (session, _):
            path = _article(archive, Meter(session, archive.portal.engine()), sample).path
        subject = Subject("article", path, sample.number, path.split("/")[1])
        for _ in range(2):
            with parts.snapshots("vi", clock(), parts.table.ensure())() as snapshot:
                meter = Meter(snapshot.reader.session, archive.portal.engine())
                cost = meter.call(partial(parts.fragments.resolve, slot, subject, snapshot))
        times.add(cost)
    return times


def _article(archive: Archive, meter: Meter, sample: Sample) -> Article:
    article = queries.find_article(archive.reader(meter.session), sample.number)
    assert isinstance(article, Article)
    return article
