"""What hostile requests try over HTTP, and that nothing comes of it."""

from __future__ import annotations

import json
import logging
import re
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote
from urllib.parse import unquote

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.block import CachePolicy
from portal.gallery import add_gallery
from portal.settings import Settings
from portal.sight.logs import JsonFormatter
from portal.web.headers import CONTENT_SECURITY_POLICY
from portal.web.headers import SECURITY_HEADERS
from portal.web.visits import VISITS_PER_SENDER
from tests.integration.composition.small_site import ROOT
from tests.integration.composition.small_site import SmallSite

SECRET = "a-secret-that-nobody-may-ever-see-0123"  # noqa: S105 - of this test alone
EVIL = "evil.example"

# Names that caches in front of other programs were poisoned through, with a value that would show.
UNKEYED = (
    *("Accept", "Accept-Charset", "Accept-Language", "Base-Url", "CF-Connecting-IP", "CF-Visitor"),
    *("Client-IP", "Cookie", "DNT", "Destination", "Fastly-Client-IP", "Fastly-Debug"),
    *("Forwarded", "Forwarded-Host", "From", "Front-End-Https", "Host-Override", "Max-Forwards"),
    *(
        "Origin",
        "Pragma",
        "Proxy-Host",
        "Real-IP",
        "Redirect",
        "Referer",
        "Request-Uri",
        "Save-Data",
    ),
    *("Sec-CH-Prefers-Color-Scheme", "Sec-Fetch-Dest", "Sec-Fetch-Site", "Sec-GPC", "Soapaction"),
    *("True-Client-IP", "Upgrade-Insecure-Requests", "Uri", "Url", "User-Agent", "Via", "Warning"),
    *("X-Amz-Website-Redirect-Location", "X-Arr-SSL", "X-Backend-Host", "X-Client-IP"),
    *("X-Cluster-Client-IP", "X-Custom-IP-Authorization", "X-Debug", "X-Device", "X-Forwarded"),
    *("X-Forwarded-By", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Path"),
    *("X-Forwarded-Port", "X-Forwarded-Prefix", "X-Forwarded-Proto", "X-Forwarded-Protocol"),
    *("X-Forwarded-Scheme", "X-Forwarded-Server", "X-Forwarded-Ssl", "X-Forwarded-Uri"),
    *("X-HTTP-DestinationURL", "X-HTTP-Host-Override", "X-HTTP-Method-Override", "X-Host"),
    *("X-Method-Override", "X-Original-Host", "X-Original-URL", "X-Override-URL", "X-Proxy-URL"),
    *("X-Real-IP", "X-Requested-With", "X-Rewrite-URL", "X-Scheme", "X-Script-Name"),
    *("X-Tenant", "X-True-IP", "X-Url-Scheme", "X-User", "X-WAP-Profile", "X-Wap-Client"),
)
ADDRESSES_ELSEWHERE = (
    *("//evil.example", "///evil.example/%2e%2e", "////evil.example", "/\\evil.example"),
    *("/\\/evil.example", "//evil.example/in", "/%2fevil.example", "/%5cevil.example"),
    *("//evil.example%2f..", "/.evil.example", "//evil.example/tin-tuc", "/%09/evil.example"),
    *("/https://evil.example", "/https:evil.example", "/;@evil.example", "/@evil.example"),
    *("/en//evil.example", "/en/%2fevil.example", "//evil.example/luu.html", "/%00//evil.example"),
    *("/tin-tuc//evil.example", "/tin-tuc/..//evil.example", "/%e3%80%82evil.example"),
    *("/?next=//evil.example", "/?url=https://evil.example", "/?redirect_uri=//evil.example"),
    *("/tin-tuc?return=//evil.example", "/tin-tuc?page=//evil.example", "/en?to=//evil.example"),
)
SPLITTING = (
    *("/%0d%0aSet-Cookie:%20a=1", "/tin-tuc%0d%0aX-Injected:%201", "/tin-tuc?x=%0d%0aX-Injected:1"),
    *("/%E5%98%8A%E5%98%8DSet-Cookie:a=1", "/en%0d%0aLocation:%20//evil.example"),
    *("/-/media/a%0d%0aX-Injected:%201.pdf", "/-/assets/a%0aX-Injected:%201"),
    *("/-/fragments/a%0d%0aX-Injected:1/", "/api/v1/articles/1%0d%0aX-Injected:1"),
)

FILES_OF_THE_PROGRAM = (
    *("/.git/config", "/.env", "/wsgi.py", "/config/site.yaml", "/portal.sqlite3", "/admin"),
    *("/console", "/debug", "/?__debugger__=yes&cmd=resource&f=style.css", "/server-status"),
    *("/-/media/masters/a.png", "/-/media/.hidden", "/-/media/%2e%2e%2fportal.sqlite3"),
    *("/-/media/..%c0%af..%c0%afetc/passwd", "/-/assets/portal/%2e%2e/%2e%2e/settings.py"),
)


@pytest.fixture
def app(site: SmallSite) -> Flask:
    """A site whose home page is kept in memory, with everything switched on that can be."""
    site.words("words", "Bản tin", cache=CachePolicy(fresh="30d"), static={"words.css": "p{}"})
    site.lay_out("home", {"key": "a", "block": "words"})
    (site.folder / "media" / "picture.jpg").write_bytes(b"no picture")
    app = site.app(sealed_with=SECRET, metrics=True, metrics_token=SECRET[::-1])
    add_gallery(app)
    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A reader who keeps what cookies come."""
    return app.test_client()


def every_kind(client: FlaskClient) -> Iterator[Any]:
    """An answer of every kind of address, in every state that it can be asked for."""
    page = client.get("/")
    style = re.search(r'href="(/-/assets/words/[^"]+)"', page.text)
    assert style is not None
    yield page
    yield client.get("/", headers={"If-None-Match": page.headers["ETag"]})
    yield client.get("/", headers={"Range": "bytes=0-9"})
    yield client.get("/", headers={"Range": "bytes=99999999-"})
    yield client.head("/")
    yield client.options("/")
    yield client.get("/", headers={"Host": "a b"})
    yield client.get(style[1])
    for path in (
        *(
            "/tin-tuc",
            "/tin-tuc/",
            "/en/",
            "/nothing",
            "/nothing-99999",
            "/tim-kiem/?q=c%E1%BA%A7u",
        ),
        *("/-/fragments/a/", "/-/fragments/none/", "/-/offline.js", "/-/assets/none.css"),
        *("/-/media/picture.jpg", "/-/media/none.jpg", "/-/health/live", "/-/health/ready"),
        *("/-/version", "/-/metrics", "/-/operators/explain", "/-/nothing", "/-/gallery/"),
        *("/-/gallery/words/", "/-/gallery/none/", "/api/", "/api/v1/articles", "/api/v1/none"),
        *("/api/v1/articles/999", "/api/v1/openapi.json", "/robots.txt", "/sitemap.xml"),
        *("/tin-tuc/rss.xml", "/rss.xml", "/atom.xml", "/feed.json", "/manifest.webmanifest"),
    ):
        yield client.get(path, buffered=True)
    for path in ("/", "/-/visits", "/api/v1/articles", "/-/health/live"):
        yield client.post(path, data=b"x" * 100)


def test_every_kind_of_answer_is_under_a_policy_without_inline_code(client: FlaskClient):
    seen = set()
    for answer in every_kind(client):
        seen.add(answer.status_code)
        names = {name for name, _ in SECURITY_HEADERS}
        assert names <= set(answer.headers.keys()), answer.request.path
        policies = answer.headers.getlist("Content-Security-Policy")
        assert len(policies) == 1
        for part in ("unsafe-", "nonce-", "strict-dynamic", "http:", "*"):
            assert part not in policies[0]
        assert "default-src 'none'" in policies[0]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert {200, 206, 301, 304, 400, 403, 404, 405, 413, 416} <= seen


def test_pages_hold_no_inline_code(client: FlaskClient):
    for answer in every_kind(client):
        if answer.mimetype != "text/html" or not answer.data:
            continue
        scripts = re.findall(r"<script(?![^>]*\bsrc=)([^>]*)>", answer.text)
        assert all("application/" in attributes for attributes in scripts), answer.request.path
        assert "<style" not in answer.text
        assert not re.search(r"<[^>]+\s(?:on[a-z]+|style)=", answer.text), answer.request.path
        assert "javascript:" not in answer.text


def test_scripts_make_only_the_trusted_types_that_the_policy_names():
    policies = set(re.search(r"trusted-types ([\w -]+)", CONTENT_SECURITY_POLICY)[1].split())
    files = [*(ROOT / "portal").rglob("*.js"), *(ROOT / "blocks").rglob("*.js")]
    scripts = "\n".join(file.read_text("utf-8") for file in files)
    assert "require-trusted-types-for 'script'" in CONTENT_SECURITY_POLICY
    assert set(re.findall(r'createPolicy\("([\w-]+)"', scripts)) == policies
    for sink in ("eval(", "new Function", "document.write", "insertAdjacentHTML", "outerHTML ="):
        assert sink not in scripts


def test_readers_get_no_cookie_whatever_they_ask(client: FlaskClient):
    for answer in every_kind(client):
        assert "Set-Cookie" not in answer.headers, answer.request.path
    assert client.get_cookie("session") is None


def test_no_unkeyed_input_changes_a_page_or_takes_memory(app: Flask, client: FlaskClient):
    """Headers, cookies and arguments: same bytes, same headers, warm and cold."""
    pages = app.extensions["portal"].composition.pages
    first = client.get("/")
    held, size = len(pages), pages.bytes

    def same(answer: Any, what: str) -> None:
        assert answer.status_code == 200, what
        assert answer.data == first.data, what
        mine = {k: v for k, v in answer.headers if k != "X-Request-ID"}
        assert mine == {k: v for k, v in first.headers if k != "X-Request-ID"}, what

    assert len(UNKEYED) >= 60
    for name in UNKEYED:
        for value in (EVIL, "https", "/admin", "POST", '"><script>alert(1)</script>'):
            same(client.get("/", headers={name: value}), name)
            same(client.get("/?cold=1", headers={name: value}), name)
    for host in ("evil.example", "MAU.EXAMPLE", "mau.example:1", "localhost.", "[::1]"):
        same(client.get("/", headers={"Host": host}), host)
    for query in (
        *("utm_source=a", "__proto__[x]=1", "page=1", "page=1&page=2", "lang=en", "theme=dark"),
        *("callback=x", "_method=DELETE", "print=1", "%00=1", "a[]=1&a[]=2", "&" * 500, "x" * 3000),
    ):
        same(client.get(f"/?{query}"), query)
    same(client.get("/", data=b"body of a GET", content_type="text/plain"), "a body")
    assert (len(pages), pages.bytes) == (held, size)


def test_hundreds_of_arguments_are_one_page(app: Flask, client: FlaskClient):
    client.get("/")
    pages = app.extensions["portal"].composition.pages
    held = len(pages)
    answer = client.get("/?" + "&".join(f"a{number}" for number in range(600)))
    assert answer.status_code == 200
    assert len(pages) == held
    assert client.get("/?" + "a=1&" * 3000).status_code == 414
    assert client.get("/" + "a" * 12_000).status_code == 414
    longest = client.get("/tim-kiem?q=" + "a+" * 1500, follow_redirects=True)
    assert longest.status_code in {200, 404}


def as_sent(text: str) -> str:
    """A path as WSGI hands it over."""
    return text.encode().decode("latin-1")


def test_no_address_leads_to_another_site(client: FlaskClient):
    # Given as it is: the client would read a host out of an address that begins with two slashes.
    for address in ADDRESSES_ELSEWHERE:
        path, _, query = address.partition("?")
        for written in (path, unquote(path)):
            values = {"PATH_INFO": as_sent(written), "QUERY_STRING": query}
            answer = client.open(path="/", environ_overrides=values)
            location = answer.headers.get("Location", "/")
            assert re.match(r"/(?![\\/\s])|/$", location), (address, location)


@pytest.mark.parametrize(
    ("asked", "target"),
    [
        ("/api", "/api/"),
        ("/en/api?a=b%26c", "/en/api/?a=b%26c"),
        ("/api/v1", "/api/v1/"),
        ("/-/fragments/a", "/-/fragments/a/"),
    ],
)
def test_an_address_without_its_slash_leads_to_no_host_that_a_request_names(
    client: FlaskClient, asked: str, target: str
):
    answer = client.get(asked, headers={"Host": EVIL, "X-Forwarded-Host": EVIL})
    assert (answer.status_code, answer.headers["Location"]) == (308, target)
    assert EVIL not in answer.text


def test_line_breaks_of_an_address_reach_no_header(client: FlaskClient):
    for address in SPLITTING:
        answer = client.get(address, buffered=True)
        assert answer.status_code in {200, 301, 302, 308, 400, 404}, address
        assert "X-Injected" not in answer.headers, address
        assert "Set-Cookie" not in answer.headers, address
        assert all("\r" not in value and "\n" not in value for _, value in answer.headers)


def test_no_request_makes_the_portal_connect_anywhere(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
):
    """Addresses inside of requests are never fetched: the portal has no client for readers."""

    def refuse(*_: Any) -> None:
        raise AssertionError("the portal opened a connection for a reader")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    for target in (
        "http://169.254.169.254/latest/",
        "file:///etc/passwd",
        "gopher://127.0.0.1:6379/",
    ):
        for name in ("url", "src", "image", "path", "next", "q", "feed", "callback"):
            assert client.get(f"/?{name}={quote(target, safe='')}").status_code == 200
        asked = client.get("/tim-kiem", query_string={"q": target}, follow_redirects=True)
        assert asked.status_code in {200, 404}
        assert client.get(f"/-/media/{quote(target, safe='')}").status_code == 404


def test_no_file_of_the_program_is_served(client: FlaskClient):
    for path in FILES_OF_THE_PROGRAM:
        answer = client.get(path, buffered=True)
        assert answer.status_code == (200 if path.startswith("/?") else 404)
        for part in ("SQLite format", "[core]", "from __future__", "root:", "Traceback"):
            assert part not in answer.text


def test_a_page_under_a_foreign_suffix_is_not_there(client: FlaskClient):
    """Caches that decide by the end of an address get nothing to keep."""
    for page in ("/-/metrics", "/-/operators/statistics", "/-/health/ready", "/tin-tuc"):
        for end in (
            "/x.css",
            ";.css",
            "%2fx.css",
            "/..%2fx.css",
            "%00.css",
            "%23x.css",
            ".css",
            "%3f.js",
        ):
            answer = client.get(page + end)
            assert answer.status_code == 404, page + end
            assert answer.headers["Cache-Control"] == "no-store"


def test_a_log_line_stays_one_line_whatever_the_address_says(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
):
    hostile = (
        "%0d%0aFORGED",
        "%1b[31mred",
        "%e2%80%a8next",
        "%00",
        "%c2%85x",
        "%22%7d%7b",
        "%ff%fe",
    )
    with caplog.at_level(logging.INFO, "portal"):
        for text in hostile:
            client.get(f"/{text}", headers={"User-Agent": "a\tb", "X-Request-ID": "a\u0085b"})
    lines = [JsonFormatter().format(record) for record in caplog.records]
    assert len(lines) >= len(hostile)
    for line in lines:
        assert line.isascii()
        assert line.isprintable()
        json.loads(line)


def test_secrets_are_in_no_answer_no_line_and_no_metric(
    site: SmallSite, client: FlaskClient, app: Flask, caplog: pytest.LogCaptureFixture
):
    token = SECRET[::-1]
    with caplog.at_level(logging.DEBUG):
        told = [answer.text for answer in every_kind(client) if answer.mimetype != "image/jpeg"]
        told.append(client.get("/-/metrics", headers={"Authorization": f"Bearer {token}"}).text)
        client.get("/", headers={"Authorization": "Bearer of-a-reader", "Cookie": "a=of-a-reader"})
    portal = app.extensions["portal"]
    told += [record.getMessage() + str(record.__dict__.get("told")) for record in caplog.records]
    told += [repr(portal.composer.statistics())]
    for secret in (SECRET, token, "of-a-reader"):
        assert not any(secret in text for text in told)
    assert "portal_request_seconds" in told[-1 - len(caplog.records) - 1]


def test_secrets_are_compared_in_constant_time():
    """Nothing that a stranger sends is compared with a secret by ==."""
    health = (ROOT / "portal" / "web" / "health.py").read_text("utf-8")
    assert "hmac.compare_digest(offered" in health
    sealing = (ROOT / "portal" / "cache" / "sealing" / "sealer.py").read_text("utf-8")
    assert "compare_digest" in sealing
    for file in ("web/operating/gate.py", "content/operators/tokens.py"):
        assert "hmac.compare_digest(" in (ROOT / "portal" / file).read_text("utf-8")
    operators = (ROOT / "portal" / "web" / "operators.py").read_text("utf-8")
    assert "URLSafeTimedSerializer" in operators


def test_nothing_that_runs_code_from_data_is_in_the_tree():
    forbidden = re.compile(
        r"\b(?:pickle|marshal|shelve|dill)\b\.|\bimport (?:pickle|marshal|shelve)\b"
        r"|\byaml\.(?:load\((?!text\))(?!.*[sS]afe)|unsafe_load|full_load)"
        r"|(?<![\w.])(?:eval|exec)\(|os\.system\("
        r"|shell=True|from_string\("
    )
    for folder in ("portal", "blocks"):
        for file in (ROOT / folder).rglob("*.py"):
            found = forbidden.search(file.read_text("utf-8"))
            assert found is None, f"{file}: {found and found[0]}"


def test_bodies_that_are_bombs_are_refused_unread(client: FlaskClient):
    """No address takes JSON, XML or YAML; the only bodies are short."""
    entity = b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;</x>"
    for body in (b"[" * 100_000, b'{"a":' * 50_000, entity, b"\x00" * 1000, b"1e9"):
        for kind in ("application/json", "application/xml", "application/yaml"):
            answer = client.post("/-/visits", data=body, content_type=kind)
            assert answer.status_code in {400, 413}
            answer = client.post("/api/v1/articles", data=body, content_type=kind)
            assert answer.status_code == 405


def test_a_sender_who_counts_visits_on_and_on_is_stopped(client: FlaskClient):
    statuses = [client.post("/-/visits").status_code for _ in range(VISITS_PER_SENDER + 5)]
    assert statuses == [204] * VISITS_PER_SENDER + [429] * 5


def test_forwarded_addresses_do_not_make_new_senders(client: FlaskClient):
    for number in range(VISITS_PER_SENDER):
        client.post("/-/visits", headers={"X-Forwarded-For": f"192.0.2.{number % 250}"})
    assert client.post("/-/visits", headers={"X-Forwarded-For": "192.0.2.251"}).status_code == 429


def test_debugging_cannot_be_switched_on_by_the_environment(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FLASK_DEBUG", "1")
    assert Settings().environment == "production"
    assert Flask("portal").testing is False
