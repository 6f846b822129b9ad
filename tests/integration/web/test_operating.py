"""The pages of operators and builders: who gets in, what they may, and what is noted of it."""

from __future__ import annotations

import re
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import NullPool
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.block import CachePolicy
from portal.content import operators
from portal.content.models import CacheLog
from portal.content.operators.tables import SessionRow
from portal.extensions import make_engine
from portal.web.operating.gate import COOKIE
from portal.web.operating.passwords import find_fault
from portal.web.operating.passwords import hash_password
from portal.web.operating.passwords import is_password
from tests.clocks import StandingClock
from tests.integration.composition.small_site import SmallSite

PASSWORD = "bốn con trâu qua cầu"  # noqa: S105 - of these tests alone
HASHED = hash_password(PASSWORD)
HERE = {"Sec-Fetch-Site": "same-origin"}
TOKEN = re.compile(r'name="token" value="([^"]+)"')


def store(site: SmallSite, command: Any, *arguments: Any, **options: Any) -> Any:
    """Run a command of operators in a transaction of its own."""
    engine = make_engine(site.database_url, poolclass=NullPool)
    with Session(engine) as session, session.begin():
        return command(session, *arguments, **options)


def open_portal(site: SmallSite, **settings: Any) -> FlaskClient:
    """A portal with operators lan and a builder binh, over HTTPS."""
    site.words("words", "Bản tin", cache=CachePolicy(fresh="30d"))
    site.lay_out("home", {"key": "a", "block": "words"})
    for name, role in (("lan", "operator"), ("binh", "builder")):
        store(site, operators.add_account, name, role, HASHED, now=site.clock())
    return site.app(operators="local", **settings).test_client()


@pytest.fixture
def client(site: SmallSite) -> FlaskClient:
    return open_portal(site)


def get(client: FlaskClient, path: str, **options: Any) -> Any:
    return client.get(path, base_url="https://mau.example", **options)


def post(client: FlaskClient, path: str, data: Any = None, **options: Any) -> Any:
    options.setdefault("headers", HERE)
    return client.post(path, data=data, base_url="https://mau.example", **options)


def log_in(client: FlaskClient, name: str = "lan", password: str = PASSWORD, **options: Any) -> Any:
    """Fill in the form; who is logged in already logs in again."""
    other = client.application.test_client()
    token = TOKEN.search(get(other, "/-/ops/login").text)
    assert token is not None
    form = {"token": token[1], "name": name, "password": password}
    return post(client, "/-/ops/login", form, **options)


def form_token(client: FlaskClient, path: str = "/-/ops/") -> str:
    found = TOKEN.search(get(client, path).text)
    assert found is not None
    return found[1]


def actions(site: SmallSite) -> list[tuple[str, str]]:
    return [(entry.actor, entry.action) for entry in reversed(store(site, operators.recent))]


def test_they_are_not_there_unless_asked_for(site: SmallSite):
    client = site.app().test_client()
    for path in ("/-/ops/", "/-/ops/login", "/-/studio/"):
        assert get(client, path).status_code == 404
    assert post(client, "/-/ops/api/purge").status_code in {404, 405}


def test_who_logs_in_sees_the_page_and_everything_is_private(site_on_each: SmallSite):
    client = open_portal(site_on_each)
    refused = get(client, "/-/ops/")
    assert (refused.status_code, refused.headers["Location"]) == (303, "/-/ops/login")
    answer = log_in(client)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/-/ops/")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    for part in ("Secure", "HttpOnly", "Path=/", "SameSite=Lax"):
        assert part in cookie
    assert "Domain" not in cookie
    page = get(client, "/-/ops/?path=/")
    assert page.status_code == 200
    assert "main.a" in page.text
    for seen in (refused, answer, page, get(client, "/-/studio/")):
        assert seen.headers["Cache-Control"] == "no-store"
        assert "<style" not in seen.text
    assert actions(site_on_each) == [("lan", "login")]


def test_readers_pages_are_the_same_for_who_is_logged_in(client: FlaskClient):
    before = get(client, "/")
    log_in(client)
    after = get(client, "/")
    assert after.data == before.data
    assert "Set-Cookie" not in after.headers


def test_both_languages_have_the_form(client: FlaskClient):
    assert "Mật khẩu" in get(client, "/-/ops/login").text
    english = get(client, "/-/ops/login?locale=en").text
    assert "Password" in english
    assert 'action="/-/ops/login?locale=en"' in english


def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(
    site: SmallSite, client: FlaskClient
):
    wrong = log_in(client, "lan", "wrong")
    unknown = log_in(client, "nobody", "wrong")
    assert wrong.status_code == unknown.status_code == 403
    assert TOKEN.sub("", wrong.text).replace('"lan"', "") == TOKEN.sub("", unknown.text).replace(
        '"nobody"', ""
    )
    assert "Set-Cookie" not in wrong.headers
    assert actions(site) == [("lan", "login failed"), ("?", "login failed")]


@pytest.mark.parametrize("name", ["\x00", "a\x00b", "\u202e", "\ud7ff"])
def test_a_name_that_no_database_can_look_for_is_an_unknown_name(
    site_on_each: SmallSite, name: str
):
    client = open_portal(site_on_each)
    assert log_in(client, name).status_code == 403
    assert actions(site_on_each) == [("?", "login failed")]


def test_an_unknown_name_takes_as_long_as_a_wrong_password():
    def seconds(stored: str | None) -> float:
        taken = []
        for _ in range(5):
            began = time.process_time()
            assert not is_password(stored, "wrong")
            taken.append(time.process_time() - began)
        return statistics.median(taken)

    seconds(None)
    assert 0.5 < seconds(None) / seconds(HASHED) < 2


def test_guessing_costs_longer_and_longer_waits_even_with_the_right_password(
    site: SmallSite, client: FlaskClient, clock: StandingClock
):
    for _ in range(5):
        assert log_in(client, "lan", "wrong").status_code == 403
    waiting = log_in(client)
    assert waiting.status_code == 429
    assert waiting.headers["Retry-After"] == "2"
    clock.advance(seconds=2)
    assert log_in(client).status_code == 303


def test_guesses_at_the_same_time_are_as_many_as_one_after_the_other(site_on_each: SmallSite):
    client = open_portal(site_on_each)
    token = form_token(client, "/-/ops/login")

    def guess(number: int) -> int:
        form = {"token": token, "name": "lan", "password": f"wrong {number}"}
        answer = post(client.application.test_client(), "/-/ops/login", form)
        return int(answer.status_code)

    with ThreadPoolExecutor(12) as pool:
        statuses = list(pool.map(guess, range(12)))
    assert sorted(statuses) == [403] * 5 + [429] * 7
    assert actions(site_on_each) == [("lan", "login failed")] * 5


def test_who_logs_in_again_and_again_never_waits(client: FlaskClient):
    assert [log_in(client).status_code for _ in range(8)] == [303] * 8


def test_an_address_that_tries_many_names_waits_too(client: FlaskClient):
    statuses = [log_in(client, f"name{number}", "wrong").status_code for number in range(6)]
    assert statuses == [403] * 5 + [429]


def test_all_addresses_of_an_ipv6_network_count_as_one(client: FlaskClient):
    def guess(address: str, number: int) -> int:
        sender = {"REMOTE_ADDR": address}
        answer = log_in(client, f"name{number}", "wrong", environ_overrides=sender)
        return int(answer.status_code)

    statuses = [guess(f"2001:db8:0:1::{number}", number) for number in range(6)]
    assert statuses == [403] * 5 + [429]
    assert guess("2001:db8:0:2::1", 7) == 403


def test_a_closed_account_does_not_get_in(site: SmallSite, client: FlaskClient):
    store(site, operators.set_disabled, "lan", True, now=site.clock())
    assert log_in(client).status_code == 403


def test_each_login_has_another_id_and_old_ones_are_worth_nothing(
    site: SmallSite, client: FlaskClient
):
    planted = "x" * 43
    client.set_cookie(COOKIE, planted, domain="mau.example", secure=True)
    log_in(client)
    first = client.get_cookie(COOKIE, domain="mau.example").value
    assert first != planted
    log_in(client)
    second = client.get_cookie(COOKIE, domain="mau.example").value
    assert second != first
    assert len(store(site, lambda s: s.execute(select(SessionRow)).all())) == 1
    token = form_token(client)
    out = post(client, "/-/ops/logout", {"token": token})
    assert "Max-Age=0" in out.headers["Set-Cookie"]
    assert "Secure" in out.headers["Set-Cookie"]
    for old in (planted, first, second):
        client.set_cookie(COOKIE, old, domain="mau.example", secure=True)
        assert get(client, "/-/ops/").status_code == 303
        assert post(client, "/-/ops/purge", {"token": token, "kind": "all"}).status_code == 401


def test_a_login_ends_after_half_an_hour_of_silence(client: FlaskClient, clock: StandingClock):
    log_in(client)
    for _ in range(3):
        clock.advance(minutes=20)
        assert get(client, "/-/ops/").status_code == 200
    clock.advance(minutes=31)
    assert get(client, "/-/ops/").status_code == 303


def test_only_forms_of_this_login_on_this_site_change_anything(
    site: SmallSite, client: FlaskClient
):
    log_in(client)
    token = form_token(client)
    other = client.application.test_client()
    log_in(other)
    stranger = form_token(other)
    before = store(site, lambda s: s.execute(select(CacheLog.position)).scalars().all())
    for path in ("/-/ops/purge", "/-/ops/logout"):
        for data in ({}, {"token": ""}, {"token": stranger}, {"token": token + "0"}):
            assert post(client, path, {"kind": "all", **data}).status_code == 403
        good = {"token": token, "kind": "all"}
        for headers in (
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site", "Origin": "https://mau.example"},
            {"Sec-Fetch-Site": "none"},
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            {"Origin": "http://["},
            {"Origin": "https://mau.example@evil.example"},
            {},
        ):
            assert post(client, path, good, headers=headers).status_code == 403, headers
        assert get(client, path).status_code in {404, 405}
    assert post(client, "/-/ops/login", {"name": "lan", "password": PASSWORD}).status_code == 403
    assert store(site, lambda s: s.execute(select(CacheLog.position)).scalars().all()) == before
    origin = {"Origin": "https://mau.example"}
    assert post(client, "/-/ops/purge", good, headers=origin).status_code == 303


@pytest.mark.parametrize(
    ("kind", "value", "logged"),
    [
        ("all", "", {"*"}),
        ("tag", "article:17", {"article:17"}),
        ("block", "words", {"block:words"}),
    ],
)
def test_a_purge_is_logged_for_every_process_and_noted(
    site: SmallSite, client: FlaskClient, kind: str, value: str, logged: set[str]
):
    log_in(client)
    answer = post(
        client, "/-/ops/purge", {"token": form_token(client), "kind": kind, "value": value}
    )
    assert answer.headers["Location"] == "/-/ops/?ended=1"
    newest = store(
        site, lambda s: s.execute(select(CacheLog.tag).order_by(CacheLog.position.desc())).first()
    )
    assert {newest.tag} == logged
    assert actions(site)[-1] == ("lan", "purge")


def test_purging_a_page_makes_its_blocks_anew(site: SmallSite):
    rendered = site.words("counted", cache=CachePolicy(fresh="30d"))
    client = open_portal(site)
    site.lay_out("home", {"key": "a", "block": "counted"})
    client = site.app(operators="local").test_client()
    get(client, "/")
    get(client, "/")
    assert len(rendered) == 1
    log_in(client)
    post(client, "/-/ops/purge", {"token": form_token(client), "kind": "url", "value": "/"})
    get(client, "/")
    assert len(rendered) == 2


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        *(("tag", ""), ("tag", "two tags"), ("tag", "a\nb"), ("tag", "*"), ("block", "none")),
        *(("url", "//evil.example"), ("url", "https://evil.example/"), ("other", "x")),
    ],
)
def test_a_purge_of_what_there_is_not_says_so_and_ends_nothing(
    site: SmallSite, client: FlaskClient, kind: str, value: str
):
    log_in(client)
    answer = post(
        client, "/-/ops/purge", {"token": form_token(client), "kind": kind, "value": value}
    )
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert ("lan", "purge") not in actions(site)


def test_builders_see_the_studio_and_nothing_of_operations(client: FlaskClient):
    assert log_in(client, "binh").headers["Location"] == "/-/studio/"
    assert get(client, "/-/ops/").status_code == 403
    studio = get(client, "/-/studio/?path=/")
    assert studio.status_code == 200
    assert "main.a" in studio.text
    token = form_token(client, "/-/studio/")
    assert post(client, "/-/ops/purge", {"token": token, "kind": "all"}).status_code == 403
    layout = get(client, "/-/studio/layouts/home")
    assert "home.yaml:" in layout.text
    assert get(client, "/-/studio/layouts/none").status_code == 404
    assert post(client, "/-/ops/logout", {"token": token}).status_code == 303


def test_every_address_of_these_is_closed_to_strangers(client: FlaskClient):
    """New ones too: every rule of the application below the two prefixes is asked."""
    rules = [
        rule
        for rule in client.application.url_map.iter_rules()
        if rule.rule.startswith(("/-/ops", "/-/studio"))
    ]
    assert len(rules) >= 7
    for rule in rules:
        path = rule.rule.replace("<name>", "home")
        for method in ("GET", "POST"):
            if method not in (rule.methods or ()) or path == "/-/ops/login":
                continue
            answer = client.open(path, method=method, base_url="https://mau.example", headers=HERE)
            assert answer.status_code in {303, 401}, path
            assert answer.headers["Cache-Control"] == "no-store"


def test_what_was_typed_is_shown_as_text(client: FlaskClient):
    hostile = '"><script>alert(1)</script>'
    assert hostile not in log_in(client, hostile, "x").text
    log_in(client)
    for path in ("/-/ops/", "/-/studio/"):
        assert hostile not in get(client, path, query_string={"path": f"/{hostile}"}).text


@pytest.mark.parametrize("elsewhere", ["//evil.example/", "/\\evil.example/", "/\t/evil.example/"])
def test_a_report_has_no_link_to_another_host(client: FlaskClient, elsewhere: str):
    log_in(client)
    for path in ("/-/ops/", "/-/studio/"):
        page = get(client, path, query_string={"path": elsewhere}).text
        assert f'href="{elsewhere}"' not in page
        assert "Địa chỉ này không dẫn đến trang nào." in page


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("short", "shorter than 14"),
        ("a" * 129, "longer than 128"),
        ("ababababababab", "fewer than 6 different"),
        ("lan đi chợ phiên", "the name of the account"),
        ("my password is long", "'password'"),
        ("mat khau rat dai day", "'matkhau'"),
        (PASSWORD, ""),
    ],
)
def test_a_weak_password_is_explained(password: str, fault: str):
    found = find_fault(password, "lan")
    assert fault in found
    assert bool(found) is bool(fault)


def test_a_program_purges_with_a_token_of_that_scope_in_the_header(
    site: SmallSite, client: FlaskClient
):
    now = site.clock()
    purging = store(site, operators.add_token, "cms", "purge", now=now)
    measuring = store(site, operators.add_token, "prometheus", "metrics", now=now)

    def ask(token: str, body: Any = None, **options: Any) -> Any:
        headers = {"Authorization": f"Bearer {token}"}
        return post(client, "/-/ops/api/purge", json=body, headers=headers, **options)

    good = {"tags": ["article:17"], "urls": ["/"], "blocks": ["words"]}
    answer = ask(purging, good)
    assert answer.status_code == 200
    assert {"article:17", "block:words"} < set(answer.get_json()["ended"])
    assert answer.headers["Cache-Control"] == "no-store"
    number = purging.split("_")[1]
    assert actions(site)[-1] == (f"token {number}", "purge")
    assert ask(measuring, good).status_code == 401
    assert post(client, f"/-/ops/api/purge?token={purging}", json=good).status_code == 401
    log_in(client)
    assert post(client, "/-/ops/api/purge", json=good).status_code == 401
    for body in ({}, [], {"tags": "a"}, {"all": 1}, {"other": []}, {"tags": ["a b"]}, None, "x"):
        assert ask(purging, body).status_code == 400, body
    for half in ("/tim-kiem?q=\ud800", "/\udfff"):
        answer = ask(purging, {"urls": [half]})
        assert answer.status_code == 400
        assert "leads to no page" in answer.text
    deep = post(
        client,
        "/-/ops/api/purge",
        b"[" * 60_000,
        headers={"Authorization": f"Bearer {purging}"},
    )
    assert deep.status_code == 400
    store(site, operators.revoke_token, number, now=now)
    assert ask(purging, good).status_code == 401


def test_a_token_reads_the_metrics_beside_the_one_of_the_settings(site: SmallSite):
    client = open_portal(site, metrics=True, metrics_token="0123456789abcdef" * 2)
    measuring = store(site, operators.add_token, "prometheus", "metrics", now=site.clock())
    purging = store(site, operators.add_token, "cms", "purge", now=site.clock())
    for token, status in ((measuring, 200), (purging, 403), ("0123456789abcdef" * 2, 200)):
        headers = {"Authorization": f"Bearer {token}"}
        assert client.get("/-/metrics", headers=headers).status_code == status
