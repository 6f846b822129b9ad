"""Measure and print one JSON document: `python -m benchmarks [PART…]`.

Baseline of the pages is a bare Flask view that returns the same bytes, behind the same server in
the same run. Rounds alternate between the two and compare the CPU time of a request, which other
work on the machine disturbs least. Search and related articles are measured on both databases,
and have baselines of their own.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.archive import make_archive
from benchmarks.backup import measure_backup
from benchmarks.cache import measure_cache
from benchmarks.page import measure_page
from benchmarks.related import measure_related
from benchmarks.search import measure_search
from benchmarks.start import measure_start
from benchmarks.trouble import measure_trouble
from tests.servers import run_postgresql

PARTS = ("page", "related", "search", "cache", "redis", "start", "backup")
DATABASES = ("sqlite", "postgresql")
SAMPLES = 100


def main() -> None:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; or all")
    parser.add_argument("--articles", type=int, default=20_000)
    parser.add_argument("--archives", type=int, nargs=2, default=(1_000, 100_000))
    parser.add_argument("--databases", nargs="+", choices=DATABASES, default=DATABASES)
    parser.add_argument("--pages", type=int, nargs=2, default=(10, 10_000), help="that a save ends")
    parser.add_argument("--saves", type=int, default=200)
    parser.add_argument("--requests", type=int, default=200, help="in every trouble of Redis")
    arguments = parser.parse_args()
    wanted = arguments.parts or PARTS
    if unknown := set(wanted) - set(PARTS):
        parser.error(f"there is no part {unknown.pop()!r}; known: {', '.join(PARTS)}")
    results: dict[str, Any] = {"load_before": round(os.getloadavg()[0], 1)}
    with tempfile.TemporaryDirectory() as folder:
        if "page" in wanted:
            results |= measure_page(Path(folder) / "page", arguments.articles)
        if "related" in wanted or "search" in wanted:
            for database in arguments.databases:
                results[database] = _measure_archives(
                    Path(folder) / database, database, wanted, *arguments.archives
                )
        if "start" in wanted:
            results |= measure_start(Path(folder) / "start")
        if "backup" in wanted:
            for database in arguments.databases:
                place = Path(folder) / f"backup-{database}"
                place.mkdir()
                with _addresses(place, database) as addresses:
                    results[f"backup_{database}"] = measure_backup(
                        place, arguments.archives[1], *addresses
                    )
        if "cache" in wanted:
            results |= measure_cache(Path(folder) / "cache", *arguments.pages, arguments.saves)
        if "redis" in wanted:
            results |= measure_trouble(Path(folder) / "redis", arguments.requests)
    results["load_after"] = round(os.getloadavg()[0], 1)
    print(json.dumps(results, indent=2))


def _measure_archives(
    folder: Path, database: str, wanted: Sequence[str], small: int, large: int
) -> dict[str, Any]:
    """Related articles in a large archive against a small one, and search in the large one."""
    folder.mkdir()
    with _addresses(folder, database) as addresses:
        first, last = (
            make_archive(address, folder / "media", number, SAMPLES)
            for address, number in zip(addresses, (small, large), strict=True)
        )
        results: dict[str, Any] = {}
        try:
            if "related" in wanted:
                results |= measure_related(first, last)
            if "search" in wanted:
                results |= measure_search(last)
        finally:
            for archive in (first, last):
                archive.portal.close()
    return results


@contextmanager
def _addresses(folder: Path, database: str) -> Iterator[tuple[str, str]]:
    """Two empty databases."""
    if database == "sqlite":
        yield f"sqlite:///{folder / 'small.sqlite3'}", f"sqlite:///{folder / 'large.sqlite3'}"
        return
    with run_postgresql() as server:
        yield server.create_database("small"), server.create_database("large")


if __name__ == "__main__":
    main()
