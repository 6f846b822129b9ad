"""Search in an archive: what its statements cost in the database, and the whole call.

Every statement that asks the index is sent again through the bare driver and measured there with
its rows. The baseline is what any list costs: the ten newest articles by their index, through the
same driver in the same run.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from benchmarks.archive import SECTIONS
from benchmarks.archive import Archive
from benchmarks.archive import Sample
from benchmarks.cost import Meter
from benchmarks.cost import Times
from portal.content import queries
from portal.content.engine import open_snapshot
from portal.content.values import SearchQuery
from portal.content.values import SearchResults
from portal.text import fold

PER_PAGE = 10


def measure_search(archive: Archive) -> dict[str, Any]:
    """Milliseconds by what was asked for, and the ratio of both modes to the baseline."""
    asked, engine = _queries(archive.samples), archive.portal.engine()
    database: dict[str, Times] = defaultdict(Times)
    whole: dict[str, Times] = defaultdict(Times)
    shapes: dict[str, Times] = defaultdict(Times)
    first = {name: 0 for name in asked if name.startswith("whole_title")}
    with open_snapshot(engine) as (session, _):
        meter = Meter(session, engine)
        baseline = _baseline(meter, archive)
        for shape, queries_of_shape in asked.items():
            for query, title in queries_of_shape:
                in_database, in_all, found = _measure_one(meter, archive, query)
                mode = "newest_first" if found.is_broad else "ranked"
                database[mode].add(in_database)
                whole[mode].add(in_all)
                shapes[f"{shape}, {mode}"].add(in_database)
                if shape in first and found.hits:
                    first[shape] += found.hits[0].article.headline == title
    return {
        "search_baseline": baseline.summary(),
        "search_in_database": {mode: times.summary() for mode, times in database.items()},
        "search_to_baseline": {
            mode: round(times.median() / baseline.median(), 2) for mode, times in database.items()
        },
        "search_whole_call": {mode: times.summary() for mode, times in whole.items()},
        "search_by_shape": {name: times.summary() for name, times in shapes.items()},
        "search_whole_titles_first": {
            name: f"{count}/{len(asked[name])}" for name, count in first.items()
        },
    }


def _queries(samples: Sequence[Sample]) -> dict[str, list[tuple[SearchQuery, str]]]:
    """Queries by shape, each with the title that it was made from."""
    chance = random.Random(5)  # noqa: S311 - sample queries
    by_shape: dict[str, list[tuple[SearchQuery, str]]] = defaultdict(list)
    for sample in samples:
        words = sample.title.split()
        typed = {
            "whole_title": sample.title,
            "whole_title_unaccented": fold(sample.title),
            "name": sample.name,
            "one_word": words[1],
            "two_words": " ".join(chance.sample(words, 2)),
            "three_words": " ".join(words[2:5]),
            "office": f"uỷ ban nhân dân {words[3]}",
            "mistyped_title": " ".join((words[0][0] + words[0], *words[1:])),
        }
        for shape, text in typed.items():
            by_shape[shape].append((SearchQuery(text), sample.title))
        one = SearchQuery(words[1])
        by_shape["one_word_in_section"].append(
            (replace(one, section=chance.choice(SECTIONS)), sample.title)
        )
        by_shape["one_word_in_year"].append((replace(one, year=2022), sample.title))
    return by_shape


def _baseline(meter: Meter, archive: Archive) -> Times:
    reader = archive.reader(meter.session)
    with meter.noting() as statements:
        queries.latest(reader, PER_PAGE)
    times = Times()
    for _ in range(500):
        times.add(meter.run(statements[-1:]))
    return times


def _measure_one(
    meter: Meter, archive: Archive, query: SearchQuery
) -> tuple[tuple[float, float], tuple[float, float], SearchResults]:
    """The second of two runs: what a warm server does."""
    found: list[SearchResults] = []

    def search() -> None:
        found.append(queries.search(archive.reader(meter.session), query, PER_PAGE))

    with meter.noting() as statements:
        search()
    in_all = meter.call(search)
    # Those of the index: which documents fit. Sections and summaries are every list's.
    asking = [one for one in statements if "search_" in one[0]]
    meter.run(asking)
    return meter.run(asking), in_all, found[-1]
