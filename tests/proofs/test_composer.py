"""The portal's own composer, in several portals at once behind a Redis that lies."""

from __future__ import annotations

import random
import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import text

from portal.block import CachePolicy
from portal.content import queries
from portal.extensions import make_engine
from tests.clocks import StandingClock
from tests.integration.composition.small_site import SmallSite
from tests.integration.composition.small_site import compose
from tests.servers import RedisServer

BLOCKS = ("first", "second", "third")
SAVES = 40
_UPDATE = text("UPDATE article SET headline = :version WHERE id = :id")


def headline_of(number: int) -> Callable[[Any], dict[str, object]]:
    """A block that shows the version of an article."""

    def render(ctx: Any) -> dict[str, object]:
        (article,) = queries.summaries(ctx.reader, (number,))
        return {"words": f"version {article.headline}."}

    return render


def test_pages_of_several_portals_are_never_stale_and_never_torn(
    tmp_path: Path, database_url: str, clock: StandingClock, redis_server: RedisServer
) -> None:
    """Threads read through three portals while raw SQL changes what every block shows."""
    site = SmallSite(tmp_path / "site", database_url, clock)
    site.sections()
    number = site.article("0")
    for name in BLOCKS:
        site.block(name, headline_of(number), cache=CachePolicy(fresh="30d"))
    site.lay_out("home", *({"key": name, "block": name} for name in BLOCKS))
    portals = [
        site.portal(
            cache_type="tests.proofs.lying.LyingRedis",
            cache_redis_url=redis_server.url,
            cache_key_prefix=f"{tmp_path.name}:",
            freshness="strict",
        )
        for _ in range(3)
    ]
    acknowledged, stop, wrong, pages = [0], threading.Event(), [], [0]

    def read(seed: int) -> None:
        chance = random.Random(seed)  # noqa: S311 - no secret
        while not stop.is_set():
            required = acknowledged[0]
            body = compose(chance.choice(portals)).body.decode()
            shown = [int(found) for found in re.findall(r"version (\d+)\.", body)]
            pages[0] += 1
            if len(shown) != len(BLOCKS) or len(set(shown)) > 1 or shown[0] < required:
                wrong.append((required, shown))

    readers = [threading.Thread(target=read, args=(seed,)) for seed in range(3)]
    for reader in readers:
        reader.start()
    engine = make_engine(database_url)
    for version in range(1, SAVES + 1):
        with engine.begin() as connection:
            connection.execute(_UPDATE, {"version": str(version), "id": number})
        acknowledged[0] = version
        # The writer reads too, so that the store gets entries of every version.
        assert f"version {version}." in compose(portals[version % 3]).body.decode()
    stop.set()
    for reader in readers:
        reader.join()
    engine.dispose()
    site.close()
    assert wrong == []
    assert pages[0] > SAVES
