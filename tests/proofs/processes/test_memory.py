"""A flood of addresses: Redis and the process stay within their bounds, hot pages stay hot.

`PROOF_URLS` says how many.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import redis

from portal.app import ABSENT_BYTES
from portal.app import now
from portal.content import queries
from portal.content.values import Article
from tests.integration.composition.small_site import TEMPLATES
from tests.integration.composition.small_site import SmallSite
from tests.proofs.processes.servers import ROOT
from tests.proofs.processes.servers import environment
from tests.servers import run_redis

FEWEST = 5000
"""So many fill Redis."""
URLS = int(os.environ.get("PROOF_URLS", FEWEST))
HOT = 100
MEGABYTE = 1 << 20
REDIS_BYTES = 2 * MEGABYTE
CACHE_BYTES = 2_000_000
GROWTH = 24 * MEGABYTE
"""What a process may grow once a fifth of the addresses have filled its memory."""


def hot_paths(site: SmallSite) -> list[str]:
    """The addresses of the articles everybody reads."""
    numbers = [site.article(f"Bản tin {number}") for number in range(HOT)]
    paths = []
    with site.portal().read("vi") as reader:
        for number in numbers:
            found = queries.find_article(reader, number)
            assert isinstance(found, Article)
            paths.append(found.path)
    return paths


@pytest.mark.parametrize(
    ("policy", "urls"), [("volatile-lfu", URLS), ("noeviction", max(FEWEST, URLS // 2))]
)
def test_a_flood_of_addresses_fills_nothing_beyond_its_bounds(
    tmp_path: Path, sqlite_url: str, policy: str, urls: int
):
    site = SmallSite(tmp_path / "site", sqlite_url, now)
    site.sections()
    paths = hot_paths(site)
    site.close()
    with run_redis("--maxmemory", str(REDIS_BYTES), "--maxmemory-policy", policy) as server:
        environ = environment(
            environment="development",
            database_url=sqlite_url,
            cache_redis_url=server.url,
            cache_bytes=str(CACHE_BYTES),
            config=str(site.config),
            templates=str(TEMPLATES),
            media=str(tmp_path / "media"),
        )
        done = subprocess.run(
            [sys.executable, "-m", "tests.proofs.processes.flood", str(urls), *paths],
            cwd=ROOT,
            env=environ,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        with redis.Redis(port=server.port) as client:
            memory = client.info("memory")
    found = json.loads(done.stdout)
    print(f"\n{policy}: {found} {memory['used_memory_human']}")  # noqa: T201 - the figures
    assert found["statuses"] == {"404": urls // 2, "301": urls - urls // 2}
    counted = memory["used_memory"] - memory["mem_not_counted_for_evict"]
    assert REDIS_BYTES / 2 < counted <= REDIS_BYTES + MEGABYTE // 8
    if policy == "noeviction":
        assert found["shared"].get("error_out_of_memory", 0) > 0
    assert found["entry_bytes"] <= CACHE_BYTES
    assert found["page_bytes"] <= CACHE_BYTES // 2
    assert found["absent_bytes"] <= ABSENT_BYTES
    assert found["resident_bytes"] <= found["filled_bytes"] + GROWTH
    assert found["rendered"] <= found["reads"] / 100
