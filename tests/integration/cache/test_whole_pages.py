"""Pages that one process puts together and others take as a whole."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import redis

from portal.app import Portal
from portal.block import CachePolicy
from portal.cache import OncePerProcess
from portal.compose import Composer
from portal.compose import PageRequest
from portal.compose import Remembered
from portal.content.stamps import LogRows
from portal.content.values import SearchQuery
from portal.errors import ContentUnavailable
from portal.web.forms import make_form
from tests.clocks import StandingClock
from tests.integration.composition.small_site import ROOT
from tests.integration.composition.small_site import SmallSite
from tests.integration.composition.small_site import compose
from tests.integration.composition.small_site import fragments
from tests.integration.composition.small_site import headlines
from tests.servers import RedisServer

LONG = CachePolicy(fresh="30d")

Start = Callable[[], Portal]


def received(portal: Portal, path: str) -> Remembered | None:
    """The page as a worker answers it that makes nothing."""
    known, _ = portal.composer.receive(PageRequest(path, "vi"))
    return known


def settled(portal: Portal, path: str) -> Any:
    page = compose(portal, path)
    portal.composer.settle()
    return page


def stories(site: SmallSite, number: int, *blocks: dict[str, Any]) -> list[str]:
    """The paths of articles whose pages hold these blocks."""
    site.lay_out("article", *blocks)
    return [f"/tin-tuc/story-{site.article('Story', days=day + 1)}" for day in range(number)]


def test_a_new_process_takes_a_page_whole_and_none_of_its_parts(site: SmallSite, process: Start):
    site.news()
    site.words("words", cache=LONG)
    [path] = stories(site, 1, {"key": "a", "block": "news"}, {"key": "b", "block": "words"})
    page = settled(process(), path)
    new = process()
    known = received(new, path)
    assert known is not None
    assert (known.page.body, known.page.etag, known.page.tags) == (page.body, page.etag, page.tags)
    assert set(known.page.states.values()) == {"fresh"}
    assert new.composer.statistics()["entries"] == 0
    assert new.composer.recall(PageRequest(path, "vi")) is known


def test_it_comes_compressed_as_every_process_compresses_it(site: SmallSite, process: Start):
    site.words("words", "Một đoạn văn. " * 100, cache=LONG)
    [path] = stories(site, 1, {"key": "a", "block": "words"})
    page = settled(process(), path)
    known = received(process(), path)
    assert known is not None
    sent, ours = make_form(known.page, "gzip"), make_form(page, "gzip")
    assert (sent.body, sent.headers) == (ours.body, ours.headers)
    assert ("Content-Encoding", "gzip") in sent.headers


def test_while_pages_come_whole_each_costs_one_key(
    site: SmallSite, process: Start, redis_server: RedisServer
):
    site.words("words", cache=LONG)
    first, second, missing, other = stories(site, 4, {"key": "a", "block": "words"})
    one, new = process(), process()
    for path in (first, second):
        settled(one, path)
    with redis.Redis(port=redis_server.port) as client:

        def looked_up() -> int:
            info = client.info("stats")
            return int(info["keyspace_hits"]) + int(info["keyspace_misses"])

        assert received(new, first) is not None
        before = looked_up()
        assert received(new, second) is not None
        assert looked_up() - before == 1
        assert received(new, missing) is None
        assert looked_up() - before == 2
        # The first in vain is made here; after it both are asked for at once.
        assert compose(new, missing).status == 200
        new.composer.settle()
        assert received(new, other) is None
        assert looked_up() - before > 4


def test_a_page_that_is_never_whole_comes_in_parts_while_others_come_whole(
    site: SmallSite, process: Start
):
    """A search depends on what is asked; the blocks beside its results do not."""
    rendered = site.words("words", cache=LONG)
    site.lay_out("search", {"key": "a", "block": "words"})
    [path] = stories(site, 1, {"key": "a", "block": "words"})
    search = PageRequest("/tim-kiem", "vi", search=SearchQuery())
    one, new = process(), process()
    settled(one, path)
    one.composer.compose(search)
    one.composer.settle()
    assert received(new, path) is not None
    known, _ = new.composer.receive(search)
    assert known is not None
    assert len(rendered) == 1


def test_what_an_edit_ended_does_not_come_whole(site: SmallSite, process: Start):
    site.news()
    [path] = stories(site, 1, {"key": "a", "block": "news"})
    settled(process(), path)
    site.article("Newest", days=0.1)
    new = process()
    assert received(new, path) is None
    assert headlines(fragments(compose(new, path))["a"])[0] == "Newest"


def test_who_asked_in_vain_leaves_the_page_for_the_next_one(site: SmallSite, process: Start):
    listed, words = site.news(), site.words("words", cache=LONG)
    [path] = stories(site, 1, {"key": "a", "block": "news"}, {"key": "b", "block": "words"})
    settled(process(), path)
    site.article("Newest", days=0.1)
    settled(process(), path)
    last = process()
    known = received(last, path)
    assert known is not None
    assert headlines(fragments(known.page)["a"])[0] == "Newest"
    assert last.composer.statistics()["entries"] == 0
    assert (len(listed), len(words)) == (2, 1)


def test_it_ends_with_the_part_that_ends_first(
    site: SmallSite, process: Start, clock: StandingClock
):
    site.news()
    [path] = stories(site, 1, {"key": "a", "block": "news"})
    site.article("Planned", days=-1 / 24)
    settled(process(), path)
    clock.advance(minutes=59)
    assert received(process(), path) is not None
    clock.advance(minutes=2)
    new = process()
    assert received(new, path) is None
    assert headlines(fragments(compose(new, path))["a"])[0] == "Planned"


def test_a_page_with_a_part_of_one_process_is_not_shared(site: SmallSite, process: Start):
    own = site.words("own", cache=CachePolicy(fresh="30d", shared=False))
    [path] = stories(site, 1, {"key": "a", "block": "own"})
    settled(process(), path)
    new = process()
    assert received(new, path) is None
    settled(new, path)
    assert own == ["a", "a"]


def test_a_page_of_another_layout_is_not_taken(site: SmallSite, process: Start):
    site.words("words", cache=LONG)
    [path] = stories(site, 1, {"key": "a", "block": "words"}, {"key": "b", "block": "words"})
    settled(process(), path)
    site.lay_out("article", {"key": "b", "block": "words"}, {"key": "a", "block": "words"})
    new = process()
    known = received(new, path)
    # Its parts are the same, so it is put together of them.
    assert known is not None
    assert list(fragments(known.page)) == ["b", "a"]
    assert new.composer.statistics()["entries"] > 0


class SilentLog:
    """A log that cannot be read."""

    def head(self) -> LogRows:
        raise ContentUnavailable("the database is away")

    def rows(self, after: int) -> LogRows:
        raise ContentUnavailable("the database is away")


def test_without_the_database_it_is_shown_as_what_was_last_known(site: SmallSite, process: Start):
    site.words("words", cache=LONG)
    [path] = stories(site, 1, {"key": "a", "block": "words", "required": True})
    page = settled(process(), path)
    new = process()
    assert received(new, path) is not None
    new.composition.table._source = SilentLog()
    assert received(new, path) is None
    shown = compose(new, path)
    assert (shown.status, shown.body, shown.degraded) == (200, page.body, True)


def test_nothing_is_received_before_the_database_was_checked(site: SmallSite, process: Start):
    """Without the triggers nobody would know what an edit has ended."""
    site.words("words", cache=LONG)
    [path] = stories(site, 1, {"key": "a", "block": "words"})
    settled(process(), path)
    checked = threading.Event()
    begin = OncePerProcess(checked.wait, patience=0.05)
    composer = Composer(replace(process().composition, greet=begin))
    request = PageRequest(path, "vi")
    assert composer.receive(request)[0] is None
    checked.set()
    end = time.monotonic() + 20
    while composer.receive(request)[0] is None:
        assert time.monotonic() < end


def test_processes_agree_on_the_digest_of_pages():
    code = "from wsgi import app; print(app.extensions['portal'].composition.plans.page_digest)"
    digests = set()
    for seed in ("1", "2"):
        environment = os.environ | {"PYTHONHASHSEED": seed, "PORTAL_ENVIRONMENT": "development"}
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        digests.add(done.stdout.strip())
    assert len(digests) == 1
    assert len(digests.pop()) == 32
