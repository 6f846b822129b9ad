"""The search as readers meet it, on both databases: an address, a page of results, suggestions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.app import Portal
from portal.app import create_app
from portal.content import commands
from portal.content.drafts import ArticleDraft
from portal.content.drafts import SectionDraft
from portal.settings import Settings
from portal.web.addresses import read_search
from portal.web.guard import LONGEST_TARGET
from tests.clocks import StandingClock
from tests.naughty import QUERIES

ROOT = Path(__file__).parents[3]


class Elements(HTMLParser):
    """The elements of a page, what runs in them, and what stands in the search field."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.handlers: list[str] = []
        self.typed = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        values = dict(attrs)
        self.handlers += [name for name in values if name.startswith("on")]
        if tag == "input" and values.get("name") == "q":
            self.typed = values.get("value") or ""


@pytest.fixture
def portal(database_url: str, tmp_path: Path, clock: StandingClock) -> Iterator[Portal]:
    """The shipped site with three articles."""
    settings = Settings(
        environment="development",
        database_url=database_url,
        config=ROOT / "config",
        templates=ROOT / "templates",
        media=tmp_path / "media",
        render_budget="60s",
        database_patience="60s",
    )
    app = create_app(settings, clock=clock)
    portal: Portal = app.extensions["portal"]
    key = portal.folder.site.key
    with Session(portal.engine()) as session, session.begin():
        commands.save_site(session, key)
        commands.save_sections(session, key, [SectionDraft("tin-tuc", {"vi": "Tin tức"})])
        for hour, (locale, title) in enumerate(
            [
                ("vi", "Cầu Bến Ngần thông xe"),
                ("vi", "Khảo sát vị trí cầu Bến Ngần"),
                ("en", "Ben Ngan bridge opens"),
            ],
            start=1,
        ):
            draft = ArticleDraft(
                locale=locale,  # type: ignore[arg-type]  # one of the two
                headline=title,
                lead="Một câu dẫn & một dấu <.",
                section="tin-tuc",
                status="published",
                published=clock() - timedelta(hours=hour),
            )
            commands.save_article(session, key, draft, now=clock())
    yield portal
    portal.close()


@pytest.fixture
def client(portal: Portal, clock: StandingClock) -> Iterator[FlaskClient]:
    """A browser without scripts."""
    app = create_app(portal.settings, clock=clock)
    yield app.test_client()
    app.extensions["portal"].close()


def test_results_say_what_was_looked_for_and_how_many_there_are(client: FlaskClient):
    page = client.get("/tim-kiem?q=cau+ben+ngan")
    assert page.status_code == 200
    assert "<h1" in page.text
    assert "Kết quả cho “cau ben ngan” (2)" in page.text
    assert "<mark>Cầu Bến Ngần</mark> thông xe</a>" in page.text
    assert "<mark>câu</mark> dẫn &amp; một dấu &lt;." in page.text
    assert 'name="robots" content="noindex"' in page.text
    assert 'href="/en/search?q=cau+ben+ngan"' in page.text
    assert "Set-Cookie" not in page.headers


def test_each_language_searches_its_own_articles_at_its_own_address(client: FlaskClient):
    assert "Results for “bridge” (1)" in client.get("/en/search?q=bridge").text
    assert "(0)" in client.get("/tim-kiem?q=bridge").text
    moved = client.get("/search?q=bridge&year=2026")
    assert (moved.status_code, moved.headers["Location"]) == (301, "/tim-kiem?q=bridge&year=2026")
    assert client.get("/tim-kiem/?q=a").headers["Location"] == "/tim-kiem?q=a"


def test_empty_query_and_nothing_found_help_on(client: FlaskClient):
    empty = client.get("/tim-kiem")
    assert empty.status_code == 200
    assert "Gõ một vài từ" in empty.text
    assert 'href="/tin-tuc/"' in empty.text
    wrong = client.get("/tim-kiem?q=cau+ben+ngann")
    assert "Có phải ý bạn là:" in wrong.text
    assert ">cầu Bến Ngần</a>" in wrong.text or ">Cầu Bến Ngần</a>" in wrong.text


def test_every_query_comes_back_escaped(client: FlaskClient):
    """A page with a field to go on in, and no element or handler that a query brought along."""
    known = {
        name
        for words in ("", "cau ben ngan", "cau ben ngann")
        for name in Elements(client.get(f"/tim-kiem?q={quote(words)}").text).names
    }
    for typed in QUERIES:
        target = f"/tim-kiem?q={quote(typed)}"
        answer = client.get(target)
        if len(target) > LONGEST_TARGET:
            assert answer.status_code == 414, typed
            assert 'action="/tim-kiem"' in answer.text, typed
            continue
        assert answer.status_code == 200, typed
        page = Elements(answer.text)
        assert page.names <= known, typed
        assert page.handlers == [], typed
        assert page.typed == read_search(b"q=" + quote(typed).encode()).text, typed


@pytest.mark.parametrize(
    "query",
    [
        "q=%FF%FE",
        "q=c%E2u",
        "q=tin&page=999999",
        "q=tin&after=zzzzzzzz",
        "q=tin&section=%F0x",
        "q=tin&section=khong-co&year=0000&type=video",
        "q=tin&year=99999&page=-1",
        "q=tin&year=1000",
        "q=tin&year=2999&after=00000",
        "q=tin&after=0000zzzzzzzzzzzzzz",
        "q=tin&after=9999zzzzzzzzzzzzzz",
        "q=tin&after=%27%20OR%201",
        "q=a&q=b&section=tin-tuc&section=x",
        "%%%",
    ],
)
def test_broken_addresses_lead_to_a_helpful_page(client: FlaskClient, query: str):
    page = client.get(f"/tim-kiem?{query}")
    assert page.status_code == 200
    assert 'role="search"' in page.text


# On PostgreSQL a worker hears of a change a moment later, which is the cache's matter.
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_results_are_remembered_for_a_minute_and_end_with_a_publication(
    portal: Portal, client: FlaskClient, clock: StandingClock
):
    first = client.get("/tim-kiem?q=cau")
    again = client.get("/tim-kiem?q=cau", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    with Session(portal.engine()) as session, session.begin():
        draft = ArticleDraft(locale="vi", headline="Cầu mới", status="published")
        commands.save_article(session, portal.folder.site.key, draft, now=clock())
    assert "(3)" in client.get("/tim-kiem?q=cau").text


def test_suggestions_are_json_for_the_field(client: FlaskClient):
    answer = client.get("/-/blocks/search_box/suggestions?q=cau+ben&locale=vi")
    offered = answer.get_json()["suggestions"]
    assert [item["text"] for item in offered] == [
        "Cầu Bến Ngần thông xe",
        "Khảo sát vị trí cầu Bến Ngần",
    ]
    assert offered[0]["path"].startswith("/tin-tuc/cau-ben-ngan-thong-xe-")
    for query in ("", "q=", "q=%FF", "q=cau&locale=xx", f"q={'x' * 5000}", "q=%22*"):
        assert client.get(f"/-/blocks/search_box/suggestions?{query}").status_code == 200


def test_every_page_has_one_search_form(client: FlaskClient):
    for path in ("/tin-tuc/", "/en/search", "/tim-kiem?q=a", "/"):
        assert client.get(path).text.count('role="search"') == 1


def test_a_search_that_is_too_long_is_answered_in_the_language_of_its_address(client: FlaskClient):
    typed = quote("đường " * 1_700)
    assert len(typed) > LONGEST_TARGET
    for path, told in (
        ("/tim-kiem", "Địa chỉ quá dài"),
        ("/en/search", "This address is too long"),
    ):
        answer = client.get(f"{path}?q={typed}")
        assert (answer.status_code, answer.mimetype) == (414, "text/html")
        assert f"<h1>{told}</h1>" in answer.text
        assert f'action="{path}"' in answer.text
        assert typed not in answer.text
        assert answer.headers["Connection"] == "close"
        head = client.head(f"{path}?q={typed}")
        assert (head.data, head.headers["Content-Length"]) == (b"", str(len(answer.data)))
    assert client.get("/tim-kiem?q=" + "a" * 10_000).status_code == 200
