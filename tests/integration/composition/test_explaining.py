"""Every reason that an explanation can give, and that it is the true one."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import redis

from portal.app import Portal
from portal.block import CachePolicy
from portal.block import Group
from portal.cache import CHOSEN
from portal.cache import RENDERED
from portal.cache.sealing import LARGEST_PACK
from portal.compose import PageReport
from portal.compose import PageRequest
from portal.content import log
from portal.content.epoch import renew_epoch
from portal.content.stamps import Stamp
from portal.content.values import SearchQuery
from tests.clocks import StandingClock
from tests.integration.composition.small_site import NEWS
from tests.integration.composition.small_site import SmallSite
from tests.integration.composition.small_site import compose
from tests.servers import RedisServer

LONG = CachePolicy(fresh="30d", stale="30d")
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


def explained(portal: Portal, path: str = "/", **more: Any) -> PageReport:
    return portal.composer.explain(PageRequest(path, "vi", **more))


def block(portal: Portal, key: str = "a", path: str = "/") -> Any:
    """The report of one placement."""
    return next(item for item in explained(portal, path).blocks if item.placement == key)


@pytest.fixture
def portal(site: SmallSite) -> Portal:
    """A home page whose block lives for an hour, and may be shown a day longer."""
    site.words("words", cache=CachePolicy(fresh="1h", stale="1d"))
    site.lay_out("home", {"key": "a", "block": "words"})
    return site.portal()


@pytest.fixture
def process(site: SmallSite, redis_server: RedisServer) -> Callable[[], Portal]:
    """Starts another process, as far as caches go; all share one part of Redis."""
    prefix = f"{uuid.uuid4().hex}:"

    def start() -> Portal:
        # A busy machine must not make Redis look slow.
        return site.portal(
            cache_redis_url=redis_server.url,
            cache_key_prefix=prefix,
            cache_options={"socket_timeout": 2.0, "socket_connect_timeout": 2.0},
        )

    return start


@pytest.fixture
def spoil(redis_server: RedisServer) -> Callable[[Portal, Callable[[bytes], bytes]], None]:
    """Replaces every pack that the portal has in Redis."""

    def change(portal: Portal, change: Callable[[bytes], bytes]) -> None:
        portal.composer.settle()
        with redis.Redis(port=redis_server.port, protocol=2) as client:
            names = list(client.scan_iter(f"{portal.settings.cache_key_prefix}*"))
            assert names
            for name in names:
                client.set(name, change(client.get(name)))

    return change


# --- what the log and the clock say ------------------------------------------------------------


def test_missed_is_what_nobody_made_yet(portal: Portal):
    report = block(portal)
    assert (report.reason.kind, report.reason.words) == ("missed", "not in the cache")
    assert (report.where, report.cause, report.made) == ("nowhere", None, "")
    compose(portal)
    assert block(portal).cause.kind == "missed"


def test_fresh_is_what_a_reader_gets_as_it_is(portal: Portal):
    compose(portal)
    report = block(portal)
    assert (report.reason.kind, report.where) == ("fresh", "process")
    assert report.made == "2026-11-23T09:30:00+07:00"
    assert explained(portal).route.reason.kind == "fresh"


def test_stale_is_shown_once_more_and_renewed_behind_for_that_reason(
    portal: Portal, clock: StandingClock
):
    compose(portal)
    clock.advance(minutes=61)
    assert block(portal).reason.kind == "stale"
    assert compose(portal).states["a"] == "stale"
    portal.composer.settle()
    report = block(portal)
    assert (report.reason.kind, report.cause.kind) == ("fresh", "stale")


def test_expired_is_what_not_even_a_renewal_lets_show(portal: Portal, clock: StandingClock):
    compose(portal)
    clock.advance(hours=26)
    assert block(portal).reason.words == "expired: its time is over"
    compose(portal)
    assert block(portal).cause.kind == "expired"


def test_early_is_what_was_renewed_before_its_time(portal: Portal):
    compose(portal)
    # A draw that comes before every time: XFetch decides by chance otherwise.
    held = portal.composition.memory.peek(block(portal).key, RENDERED)
    assert held is not None
    held.early = 0.0
    known = portal.composition.pages.peek(PageRequest("/", "vi"))
    assert known is not None
    known.early = 0.0
    assert portal.composer.recall(PageRequest("/", "vi")) is not None
    portal.composer.settle()
    report = block(portal)
    assert (report.reason.kind, report.cause.kind) == ("fresh", "early")


def test_clipped_names_the_moment_at_which_the_content_changes_by_itself(
    site: SmallSite, clock: StandingClock
):
    site.block("day", lambda ctx: {"words": ctx.clock.today()}, cache=LONG)
    site.lay_out("home", {"key": "a", "block": "day"})
    portal = site.portal()
    compose(portal)
    limit = block(portal).limit
    assert limit.startswith("clipped by schedule at 2026-11-24T00:00:00+07:00; fresh 30d (")
    clock.advance(hours=15)
    reason = block(portal).reason
    assert reason.kind == "clipped"
    assert reason.words == "clipped by schedule: what it shows changed at 2026-11-24T00:00:00+07:00"
    compose(portal)
    assert block(portal).cause == reason


def test_ended_names_tag_position_and_the_time_of_the_commit(site_on_each: SmallSite):
    """The log's own time, in the zone of the site; the portal's clock has no part in it."""
    site = site_on_each
    site.sections()
    site.article("Old")
    site.news()
    site.lay_out("home", {"key": "a", "block": "news"})
    portal = site.portal()
    compose(portal)
    before = datetime.now(ZONE).replace(microsecond=0)
    site.article("New", days=0.5)
    after = datetime.now(ZONE)
    reason = block(portal).reason
    assert (reason.kind, reason.tag) == ("ended", "list:site")
    row = log.read_log(portal.engine(), tag="list:site", limit=1)[0]
    assert reason.position == row.position
    assert reason.at.endswith("+07:00")
    assert before <= datetime.fromisoformat(reason.at) <= after
    assert reason.words == f"ended by list:site at position {row.position} ({reason.at})"


def test_a_list_that_shows_other_articles_says_what_ended_its_choice(site: SmallSite):
    """Its rendering is a new one, of a choice that was never shown; the choice was ended."""
    site.sections()
    site.article("Old")
    site.news()
    site.lay_out("home", {"key": "a", "block": "news"})
    portal = site.portal()
    compose(portal)
    site.article("New", days=0.5)
    compose(portal)
    report = block(portal)
    assert report.reason.kind == "fresh"
    assert (report.cause.kind, report.cause.tag) == ("ended", "list:site")


def test_a_row_that_was_compacted_away_tells_no_time(portal: Portal, site: SmallSite):
    compose(portal)
    with portal.engine().begin() as connection:
        log.append(connection, ["block:words"])
    compose(portal)
    cause = block(portal).cause
    assert (cause.kind, cause.tag) == ("ended", "block:words")
    assert cause.at != ""
    with portal.engine().begin() as connection:
        log.append(connection, ["block:words"])
    log.compact(portal.engine())
    again = site.portal()
    assert block(again).reason.kind == "missed"
    cause_now = block(portal).cause
    assert (cause_now.position, cause_now.at) == (cause.position, "")
    assert cause_now.words == f"ended by block:words at position {cause.position}"


def test_trimmed_is_what_the_log_no_longer_knows(portal: Portal):
    compose(portal)
    for number in range(3):
        with portal.engine().begin() as connection:
            log.append(connection, [f"article:{number}"])
    log.trim(portal.engine(), keep=1)
    assert block(portal).reason.kind == "trimmed"
    compose(portal)
    assert block(portal).cause.kind == "trimmed"


def test_epoch_is_what_was_made_before_the_database_went_back(portal: Portal):
    compose(portal)
    renew_epoch(portal.engine())
    assert block(portal).reason.kind == "epoch"
    compose(portal)
    assert block(portal).cause.kind == "epoch"


def test_ahead_is_what_another_process_made_of_a_later_state(portal: Portal):
    compose(portal)
    tier, key = portal.composition.memory, block(portal).key
    held = tier.peek(key, RENDERED)
    assert held is not None
    stamp = held.entry.stamp
    tier.put(key, held.entry._replace(stamp=Stamp(stamp.epoch, stamp.position + 5)))
    assert block(portal).reason.kind == "ahead"


def test_rechosen_is_a_list_that_leaves_articles_to_another_one(site: SmallSite):
    """Nothing of its choice changed; what stands above it now shows what it showed."""
    site.sections()
    ids = [site.article(f"News {number}", days=number) for number in (1, 2, 3)]
    taken: list[int] = []

    def resolve(ctx: Any) -> tuple[Group, ...]:
        ctx.reader.reads.record("block:lead")
        return (Group("news", tuple(taken), 1),)

    site.block("lead", lambda ctx: {"articles": ()}, NEWS, resolve=resolve, cache=LONG)
    site.news()
    site.lay_out("home", {"key": "top", "block": "lead"}, {"key": "a", "block": "news"})
    portal = site.portal()
    compose(portal)
    taken.append(ids[0])
    with portal.engine().begin() as connection:
        log.append(connection, ["block:lead"])
    compose(portal)
    report = block(portal)
    assert (report.reason.kind, report.cause.kind) == ("fresh", "rechosen")
    assert block(portal, "top").cause.tag == "block:lead"


# --- what is never kept ------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["the block", "the placement"])
def test_bypassed_says_who_switched_caching_off(site: SmallSite, by: str):
    off = by == "the block"
    site.words("words", cache=CachePolicy(off=True) if off else LONG)
    file = site.lay_out(
        "home", {"key": "a", "block": "words", **({} if off else {"cache": {"off": True}})}
    )
    portal = site.portal()
    compose(portal)
    report = block(portal)
    assert report.reason.kind == report.cause.kind == "bypassed"
    if off:
        assert report.reason.words == "uncacheable: caching is off for block words"
    else:
        place = report.reason.words.partition("(")[2]
        assert report.reason.words.startswith("uncacheable: caching is off for this placement (")
        assert file.name in place


def test_unshared_says_by_what_the_block_varies(site: SmallSite, process: Callable[[], Portal]):
    """Uncacheable for other processes because block found varies by search."""
    site.block(
        "found",
        lambda ctx: {"words": ctx.search.text},
        needs={"search": SearchQuery},
        cache=CachePolicy(fresh="1h", shared=False),
    )
    site.lay_out("search", {"key": "a", "block": "found"})
    one, other = process(), process()
    asked: dict[str, Any] = {"search": SearchQuery("cầu")}
    compose(one, "/tim-kiem", **asked)
    one.composer.settle()
    compose(other, "/")

    def found(portal: Portal) -> Any:
        report = explained(portal, "/tim-kiem", **asked)
        return next(item for item in report.blocks if item.placement == "a")

    assert found(one).reason.kind == "fresh"
    assert found(one).limit.endswith("kept in this process only: block found varies by search")
    reason = found(other).reason
    assert reason.kind == "unshared"
    assert reason.words == (
        "uncacheable between processes, and this one does not hold it: block found varies by search"
    )


# --- what the shared tier holds ----------------------------------------------------------------


def test_the_cause_of_what_another_process_made_comes_with_it(
    site: SmallSite, process: Callable[[], Portal]
):
    site.words("words", cache=LONG)
    site.lay_out("home", {"key": "a", "block": "words"})
    one, other = process(), process()
    compose(one)
    with one.engine().begin() as connection:
        log.append(connection, ["block:words"])
    compose(one)
    one.composer.settle()
    told = block(other)
    assert (told.where, told.reason.kind) == ("shared", "fresh")
    compose(other)
    held = block(other)
    assert held.where == "process"
    assert held.cause == told.cause == block(one).cause
    assert (held.cause.kind, held.cause.tag) == ("ended", "block:words")


def test_a_page_that_is_there_as_a_whole_is_said_to_be(
    site: SmallSite, process: Callable[[], Portal], redis_server: RedisServer
):
    """Its parts, which nobody asks for any more, may be gone before it."""
    rendered = site.words("words", cache=LONG)
    site.lay_out("home", {"key": "a", "block": "words"})
    one, other = process(), process()
    assert explained(one).whole.where == "nowhere"
    compose(one)
    one.composer.settle()
    with redis.Redis(port=redis_server.port, protocol=2) as client:
        names = list(client.scan_iter(f"{one.settings.cache_key_prefix}*"))
        largest = max(names, key=client.strlen)
        client.delete(*(name for name in names if name != largest))
    told = explained(other)
    assert (told.whole.where, told.whole.reason.kind) == ("shared", "fresh")
    assert block(other).where == "nowhere"
    rendered.clear()
    compose(other)
    assert rendered == []
    told = explained(other)
    assert (told.whole.where, told.whole.reason.kind) == ("process", "fresh")
    with one.engine().begin() as connection:
        log.append(connection, ["block:words"])
    assert explained(other).whole.reason.kind == "ended"


SPOILT: dict[str, Callable[[bytes], bytes]] = {
    "forged": lambda data: data[:-1] + bytes([data[-1] ^ 1]),
    "foreign": lambda data: b"\x80\x04hello",
    "format": lambda data: data[:3] + bytes([data[3] + 1]) + data[4:],
    "truncated": lambda data: data[:-20],
    "oversized": lambda data: data + b"x" * LARGEST_PACK,
}


def refused_as(
    kind: str, site: SmallSite, process: Callable[[], Portal], spoil: Callable[..., None]
) -> None:
    """What is so in Redis is told before and after it was replaced."""
    rendered = site.words("words", cache=LONG)
    site.lay_out("home", {"key": "a", "block": "words"})
    compose(process())
    portal = process()
    spoil(site.open[-2], SPOILT[kind])
    before = block(portal)
    assert (before.where, before.reason.kind) == ("shared", kind)
    rendered.clear()
    compose(portal)
    assert rendered == ["a"]
    after = block(portal)
    assert (after.where, after.reason.kind, after.cause.kind) == ("process", "fresh", kind)
    assert after.cause.words.startswith("refused: ")


def test_forged_is_what_was_not_sealed_by_us(
    site: SmallSite, process: Callable[[], Portal], spoil: Callable[..., None]
):
    refused_as("forged", site, process, spoil)


def test_foreign_is_what_is_no_entry_at_all(
    site: SmallSite, process: Callable[[], Portal], spoil: Callable[..., None]
):
    refused_as("foreign", site, process, spoil)


def test_format_is_what_another_version_wrote(
    site: SmallSite, process: Callable[[], Portal], spoil: Callable[..., None]
):
    refused_as("format", site, process, spoil)


def test_truncated_is_what_lacks_its_end(
    site: SmallSite, process: Callable[[], Portal], spoil: Callable[..., None]
):
    refused_as("truncated", site, process, spoil)


def test_oversized_is_what_no_entry_may_be(
    site: SmallSite, process: Callable[[], Portal], spoil: Callable[..., None]
):
    refused_as("oversized", site, process, spoil)


# --- pages --------------------------------------------------------------------------------------


def test_a_list_without_a_choice_says_what_ended_that(site: SmallSite):
    site.sections()
    site.article("Old")
    site.news()
    site.lay_out("home", {"key": "a", "block": "news"})
    portal = site.portal()
    compose(portal)
    site.article("New", days=0.5)
    report = block(portal)
    assert (report.reason.kind, report.reason.tag) == ("ended", "list:site")
    assert portal.composition.memory.peek(report.key, CHOSEN) is not None


def test_explaining_makes_nothing_and_keeps_nothing(site: SmallSite):
    rendered = site.words("words", cache=LONG)
    site.lay_out("article", {"key": "a", "block": "words"})
    site.sections()
    number = site.article("Story")
    portal = site.portal()
    report = explained(portal, f"/tin-tuc/story-{number}")
    assert (report.status, report.layout, report.route.reason.kind) == (200, "article", "missed")
    assert rendered == []
    assert len(portal.composition.memory) == 0


@pytest.mark.parametrize(
    ("path", "status", "layout"), [("/nothing-1x", 404, "404"), ("/tin-tuc", 301, "")]
)
def test_an_address_without_a_page_is_explained_too(
    site: SmallSite, path: str, status: int, layout: str
):
    site.sections()
    report = explained(site.portal(), path)
    assert (report.status, report.layout) == (status, layout)


def test_what_comes_later_or_is_not_shown_is_said_so(site: SmallSite):
    site.words("words", cache=LONG)
    site.lay_out(
        "home",
        {"key": "later", "block": "words", "deliver": "fetch"},
        {"key": "a", "block": "words", "show": {"between": ["2027-01-01", "2027-01-31"]}},
    )
    portal = site.portal()
    assert block(portal, "later").reason.words == "comes after the page"
    assert block(portal).reason.words == "not shown on this page"


def test_a_required_block_that_is_left_alone_is_explained_all_the_same(site: SmallSite):
    site.block("failing", lambda ctx: 1 / 0, cache=LONG)
    site.lay_out("home", {"key": "a", "block": "failing", "required": True})
    portal = site.portal()
    for _ in range(6):
        assert compose(portal).status == 503
    assert block(portal).reason.kind == "missed"
