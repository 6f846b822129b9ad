"""What machines are told: readiness, version, metrics, ids and timings; and what they are not."""

from __future__ import annotations

import json
import logging
import re
import uuid
from pathlib import Path

import pytest
import yaml
from flask import request
from prometheus_client.parser import text_string_to_metric_families

from portal.block import CachePolicy
from portal.compose import WHOLE
from portal.content.condition import needed_version
from portal.errors import ConfigError
from portal.extensions import make_engine
from portal.web.presence import Presence
from portal.web.presence import mark_leaving
from portal.web.presence import mark_stopping
from tests.clocks import StandingClock
from tests.integration.composition.small_site import SmallSite
from tests.servers import RedisServer

DEPLOY = Path(__file__).parents[3] / "deploy"
TOKEN = "0f343b0931126a20f133d67c2b018a3b"  # noqa: S105 - of this test alone


def samples(text: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """Every sample of an exposition by its name and labels."""
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_ready_says_which_version_the_database_lacks(site: SmallSite):
    client = site.app().test_client()
    assert client.get("/-/health/ready").get_json() == {"status": "ready", "degraded": []}
    engine = make_engine(site.database_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE schema_version SET version_num = '0000'")
    engine.dispose()
    answer = client.get("/-/health/ready")
    assert answer.status_code == 503
    assert needed_version() in answer.get_json()["problems"]["database"]


def test_code_that_is_older_than_the_schema_is_ready(site: SmallSite):
    """While new code rolls out, the old one serves from a schema that was expanded before."""
    engine = make_engine(site.database_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE schema_version SET version_num = '9999'")
    engine.dispose()
    assert site.app().test_client().get("/-/health/ready").status_code == 200


def test_a_standby_reads_and_says_so(postgres_url: str, tmp_path: Path, clock):
    engine = make_engine(postgres_url)
    name = engine.url.database
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(f'ALTER DATABASE "{name}" SET default_transaction_read_only=on')
    engine.dispose()
    site = SmallSite(tmp_path / "site", postgres_url, clock)
    answer = site.app().test_client().get("/-/health/ready")
    site.close()
    assert answer.status_code == 200
    assert answer.get_json()["degraded"] == ["database: it is read-only"]


def test_a_database_that_is_down_is_told_without_its_address(tmp_path: Path, clock):
    url = "postgresql://portal:hunter2@127.0.0.1:1/portal"
    site = SmallSite(tmp_path / "site", url, clock)
    answer = site.app().test_client().get("/-/health/ready")
    assert answer.status_code == 503
    assert answer.get_json()["problems"] == {"database": "it cannot be read"}
    assert "127.0.0.1" not in answer.text


def test_version_names_build_and_schema(site: SmallSite):
    client = site.app(revision="4f2a91c").test_client()
    told = client.get("/-/version").get_json()
    assert told["revision"] == "4f2a91c"
    assert told["schema"] == needed_version()


@pytest.mark.parametrize("sent", ["0123456789abcdef", None, "bad id"])
def test_every_answer_has_a_request_id(site: SmallSite, sent: str | None):
    headers = {} if sent is None else {"X-Request-ID": sent}
    answer = site.app().test_client().get("/", headers=headers)
    assert (answer.headers["X-Request-ID"] == sent) is (sent == "0123456789abcdef")


def test_timings_are_told_in_development_and_by_setting_only(site: SmallSite):
    assert "Server-Timing" not in site.app().test_client().get("/").headers
    shown = site.app(server_timing=True).test_client().get("/-/health/ready")
    assert shown.headers["Server-Timing"].startswith("app;dur=")
    assert "database;dur=" in shown.headers["Server-Timing"]
    developing = site.app(environment="development").test_client().get("/")
    assert "Server-Timing" in developing.headers


def test_a_request_is_logged_without_query_address_and_program(
    site: SmallSite, caplog: pytest.LogCaptureFixture
):
    with caplog.at_level(logging.INFO, "portal.requests"):
        site.app().test_client().get(
            "/tin-tuc/?name=Nguyen", headers={"User-Agent": "Lynx", "Referer": "http://a.example/"}
        )
    told = json.dumps([record.__dict__.get("told") for record in caplog.records])
    assert '"path": "/tin-tuc/"' in told
    for secret in ("Nguyen", "Lynx", "127.0.0.1", "a.example"):
        assert secret not in told


def test_metrics_count_requests_by_route_and_questions_to_the_database(site: SmallSite):
    client = site.app(metrics=True).test_client()
    client.get("/")
    client.get("/nothing/here")
    client.get("/", headers={"Host": "a/b"})
    found = samples(client.get("/-/metrics").text)
    count = "portal_request_seconds_count"
    home = (("method", "GET"), ("route", "/"), ("status", "2xx"))
    missing = (("method", "GET"), ("route", "/<path:path>"), ("status", "4xx"))
    assert found[count, home] == 1
    assert found[count, missing] == 1
    assert found["portal_refused_total", (("kind", "host"),)] == 1
    assert found["portal_dependency_seconds_count", (("dependency", "database"),)] > 0


def test_metrics_of_blocks_follow_a_page_through_both_tiers(
    site: SmallSite, redis_server: RedisServer
):
    """Rendered by one process, found in Redis by the next one, then in memory, then remembered; a
    third one receives the page as a whole."""
    site.news()
    site.lay_out("home", {"key": "a", "block": "news"})
    settings = {
        "metrics": True,
        "cache_redis_url": redis_server.url,
        "cache_key_prefix": f"{uuid.uuid4().hex}:",
        "cache_options": {"socket_timeout": 2.0, "socket_connect_timeout": 2.0},
    }
    first, second, third = (site.app(**settings) for _ in range(3))
    first.test_client().get("/")
    first.extensions["portal"].composer.settle()
    site.clock.advance(seconds=7)
    # With nothing left for later it is no page that processes share as a whole.
    second.test_client().get(f"/?{WHOLE}=1")
    second.extensions["portal"].composition.pages.clear()
    second.test_client().get(f"/?{WHOLE}=1")
    second.test_client().get(f"/?{WHOLE}=1")
    third.test_client().get("/")

    made, found, received = (
        samples(app.test_client().get("/-/metrics").text) for app in (first, second, third)
    )
    news = ("block", "news")
    assert made["portal_block_render_seconds_count", (news,)] == 1
    assert made["portal_fragments_total", (news, ("tier", "rendered"))] == 1
    assert ("portal_block_render_seconds_count", (news,)) not in found
    assert found["portal_fragments_total", (news, ("tier", "redis"))] == 1
    assert found["portal_fragments_total", (news, ("tier", "memory"))] == 1
    assert found["portal_fragment_age_seconds_sum", (news,)] == 14
    assert found["portal_pages_total", (("tier", "composed"),)] == 2
    assert found["portal_pages_total", (("tier", "remembered"),)] == 1
    assert received["portal_pages_total", (("tier", "received"),)] == 1
    assert ("portal_fragments_total", (news, ("tier", "redis"))) not in received
    for counted in (made, found, received):
        assert counted["portal_dependency_seconds_count", (("dependency", "redis"),)] > 0


def test_metrics_tell_that_a_fragment_was_shown_once_more_while_it_is_renewed(
    site: SmallSite, clock: StandingClock
):
    site.words("words", cache=CachePolicy(fresh="30d"))
    site.words("aging", cache=CachePolicy(fresh="10s", stale="1h"))
    site.lay_out("home", {"key": "a", "block": "aging"}, {"key": "b", "block": "words"})
    app = site.app(metrics=True)
    client = app.test_client()
    client.get("/")
    clock.advance(seconds=20)
    assert 'data-block="a"' in client.get("/").text
    app.extensions["portal"].composer.settle()
    found = samples(client.get("/-/metrics").text)
    told = {labels for name, labels in found if name == "portal_fragments_total"}
    assert {tier for (_, block), (_, tier) in told if block == "aging"} == {"rendered", "stale"}
    assert {tier for (_, block), (_, tier) in told if block == "words"} == {"rendered", "memory"}


def test_metrics_tell_of_a_block_that_fails_until_it_is_left_alone(site: SmallSite):
    def render(context: object) -> dict[str, object]:
        raise ValueError("of this test")

    site.block("broken", render, cache=CachePolicy(fresh="0s"))
    site.lay_out("home", {"key": "a", "block": "broken"})
    client = site.app(metrics=True).test_client()
    for _ in range(7):
        assert client.get("/").status_code == 200
    found = samples(client.get("/-/metrics").text)
    broken = ("block", "broken")
    assert found["portal_block_failures_total", (broken, ("kind", "error"))] == 5
    assert found["portal_block_failures_total", (broken, ("kind", "breaker"))] >= 2
    assert found["portal_fragments_total", (broken, ("tier", "hidden"))] == 7


def test_alert_of_old_fragments_counts_copies_of_failed_blocks_and_none_that_grew_old(
    site: SmallSite,
):
    """Blocks are shown once more after their time, while they are renewed; nobody need wake up."""
    rules = yaml.safe_load((DEPLOY / "monitoring" / "alerts.yaml").read_text("utf-8"))
    (rule,) = (r for part in rules["groups"] for r in part["rules"] if r["alert"] == "PortalStale")
    name, label, tier = re.findall(r'(portal_\w+)\{(\w+)="([\w-]+)"\}', rule["expr"])[0]
    broken: list[bool] = []

    def render(context: object) -> dict[str, object]:
        if broken:
            raise ValueError("of this test")
        return {"words": "good"}

    def view_twice(block: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
        site.lay_out("home", {"key": "a", "block": block})
        client = site.app(metrics=True).test_client()
        client.get("/")
        broken.append(True)
        site.clock.advance(minutes=11)
        client.get("/")
        return samples(client.get("/-/metrics").text)

    site.words("aging", cache=CachePolicy(fresh="10m", stale="1d"))
    site.block("failing", render, cache=CachePolicy(fresh="10m", stale="0s"))
    aged, tiers = view_twice("aging"), ("aging", "failing")
    assert aged["portal_fragments_total", (("block", "aging"), ("tier", "stale"))] == 1
    broken.clear()
    failed = view_twice("failing")
    asked = [(name, (("block", block), (label, tier))) for block in tiers]
    assert asked[0] not in aged
    assert failed[asked[1]] == 1


def test_ready_tells_that_the_cache_is_left_alone_and_metrics_why(site: SmallSite):
    site.words("words")
    site.lay_out("home", {"key": "a", "block": "words"})
    app = site.app(metrics=True, cache_redis_url="redis://127.0.0.1:1/0")
    client = app.test_client()
    assert client.get("/-/health/ready").get_json()["degraded"] == []
    for place in ("/", "/tin-tuc/", "/thong-bao/", "/tin-tuc/hoat-dong/"):
        client.get(place)
    answer = client.get("/-/health/ready")
    assert answer.status_code == 200
    assert answer.get_json()["degraded"] == [
        "cache: it does not answer; each process remembers by itself"
    ]
    found = samples(client.get("/-/metrics").text)
    errors = (("dependency", "redis"), ("kind", "connection"))
    assert found["portal_dependency_errors_total", errors] >= 3


def test_metrics_go_on_counting_while_redis_stays_away(site: SmallSite):
    """No reader's page asks it any more; the probes do, and an alert looks at their rate."""
    app = site.app(metrics=True, cache_redis_url="redis://127.0.0.1:1/0")
    client, shared = app.test_client(), app.extensions["portal"].composition.shared
    for place in ("/", "/tin-tuc/", "/thong-bao/", "/tin-tuc/hoat-dong/"):
        client.get(place)
    assert not shared.is_available
    errors = (("dependency", "redis"), ("kind", "connection"))

    def count() -> float:
        return samples(client.get("/-/metrics").text)["portal_dependency_errors_total", errors]

    before = count()
    assert [shared.probe_once() for _ in range(8)] == [False] * 8
    assert count() >= before + 8


def test_metrics_are_off_by_default(site: SmallSite):
    assert site.app().test_client().get("/-/metrics").status_code == 404


@pytest.mark.parametrize(
    ("headers", "address", "status"),
    [
        ({}, "127.0.0.1", 200),
        ({}, "::1", 200),
        ({}, "192.0.2.7", 403),
        ({"X-Forwarded-For": "192.0.2.7"}, "127.0.0.1", 403),
    ],
)
def test_metrics_without_token_are_for_this_machine(
    site: SmallSite, headers: dict[str, str], address: str, status: int
):
    client = site.app(metrics=True).test_client()
    answer = client.get("/-/metrics", headers=headers, environ_base={"REMOTE_ADDR": address})
    assert answer.status_code == status


@pytest.mark.parametrize(
    ("authorization", "status"),
    [(f"Bearer {TOKEN}", 200), (f"Bearer {TOKEN[:-1]}", 403), (TOKEN, 403), ("", 403)],
)
def test_metrics_with_token_are_for_who_has_it(site: SmallSite, authorization: str, status: int):
    client = site.app(metrics=True, metrics_token=TOKEN).test_client()
    answer = client.get("/-/metrics", headers={"Authorization": authorization})
    assert answer.status_code == status


@pytest.mark.parametrize(("hops", "scheme"), [(0, "http"), (1, "https")])
def test_forwarded_headers_are_believed_of_as_many_proxies_as_there_are(
    site: SmallSite, hops: int, scheme: str
):
    app = site.app(proxy_hops=hops)
    seen: list[str] = []

    @app.get("/-/seen")
    def see() -> str:

        seen.append(request.scheme)
        return ""

    app.test_client().get("/-/seen", headers={"X-Forwarded-Proto": "https"})
    assert seen == [scheme]


def test_a_body_that_is_too_large_is_refused_unread(site: SmallSite):
    answer = site.app(body_limit=10).test_client().post("/", data=b"x" * 11)
    assert answer.status_code == 413
    assert answer.headers["Connection"] == "close"
    assert "Content-Security-Policy" in answer.headers


def test_a_process_that_leaves_sends_its_clients_away(tmp_path: Path):
    presence = Presence(tmp_path)
    assert (presence.leaving(), presence.stopping()) == (False, False)
    mark_leaving(tmp_path)
    assert (presence.leaving(), presence.stopping()) == (True, False)
    mark_stopping(tmp_path)
    assert presence.stopping()
    assert not Presence().leaving()


def test_tracing_without_its_packages_is_a_message_and_nothing_else_needs_them(site: SmallSite):
    with pytest.raises(ConfigError, match=r"pip install 'provincial-portal\[tracing\]'"):
        site.app(tracing=True)
