"""Pages of processes that share entries in Redis: what it costs, and what it never shows."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import redis

from portal.app import Portal
from portal.block import CachePolicy
from portal.compose import PageRequest
from tests.clocks import StandingClock
from tests.integration.composition.small_site import SmallSite
from tests.integration.composition.small_site import compose
from tests.integration.composition.small_site import fragments
from tests.integration.composition.small_site import headlines
from tests.integration.trouble.newspaper import wait_until
from tests.servers import RedisServer

LONG = CachePolicy(fresh="30d")


def page_with(site: SmallSite, *blocks: dict[str, Any]) -> str:
    """An article page with these blocks; returns its path."""
    site.lay_out("article", *blocks)
    number = site.article("Story")
    return f"/tin-tuc/story-{number}"


def has_lost(portal: Portal) -> bool:
    """Whether this process was refused a lease."""
    return portal.composition.shared.statistics().get("claimed_by_others", 0) > 0


def settled(portal: Portal, path: str) -> Any:
    page = compose(portal, path)
    portal.composer.settle()
    return page


def test_a_new_process_renders_nothing_of_what_another_one_rendered(
    site: SmallSite, process: Callable[[], Portal]
):
    listed, words = site.news(), site.words("words", cache=LONG)
    path = page_with(site, {"key": "a", "block": "news"}, {"key": "b", "block": "words"})
    first = settled(process(), path)
    listed.clear()
    words.clear()
    second = compose(process(), path)
    assert (listed, words) == ([], [])
    assert second.body == first.body


def test_a_page_asks_redis_once_however_many_blocks_are_missing(
    site: SmallSite, process: Callable[[], Portal], commands: Callable[[], dict[str, int]]
):
    site.news()
    site.words("words", cache=LONG)
    path = page_with(
        site,
        *({"key": f"list_{number}", "block": "news"} for number in range(3)),
        *({"key": f"words_{number}", "block": "words"} for number in range(5)),
    )
    cold, warm = process(), process()
    # A page that takes long renews its leases meanwhile.
    shared: Any = cold.composition.shared
    shared._heart._interval = 60
    commands()
    settled(cold, path)
    found = commands()
    assert found.pop("mget") == 1
    # The title, three lists, five words and the address: claimed, stored, given back; the page as
    # a whole is stored alone.
    assert found.pop("set") == 2 * 10 + 1
    assert sum(found.values()) - found.get("del", 0) <= 10 * 2
    settled(warm, path)
    assert commands() == {"mget": 1}


def test_a_warm_page_asks_redis_nothing(
    site: SmallSite, process: Callable[[], Portal], commands: Callable[[], dict[str, int]]
):
    site.news()
    path = page_with(site, {"key": "a", "block": "news"})
    portal = process()
    settled(portal, path)
    commands()
    for _ in range(5):
        settled(portal, path)
    assert commands() == {}


def test_a_save_asks_redis_nothing_and_is_seen_by_every_process(
    site: SmallSite, process: Callable[[], Portal], commands: Callable[[], dict[str, int]]
):
    site.news()
    path = page_with(site, {"key": "a", "block": "news"})
    portals = [process() for _ in range(3)]
    for portal in portals:
        settled(portal, path)
    commands()
    site.article("Newest", days=0.1)
    assert commands() == {}
    for portal in portals:
        assert headlines(fragments(compose(portal, path))["a"])[0] == "Newest"


def test_what_redis_kept_of_the_time_before_an_edit_is_never_shown(
    site: SmallSite, process: Callable[[], Portal], redis_server: RedisServer
):
    site.news()
    path = page_with(site, {"key": "a", "block": "news"})
    settled(process(), path)
    client = redis.Redis(port=redis_server.port, protocol=2)
    kept = {key: client.get(key) for key in client.scan_iter("*")}
    site.article("Newest", days=0.1)
    settled(process(), path)
    for key, value in kept.items():
        if value is not None:
            client.set(key, value)
    client.close()
    assert headlines(fragments(compose(process(), path))["a"])[0] == "Newest"


def test_a_process_that_lost_the_race_waits_for_the_other_one(
    site: SmallSite, process: Callable[[], Portal]
):
    rendered: list[str] = []
    begun, finish = threading.Event(), threading.Event()

    def render(ctx: Any) -> dict[str, object]:
        rendered.append(ctx.key)
        begun.set()
        finish.wait(10)
        return {"words": "slow"}

    site.block("slow", render, cache=LONG)
    path = page_with(site, {"key": "a", "block": "slow"})
    one, other = process(), process()
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(compose, one, path)
        assert begun.wait(10)
        second = pool.submit(compose, other, path)
        wait_until(lambda: has_lost(other) or second.done())
        finish.set()
        assert first.result().body == second.result().body
    assert rendered == ["a"]


def test_a_lease_is_held_until_what_was_made_under_it_is_stored(
    site: SmallSite, process: Callable[[], Portal]
):
    rendered = site.words("slow", cache=LONG)
    path = page_with(site, {"key": "a", "block": "slow"})
    one, other = process(), process()
    store = threading.Event()
    one.composition.storing.add(lambda: store.wait(10))
    body = compose(one, path).body
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(compose, other, path)
        wait_until(lambda: has_lost(other) or waiting.done())
        store.set()
        assert waiting.result().body == body
    assert rendered == ["a"]


def test_a_renewal_that_takes_long_keeps_nothing_else_from_other_processes(
    site: SmallSite, process: Callable[[], Portal], clock: StandingClock
):
    slow = site.aging()
    site.lay_out("home", {"key": "a", "block": "slow"})
    rendered = site.words("words", cache=LONG)
    path = page_with(site, {"key": "a", "block": "words"})
    one, other = process(), process()
    settled(one, "/")
    clock.advance(minutes=10)
    assert compose(one).states["a"] == "stale"
    assert slow.renewing.wait(10)
    first, second = compose(one, path), compose(other, path)
    slow.finish.set()
    assert second.body == first.body
    assert rendered == ["a"]


def test_a_page_waits_for_no_other_process_that_renews_an_old_block(
    site: SmallSite, process: Callable[[], Portal], clock: StandingClock
):
    slow = site.aging()
    path = page_with(site, {"key": "a", "block": "slow"})
    another = f"/tin-tuc/story-{site.article('Story')}"
    one, other = process(), process()
    for portal in (one, other):
        settled(portal, path)
    clock.advance(minutes=10)
    states = [compose(one, path).states["a"]]
    assert slow.renewing.wait(10)
    states.append(compose(other, another).states["a"])
    slow.finish.set()
    assert states == ["stale", "stale"]


def test_many_readers_of_one_process_cost_one_rendering(
    site: SmallSite, process: Callable[[], Portal]
):
    rendered: list[str] = []
    barrier = threading.Barrier(8)

    def render(ctx: Any) -> dict[str, object]:
        rendered.append(ctx.key)
        return {"words": "slow"}

    site.block("slow", render, cache=LONG)
    path = page_with(site, {"key": "a", "block": "slow"})
    portal = process()

    def read() -> bytes:
        barrier.wait(10)
        return compose(portal, path).body

    with ThreadPoolExecutor(8) as pool:
        bodies = {future.result() for future in [pool.submit(read) for _ in range(8)]}
    assert len(bodies) == 1
    assert rendered == ["a"]


def test_a_page_that_leads_nowhere_leaves_nothing_in_redis(
    site: SmallSite, process: Callable[[], Portal], commands: Callable[[], dict[str, int]]
):
    portal = process()
    compose(portal, "/error-first")
    portal.composer.settle()
    commands()
    for number in range(5):
        page = portal.composer.compose(PageRequest(f"/nothing-at-{number}x", "vi"))
        assert page.status == 404
    portal.composer.settle()
    assert commands().get("mget") == 5
    number = site.article("Later")
    assert compose(portal, f"/tin-tuc/later-{number}").status == 200


def test_what_few_readers_ask_twice_stays_in_its_process(
    site: SmallSite, process: Callable[[], Portal]
):
    rendered = site.words("words", cache=CachePolicy(fresh="30d", shared=False))
    path = page_with(site, {"key": "a", "block": "words"})
    one, other = process(), process()
    for portal in (one, one, other):
        settled(portal, path)
    assert rendered == ["a", "a"]


def test_another_secret_reads_nothing_of_ours(
    site: SmallSite, process: Callable[[], Portal], redis_server: RedisServer
):
    rendered = site.words("words", cache=LONG)
    path = page_with(site, {"key": "a", "block": "words"})
    portal = process()
    settled(portal, path)
    prefix = portal.settings.cache_key_prefix
    stranger = site.portal(
        cache_redis_url=redis_server.url, cache_key_prefix=prefix, sealed_with="t" * 32
    )
    settled(stranger, path)
    assert rendered == ["a", "a"]
    assert stranger.composer.statistics()["shared_forged"] > 0
