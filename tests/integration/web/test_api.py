"""The API for programs: true to the content, cheap to ask again, and helpful when it refuses."""

from __future__ import annotations

import json
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck
from hypothesis import Phase
from hypothesis import given
from hypothesis import settings
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis import GenerationMode

from portal.content import commands
from tests.integration.composition.small_site import SITE
from tests.integration.composition.small_site import SmallSite

API = "/api/v1"
BASE = str(SITE["base_url"])
PROBLEM = "application/problem+json"


def get(site: SmallSite, path: str, **headers: str) -> Any:
    """The answer to a GET."""
    return site.app().test_client().get(API + path, headers=headers)


def ids(answer: Any) -> list[int]:
    """The numbers of a list."""
    return [item["id"] for item in answer.get_json()["items"]]


def test_articles_come_newest_first_in_the_language_that_is_asked_for(site: SmallSite):
    articles = get(site, "/articles").get_json()["items"]
    days = [item["published"][:10] for item in articles]
    assert len(articles) == 20
    assert days == sorted(days, reverse=True)
    english = get(site, "/articles?locale=en").get_json()["items"]
    assert [item["headline"] for item in english] == ["One-stop shop opens on Saturdays"]
    assert english[0]["section"]["name"] == "Activities"
    assert english[0]["url"].startswith(f"{BASE}/en/tin-tuc/hoat-dong/one-stop-shop-")


def test_every_article_is_read_once_by_following_next(site_on_each: SmallSite):
    client = site_on_each.app().test_client()
    seen: list[int] = []
    address = f"{BASE}{API}/articles?section=tin-tuc&limit=7"
    while address:
        answer = client.get(address.removeprefix(BASE))
        seen += ids(answer)
        address = answer.get_json()["next"]
    whole = ids(client.get(f"{API}/articles?section=tin-tuc&limit=100"))
    assert seen == whole
    assert len(seen) == len(set(seen)) > 20


def test_an_article_published_meanwhile_is_neither_missed_nor_seen_twice(site: SmallSite):
    client = site.app().test_client()
    first = client.get(f"{API}/articles?limit=5")
    following = first.get_json()["next"].removeprefix(BASE)
    before = ids(client.get(following))
    site.article("Tin chen ngang", days=0)
    assert ids(client.get(following)) == before


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("tag=cai-cach", {"normal", "long", "no_image"}),
        ("topic=cai-cach", {"normal", "long", "no_image"}),
        ("section=tin-tuc/hoat-dong", {"normal", "long", "no_image"}),
        ("section=tin-tuc&tag=cai-cach&until=2026-11-21", {"long"}),
        ("since=2026-11-22&until=2026-11-22", {"normal", "no_image"}),
        ("section=thong-bao&topic=cai-cach", set()),
    ],
)
def test_articles_are_chosen_by_every_mark_at_once(
    site_on_each: SmallSite, query: str, names: set[str]
):
    found = ids(get(site_on_each, f"/articles?{query}"))
    assert set(found) == {site_on_each.numbers[name] for name in names}


def test_one_article_tells_everything_readers_see(site: SmallSite):
    article = get(site, f"/articles/{site.numbers['normal']}").get_json()
    assert article["published"] == "2026-11-22T10:00:00+07:00"
    assert article["authors"][0] == {"name": "Lò Văn Phúc", "kind": "person", "role": "author"}
    assert [term["slug"] for term in article["tags"]] == ["mot-cua", "cai-cach"]
    assert article["translations"][0]["locale"] == "en"
    assert "<h2" in article["html"]
    assert 'src="/' not in article["html"]
    assert {file["type"] for file in article["picture"]["files"]} == {
        "image/avif",
        "image/webp",
        "image/jpeg",
    }
    day = get(site, f"/articles/{site.numbers['day_precision']}").get_json()
    assert day["published"] == "2026-11-15"
    english = get(site, f"/articles/{site.numbers['english']}").get_json()
    assert english["tags"] == [{"slug": "mot-cua", "name": "One-stop shop"}]


def test_a_withdrawn_article_says_why(site: SmallSite):
    number = site.numbers["normal"]
    site.edit(commands.withdraw, number, now=site.clock(), reason="Sai số liệu")
    answer = get(site, f"/articles/{number}")
    assert (answer.status_code, answer.mimetype) == (410, PROBLEM)
    assert answer.get_json()["detail"] == "Sai số liệu"


def test_a_scheduled_article_is_not_there(site: SmallSite):
    number = site.article("Tin hẹn giờ", days=-1)
    assert get(site, f"/articles/{number}").status_code == 404
    assert number not in ids(get(site, "/articles"))


def test_sections_tell_their_place_in_the_tree(site: SmallSite):
    sections = get(site, "/sections?locale=en").get_json()["items"]
    assert [(item["key"], item["parent"], item["name"]) for item in sections] == [
        ("tin-tuc", None, "News"),
        ("tin-tuc/hoat-dong", "tin-tuc", "Activities"),
        ("thong-bao", None, "Notices"),
    ]
    assert sections[0]["feed"] == f"{BASE}/en/tin-tuc/feed.xml"


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/articles?limit=0", 400, "greater than or equal to 1"),
        ("/articles?limit=101", 400, "less than or equal to 100"),
        ("/articles?limit=+5", 400, "whole number"),
        ("/articles?limit=1&limit=2", 400, "more than once"),
        ("/articles?secton=tin-tuc", 400, "did you mean section?"),
        ("/articles?since=yesterday", 400, "write a day like 2026-11-24"),
        ("/articles?since=2026-02-30", 400, "date"),
        ("/articles?cursor=x", 400, "pattern"),
        ("/articles?tag=%27%20OR%201=1", 400, "pattern"),
        ("/articles?locale=fr", 400, "'vi' or 'en'"),
        ("/articles?section=khong-co", 404, "khong-co"),
        ("/articles?tag=khong-co", 404, "khong-co"),
        ("/articles/0", 404, "greater than"),
        ("/articles/x", 404, "whole number"),
        ("/articles/99999999999999999999", 404, "whole number"),
        ("/articles/999999", 404, "999999"),
        ("/sections?limit=1", 400, "no argument of this address"),
        ("/nothing", 404, f"{API}/articles"),
        ("/", 404, f"{API}/sections"),
    ],
)
def test_a_refusal_says_what_to_change(site: SmallSite, path: str, status: int, words: str):
    answer = get(site, path)
    assert (answer.status_code, answer.mimetype) == (status, PROBLEM)
    problem = answer.get_json()
    assert problem["status"] == status
    assert words in json.dumps(problem)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_days_at_the_ends_of_time_are_days(site: SmallSite):
    assert ids(get(site, "/articles?since=0001-01-01&until=9999-12-31"))
    assert ids(get(site, "/articles?until=0001-01-01")) == []
    assert ids(get(site, "/articles?since=9999-12-31")) == []
    assert ids(get(site, "/articles?cursor=0-0")) == []


def test_an_answer_is_sent_again_only_when_it_changed(site: SmallSite):
    client = site.app().test_client()
    first = client.get(f"{API}/articles")
    etag = {"If-None-Match": first.headers["ETag"]}
    again = client.get(f"{API}/articles", headers=etag)
    assert (again.status_code, again.data) == (304, b"")
    site.article("Tin mới", days=0)
    assert client.get(f"{API}/articles", headers=etag).status_code == 200


def test_programs_of_other_sites_may_read_but_not_write(site: SmallSite):
    client = site.app().test_client()
    answer = client.get(f"{API}/sections", headers={"Origin": "https://elsewhere.example"})
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "Set-Cookie" not in answer.headers
    refused = client.post(f"{API}/sections")
    assert (refused.status_code, refused.mimetype) == (405, PROBLEM)
    assert "GET" in refused.headers["Allow"]


def test_the_description_is_valid_openapi(site: SmallSite):
    description = get(site, "/openapi.json").get_json()
    OpenAPIV31SpecValidator(description).validate()
    assert set(description["paths"]) == {
        f"{API}/articles",
        f"{API}/articles/{{id}}",
        f"{API}/sections",
        f"{API}/search",
    }


def test_every_request_that_can_be_made_is_answered_as_the_description_says(site: SmallSite):
    schema = schemathesis.openapi.from_wsgi(f"{API}/openapi.json", site.app())
    asked: set[str] = set()
    for result in schema.get_all_operations():
        operation = result.ok()
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            asked |= ask(operation, mode)
    assert asked == {
        f"GET {API}{path}" for path in ("/articles", "/articles/{id}", "/sections", "/search")
    }


def ask(operation: Any, mode: GenerationMode) -> set[str]:
    """Have schemathesis make sound or broken requests, the same at every run, and judge them."""
    asked: set[str] = set()

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=40,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def run(case: Any) -> None:
        case.call_and_validate()
        asked.add(case.operation.label)

    run()
    return asked


@pytest.mark.parametrize(("path", "title"), [("/api/", "Dữ liệu mở"), ("/en/api/", "Open data")])
def test_people_find_it_explained(site: SmallSite, path: str, title: str):
    html = site.app().test_client().get(path).text
    assert f"<h1>{title}" in html
    for name in ("/articles", "/articles/{id}", "/sections", "cursor", "openapi.json"):
        assert name in html


def test_search_finds_as_readers_do_and_marks_what_fits(site_on_each: SmallSite):
    client = site_on_each.app().test_client()
    number = site_on_each.article("Cầu treo bản Nà Mấy thông xe")
    found = client.get(f"{API}/search?q=cau+treo+ban+na+may+thong+xe").get_json()
    assert [item["id"] for item in found["items"]] == [number]
    assert (found["total"], found["more"], found["next"]) == (1, False, None)
    assert found["items"][0]["url"].startswith(BASE)


def test_every_result_is_read_once_by_following_next(site: SmallSite):
    client = site.app().test_client()
    numbers = {site.article(f"Đập thủy lợi số {count} tích nước") for count in range(7)}
    seen: list[int] = []
    address = f"{BASE}{API}/search?q=dap+thuy+loi&limit=3"
    while address:
        answer = client.get(address.removeprefix(BASE))
        seen += ids(answer)
        address = answer.get_json()["next"]
    assert len(seen) == 7
    assert set(seen) == numbers


def test_search_is_narrowed_by_what_its_facets_say(site: SmallSite):
    client = site.app().test_client()
    site.article("Đập thủy lợi Khuôn Lâm")
    whole = client.get(f"{API}/search?q=dap+thuy+loi").get_json()
    [year] = whole["years"]
    same = client.get(f"{API}/search?q=dap+thuy+loi&year={year['value']}").get_json()
    assert (year["count"], same["total"]) == (1, 1)
    assert client.get(f"{API}/search?q=dap+thuy+loi&year=1999").get_json()["total"] == 0
    assert client.get(f"{API}/search?q=dap&section=khong-co").status_code == 404


def test_search_without_words_says_what_is_missing(site: SmallSite):
    answer = get(site, "/search")
    assert (answer.status_code, answer.mimetype) == (400, PROBLEM)
    assert answer.get_json()["errors"][0]["parameter"] == "q"
