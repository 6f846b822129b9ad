"""Logging in by an OpenID provider: a real one over HTTP, honest or not, there or away."""

from __future__ import annotations

import re
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any
from urllib.parse import parse_qs
from urllib.parse import urlencode
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from joserfc.jwk import RSAKey
from sqlalchemy import select

from portal.block import CachePolicy
from portal.content import operators
from portal.content.operators.tables import AccountRow
from portal.content.operators.tables import SessionRow
from portal.errors import ContentError
from portal.web.operating.gate import COOKIE
from portal.web.operating.single_sign_on import COOKIE as HANDSHAKE
from tests.clocks import StandingClock
from tests.identity import CLIENT
from tests.identity import SECRET
from tests.identity import Claims
from tests.identity import IdentityProvider
from tests.identity import run_identity_provider
from tests.integration.composition.small_site import SmallSite
from tests.integration.web.test_operating import HASHED
from tests.integration.web.test_operating import TOKEN
from tests.integration.web.test_operating import actions
from tests.integration.web.test_operating import form_token
from tests.integration.web.test_operating import get
from tests.integration.web.test_operating import log_in
from tests.integration.web.test_operating import post
from tests.integration.web.test_operating import store

START = "/-/ops/login/sso"
RETURN_TO = "https://mau.example/-/ops/login/sso/answer"
LAN = {"sub": "7c1f", "preferred_username": "Lân", "groups": ["van-hanh", "khac"]}


@pytest.fixture
def provider(clock: StandingClock) -> Iterator[IdentityProvider]:
    with run_identity_provider(RETURN_TO, clock, dict(LAN)) as running:
        yield running


def open_portal(site: SmallSite, provider: IdentityProvider, mode: str = "oidc") -> FlaskClient:
    """A portal whose operators are in the provider's group van-hanh, its builders in dung-trang."""
    site.words("words", "Bản tin", cache=CachePolicy(fresh="30d"))
    site.lay_out("home", {"key": "a", "block": "words"})
    return site.app(
        operators=mode,
        oidc_issuer=provider.address,
        oidc_client_id=CLIENT,
        oidc_client_secret=SECRET,
        oidc_operator_groups=("van-hanh",),
        oidc_builder_groups=("dung-trang",),
    ).test_client()


@pytest.fixture
def client(site: SmallSite, provider: IdentityProvider) -> FlaskClient:
    return open_portal(site, provider)


def begin(client: FlaskClient, path: str = START) -> str:
    """Follow the link to the provider, as a browser; the address that it sends back to."""
    sent = get(client, path)
    assert sent.status_code == 303
    parts = urlsplit(sent.headers["Location"])
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=5)
    try:
        connection.request("GET", f"{parts.path}?{parts.query}")
        answer = connection.getresponse()
        assert answer.status == 303, answer.read()
        back = urlsplit(answer.getheader("Location") or "")
    finally:
        connection.close()
    return f"{back.path}?{back.query}"


def sign_on(client: FlaskClient, path: str = START) -> Any:
    """The whole way there and back."""
    return get(client, begin(client, path))


def with_part(address: str, **parts: str) -> str:
    """The same answer with other parameters; an empty one is left out."""
    place, _, query = address.partition("?")
    values = {name: found[0] for name, found in parse_qs(query).items()} | parts
    return f"{place}?{urlencode({name: value for name, value in values.items() if value})}"


def test_a_member_of_the_group_is_let_in_under_a_new_session(
    site_on_each: SmallSite, provider: IdentityProvider
):
    """Both databases keep issuer and subject; the audit log says who came which way."""
    client = open_portal(site_on_each, provider)
    planted = "x" * 43
    client.set_cookie(COOKIE, planted, domain="mau.example", secure=True)
    answer = sign_on(client)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/-/ops/")
    cookies = answer.headers.getlist("Set-Cookie")
    assert any(c.startswith(f"{HANDSHAKE}=;") and "Max-Age=0" in c for c in cookies)
    assert all("HttpOnly" in c and "Secure" in c and "SameSite=Lax" in c for c in cookies)
    first = client.get_cookie(COOKIE, domain="mau.example")
    assert first is not None
    assert first.value != planted
    assert get(client, "/-/ops/").status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    (entry,) = store(site_on_each, operators.recent)
    assert (entry.actor, entry.action) == ("lan@127.0.0.1", "login")
    assert entry.detail == "by the identity provider"
    sign_on(client)
    second = client.get_cookie(COOKIE, domain="mau.example")
    assert second is not None
    assert second.value != first.value
    linked = store(
        site_on_each, lambda s: s.execute(select(AccountRow.issuer, AccountRow.subject)).one()
    )
    assert tuple(linked) == (provider.address, "7c1f")
    assert len(store(site_on_each, lambda s: s.execute(select(SessionRow)).all())) == 1


def test_the_request_carries_state_nonce_and_a_challenge_that_differ_each_time(
    client: FlaskClient,
):
    seen: list[dict[str, list[str]]] = []
    for _ in range(2):
        sent = get(client, START)
        cookie = client.get_cookie(HANDSHAKE, domain="mau.example")
        query = parse_qs(urlsplit(sent.headers["Location"]).query)
        assert query["code_challenge_method"] == ["S256"]
        assert cookie is not None
        for part in ("state", "nonce", "code_challenge"):
            assert query[part][0] not in cookie.value
        seen.append(query)
    for part in ("state", "nonce", "code_challenge"):
        assert seen[0][part] != seen[1][part]


def test_another_site_cannot_begin_a_login(client: FlaskClient, provider: IdentityProvider):
    for told in ("cross-site", "same-site"):
        assert get(client, START, headers={"Sec-Fetch-Site": told}).status_code == 403
    assert provider.asked == []


def test_a_builder_gets_the_studio_and_a_group_that_changes_changes_the_role(
    site: SmallSite, client: FlaskClient, provider: IdentityProvider
):
    provider.person["groups"] = "dung-trang"
    assert sign_on(client).headers["Location"] == "/-/studio/"
    assert get(client, "/-/ops/").status_code == 403
    provider.person["groups"] = ["dung-trang", "van-hanh"]
    assert sign_on(client).headers["Location"] == "/-/ops/"


def test_who_is_in_no_group_gets_a_page_that_says_so_and_loses_open_sessions(
    site: SmallSite, client: FlaskClient, provider: IdentityProvider
):
    sign_on(client)
    other = client.application.test_client()
    provider.person["groups"] = ["khac"]
    answer = sign_on(other)
    assert answer.status_code == 403
    assert "chưa được cấp quyền" in answer.text
    assert get(client, "/-/ops/").status_code == 303
    assert actions(site)[-1] == ("lan@127.0.0.1", "login refused")


def test_groups_may_come_with_the_user_info_of_the_same_person(
    client: FlaskClient, provider: IdentityProvider
):
    del provider.person["groups"]
    provider.in_user_info = {"groups": ["van-hanh"], "sub": "somebody else"}
    assert sign_on(client).status_code == 403
    provider.in_user_info = {"groups": ["van-hanh"]}
    assert sign_on(client).headers["Location"] == "/-/ops/"


def test_an_account_belongs_to_a_subject_and_not_to_a_name(
    site: SmallSite, client: FlaskClient, provider: IdentityProvider
):
    provider.person |= {"email": "lan@example.vn", "email_verified": True}
    sign_on(client)
    provider.person["sub"] = "another"
    sign_on(client)
    chosen = select(AccountRow.name).order_by(AccountRow.id)
    names = store(site, lambda s: s.execute(chosen).scalars().all())
    assert names[0] == "lan@127.0.0.1"
    assert re.fullmatch(r"lan-[0-9a-f]{12}@127\.0\.0\.1", names[1])
    with pytest.raises(ContentError, match="has no password here"):
        store(site, operators.set_password, names[0], "x")


def test_a_closed_account_does_not_get_in(site: SmallSite, client: FlaskClient):
    sign_on(client)
    store(site, operators.set_disabled, "lan@127.0.0.1", True, now=site.clock())
    assert get(client, "/-/ops/").status_code == 303
    answer = sign_on(client)
    assert answer.status_code == 403
    assert "Set-Cookie" in answer.headers
    assert get(client, "/-/ops/").status_code == 303


def wrong(**claims: Any) -> Any:
    """A change of a token: other values, or none for what is left out."""

    def change(honest: Claims) -> Claims:
        values = {**honest, **claims}
        return {name: value for name, value in values.items() if value is not None}

    return change


@pytest.mark.parametrize(
    "claims",
    [
        *({"nonce": "other"}, {"nonce": None}),
        *({"iss": "https://evil.example"}, {"iss": None}),
        *({"aud": "other"}, {"aud": None}, {"aud": [CLIENT, "other"]}, {"azp": "other"}),
        *({"exp": None}, {"exp": 1}, {"iat": 4_000_000_000}, {"nbf": 4_000_000_000}),
        *({"sub": None}, {"sub": ""}, {"sub": 7}, {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}),
    ],
    ids=str,
)
def test_a_token_with_a_wrong_claim_lets_nobody_in(
    site: SmallSite, client: FlaskClient, provider: IdentityProvider, claims: Claims
):
    provider.change = wrong(**claims)
    refuse(site, client, sign_on(client))


def refuse(site: SmallSite, client: FlaskClient, answer: Any) -> None:
    """Nobody was let in, the page says so in words, and it is noted."""
    turn_away(site, client, answer)
    assert actions(site)[-1][1] == "login failed"


def turn_away(site: SmallSite, client: FlaskClient, answer: Any) -> None:
    """Nobody was let in, and the page says so in words."""
    assert answer.status_code == 403
    assert 'role="alert"' in answer.text
    assert "Traceback" not in answer.text
    assert get(client, "/-/ops/").status_code == 303
    assert store(site, lambda s: s.execute(select(AccountRow)).all()) == []


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_a_token_without_the_providers_own_signature_lets_nobody_in(
    site: SmallSite, client: FlaskClient, provider: IdentityProvider, algorithm: str
):
    """HS256 with the public key as its secret is what a program that believes `alg` accepts."""
    provider.algorithm = algorithm
    refuse(site, client, sign_on(client))


def test_a_token_by_another_key_lets_nobody_in(
    site: SmallSite, client: FlaskClient, provider: IdentityProvider
):
    provider.signing = RSAKey.generate_key(2048, {"kid": "one"})
    refuse(site, client, sign_on(client))


def test_a_key_that_was_replaced_is_taken_up(client: FlaskClient, provider: IdentityProvider):
    sign_on(client)
    provider.key = RSAKey.generate_key(2048, {"kid": "two"})
    assert sign_on(client).headers["Location"] == "/-/ops/"


def test_a_token_that_is_over_by_the_clock_lets_nobody_in(
    site: SmallSite, client: FlaskClient, provider: IdentityProvider, clock: StandingClock
):
    made = provider.claims("")
    provider.change = wrong(iat=made["iat"], exp=made["exp"])
    clock.advance(minutes=6)
    refuse(site, client, sign_on(client))


@pytest.mark.parametrize(
    "parts",
    [
        *({"state": "other"}, {"state": ""}, {"code": "other"}, {"code": ""}),
        *({"iss": "https://evil.example"}, {"iss": ""}, {"error": "access_denied"}),
    ],
)
def test_an_answer_that_is_not_of_this_login_lets_nobody_in(
    site: SmallSite, client: FlaskClient, parts: dict[str, str]
):
    refuse(site, client, get(client, with_part(begin(client), **parts)))


def test_an_answer_in_another_browser_lets_nobody_in(site: SmallSite, client: FlaskClient):
    """Or an attacker could log somebody in as himself."""
    back = begin(client)
    other = client.application.test_client()
    turn_away(site, other, get(other, back))
    begin(other)
    refuse(site, other, get(other, back))


def test_an_answer_is_good_once_even_with_its_cookie(client: FlaskClient, site: SmallSite):
    back = begin(client)
    cookie = client.get_cookie(HANDSHAKE, domain="mau.example")
    assert cookie is not None
    assert get(client, back).headers["Location"] == "/-/ops/"
    thief = client.application.test_client()
    assert get(thief, back).status_code == 403
    thief.set_cookie(HANDSHAKE, cookie.value, domain="mau.example", secure=True)
    assert get(thief, back).status_code == 403
    assert get(thief, "/-/ops/").status_code == 303
    assert actions(site)[-1] == ("?", "login failed")


def test_pictures_on_a_foreign_page_lock_nobody_out(
    site: SmallSite, provider: IdentityProvider, caplog: pytest.LogCaptureFixture
):
    """The cookie of who began a login does not go with them, nor does that of somebody else."""
    client = open_portal(site, provider, "both")
    stranger = client.application.test_client()
    stranger.set_cookie(HANDSHAKE, "forged", domain="mau.example", secure=True)
    for browser in (client.application.test_client(), stranger):
        for number in range(6):
            address = f"{START}/answer?state=x&code={number}"
            turn_away(site, browser, get(browser, address))
    assert actions(site) == []
    assert "a browser that began none" in caplog.text
    store(site, operators.add_account, "binh", "operator", HASHED, now=site.clock())
    assert log_in(client, "binh").status_code == 303
    assert sign_on(client).status_code == 303


def test_who_fails_again_and_again_waits(client: FlaskClient, provider: IdentityProvider):
    statuses = [get(client, with_part(begin(client), code="x")).status_code for _ in range(6)]
    assert statuses == [403] * 5 + [429]
    # The provider is not asked for who waits.
    assert provider.asked.count("/token") == 5


def test_without_the_provider_the_page_says_so_and_local_accounts_get_in(
    site: SmallSite, clock: StandingClock
):
    with run_identity_provider(RETURN_TO, clock, dict(LAN)) as gone:
        pass
    client = open_portal(site, gone, mode="both")
    store(site, operators.add_account, "binh", "operator", HASHED, now=site.clock())
    answer = get(client, START)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "30"
    assert "không trả lời" in answer.text
    assert "127.0.0.1" not in answer.text
    assert TOKEN.search(answer.text)
    assert log_in(client, "binh").status_code == 303
    assert get(client, "/").status_code == 200


def test_a_provider_that_goes_between_question_and_answer_is_no_failed_login(
    site: SmallSite, clock: StandingClock
):
    with run_identity_provider(RETURN_TO, clock, dict(LAN)) as provider:
        client = open_portal(site, provider)
        back = begin(client)
    answer = get(client, back)
    assert answer.status_code == 503
    assert actions(site) == []


def test_a_provider_that_calls_itself_otherwise_is_not_used(
    site: SmallSite, client: FlaskClient, provider: IdentityProvider, caplog: Any
):
    honest = provider.metadata()
    provider.metadata = lambda: honest | {"issuer": "https://evil.example"}  # type: ignore[method-assign]
    assert get(client, START).status_code == 503
    assert "set PORTAL_OIDC_ISSUER exactly" in caplog.text


def test_only_oidc_takes_no_password_and_shows_no_form(
    site: SmallSite, client: FlaskClient, provider: IdentityProvider
):
    store(site, operators.add_account, "binh", "operator", HASHED, now=site.clock())
    page = get(client, "/-/ops/login").text
    assert 'type="password"' not in page
    assert 'href="/-/ops/login/sso"' in page
    both = site.app(
        operators="both",
        oidc_issuer=provider.address,
        oidc_client_id=CLIENT,
        oidc_operator_groups=("van-hanh",),
    ).test_client()
    form = TOKEN.search(get(both, "/-/ops/login").text)
    assert form is not None
    data = {"token": form[1], "name": "binh", "password": "bốn con trâu qua cầu"}
    assert post(client, "/-/ops/login", data).status_code == 403
    # Who logged in by password while it was open is out as soon as it is closed.
    log_in(both, "binh")
    cookie = both.get_cookie(COOKIE, domain="mau.example")
    assert cookie is not None
    assert get(both, "/-/ops/").status_code == 200
    client.set_cookie(COOKIE, cookie.value, domain="mau.example", secure=True)
    assert get(client, "/-/ops/").status_code == 303


def test_a_password_never_opens_an_account_that_the_provider_vouches_for(
    site: SmallSite, provider: IdentityProvider
):
    client = open_portal(site, provider, mode="both")
    sign_on(client)
    for password in ("", "x"):
        other = client.application.test_client()
        assert log_in(other, "lan@127.0.0.1", password).status_code == 403


def test_the_logout_goes_on_to_the_provider(client: FlaskClient, provider: IdentityProvider):
    sign_on(client)
    answer = post(client, "/-/ops/logout", {"token": form_token(client)})
    assert answer.status_code == 200
    place = answer.headers["Refresh"].removeprefix("0; url=")
    assert place.startswith(f"{provider.address}/logout?")
    query = parse_qs(urlsplit(place).query)
    assert query["post_logout_redirect_uri"] == ["https://mau.example/-/ops/login"]
    assert query["client_id"] == [CLIENT]
    assert get(client, "/-/ops/").status_code == 303


def test_the_language_goes_there_and_back(client: FlaskClient, provider: IdentityProvider):
    assert sign_on(client, f"{START}?locale=en").headers["Location"] == "/-/ops/?locale=en"
    provider.person["groups"] = []
    other = client.application.test_client()
    assert "may neither run nor build" in sign_on(other, f"{START}?locale=en").text


def test_readers_pages_know_nothing_of_the_provider(
    client: FlaskClient, provider: IdentityProvider
):
    page = get(client, "/")
    assert "Set-Cookie" not in page.headers
    assert provider.address not in page.text + str(page.headers)
    login = get(client, "/-/ops/login")
    assert login.headers["Content-Security-Policy"] == page.headers["Content-Security-Policy"]
    assert provider.asked == []
