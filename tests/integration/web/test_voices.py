"""What readers send: votes on articles and counts of opened pages, over HTTP."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func
from sqlalchemy import select

from blocks.rating import block as rating
from portal.content.models import CacheLog
from portal.content.models import Rating
from portal.content.models import SiteVisits
from portal.testing.examples import Example
from portal.testing.examples import read_examples
from portal.testing.harness import Harness

DAY = date(2026, 11, 23)
VOTES = "/-/blocks/rating/votes"


@pytest.fixture
def harness(tmp_path: Path) -> Harness:
    return Harness(tmp_path, rating, Path("templates").absolute())


@pytest.fixture
def example() -> Example:
    return next(item for item in read_examples(rating) if item.name == "normal")


@pytest.fixture
def client(harness: Harness, example: Example) -> FlaskClient:
    return harness.app(example).test_client()


def stored(harness: Harness) -> list[tuple[int, str]]:
    with harness.session() as session:
        return [tuple(row) for row in session.execute(select(Rating.score, Rating.comment))]


def form_of(client: FlaskClient, path: str) -> dict[str, str]:
    """The form's fields as a browser without scripts sends them."""
    html = client.get(path).text
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', html))


def path_of(harness: Harness, example: Example) -> str:
    return harness.article_path(example)


def test_vote_is_stored_and_leads_back_to_the_article(
    harness: Harness, example: Example, client: FlaskClient
):
    path = path_of(harness, example)
    form = form_of(client, path)
    answer = client.post(VOTES, data=form | {"score": "4", "comment": "  Dễ hiểu  "})
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"{path}#sample-thanks"
    assert "Set-Cookie" not in answer.headers
    assert stored(harness) == [(4, "Dễ hiểu")]
    assert f'id="{answer.headers["Location"].partition("#")[2]}"' in client.get(path).text


@pytest.mark.parametrize(
    "fields",
    [
        {"score": ""},
        {"score": "6"},
        {"score": "4x"},
        {"score": "5", "comment": "x" * 501},
        {"score": "5", "comment": "\u0958" * 500},
    ],
    ids=["none", "too high", "no number", "long comment", "letters that become two"],
)
def test_what_is_no_vote_is_refused_with_words(
    harness: Harness, example: Example, client: FlaskClient, fields: dict[str, str]
):
    form = form_of(client, path_of(harness, example))
    answer = client.post(VOTES, data=form | fields)
    assert answer.headers["Location"].endswith("#sample-refused")
    assert stored(harness) == []


def test_a_comment_is_as_long_as_it_is_stored(
    harness: Harness, example: Example, client: FlaskClient
):
    form = form_of(client, path_of(harness, example))
    decomposed = {"score": "5", "comment": "e\u0302\u0301" * 300 + "\r\n" * 100 + "x" * 100}
    client.post(VOTES, data=form | decomposed)
    assert stored(harness) == [(5, "ế" * 300 + "\n" * 100 + "x" * 100)]


@pytest.mark.parametrize(
    "fields", [{"website": "https://example.org"}, {"spent": "300"}], ids=["trap", "too fast"]
)
def test_robot_is_thanked_and_not_counted(
    harness: Harness, example: Example, client: FlaskClient, fields: dict[str, str]
):
    form = form_of(client, path_of(harness, example))
    answer = client.post(VOTES, data=form | {"score": "1"} | fields)
    assert answer.headers["Location"].endswith("#sample-thanks")
    assert stored(harness) == []


def test_sender_who_votes_on_and_on_is_stopped(
    harness: Harness, example: Example, client: FlaskClient
):
    form = form_of(client, path_of(harness, example)) | {"score": "1"}
    ends = [client.post(VOTES, data=form).headers["Location"][-7:] for _ in range(7)]
    assert ends == ["-thanks"] * 5 + ["refused"] * 2
    assert len(stored(harness)) == 5


def test_votes_of_other_sites_and_on_nothing_are_refused(
    harness: Harness, example: Example, client: FlaskClient
):
    form = form_of(client, path_of(harness, example)) | {"score": "5"}
    for headers in (
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://["},
    ):
        assert client.post(VOTES, data=form, headers=headers).status_code == 403, headers
    assert stored(harness) == []
    own = client.post(VOTES, data=form, headers={"Origin": "http://localhost"})
    assert own.headers["Location"].endswith("#sample-thanks")
    assert client.post(VOTES, data=form | {"article": "999999"}).status_code == 404
    assert client.post(VOTES, data=form | {"article": "1 OR 1"}).status_code == 404
    evil = client.post(VOTES, data=form | {"placement": '"><script>'})
    assert evil.headers["Location"].endswith("#rating-thanks")


def test_average_shows_from_ten_votes_on(harness: Harness, example: Example, client: FlaskClient):
    form = form_of(client, path_of(harness, example))
    number = int(form["article"])
    page = client.get(path_of(harness, example)).data
    with harness.session() as session, session.begin():
        session.add_all(
            Rating(site="sample", article_id=number, score=5, day=DAY, comment="") for _ in range(9)
        )
    address = f"/-/blocks/rating/{number}.json"
    assert client.get(address).json == {}
    for spelling in (f"0{number}", "".join(chr(0x660 + int(digit)) for digit in str(number))):
        assert client.get(f"/-/blocks/rating/{spelling}.json").status_code == 404
    client.post(VOTES, data=form | {"score": "4"})
    answer = client.get(address)
    assert answer.json == {"count": 10, "mean": 4.9}
    assert answer.headers["Cache-Control"] == "public, max-age=60"
    assert client.get(path_of(harness, example)).data == page


def visits(harness: Harness) -> int:
    with harness.session() as session:
        return session.execute(select(func.coalesce(func.sum(SiteVisits.visits), 0))).scalar_one()


def test_reading_writes_nothing_and_visits_are_written_down_together(
    harness: Harness, example: Example
):
    app = harness.app(example)
    client, portal = app.test_client(), app.extensions["portal"]
    with harness.session() as session:
        before = session.execute(select(func.max(CacheLog.position))).scalar_one()
    for _ in range(3):
        client.get("/")
        answer = client.post("/-/visits", data="")
        assert (answer.status_code, answer.data) == (204, b"")
        assert "Set-Cookie" not in answer.headers
    assert client.get("/-/visits").status_code == 404
    assert visits(harness) == 0
    portal.close()
    assert visits(harness) == 3
    with harness.session() as session:
        assert session.execute(select(func.max(CacheLog.position))).scalar_one() == before
    assert client.get("/-/blocks/visit_counter/totals.json").json == {
        "today": 3,
        "week": 3,
        "month": 3,
        "total": 3,
    }


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        ("x", {}, 400),
        ("-1", {}, 400),
        ("1" * 65, {}, 413),
        ("12", {"Sec-Fetch-Site": "cross-site"}, 403),
        ("12", {"Origin": "http://evil.example"}, 403),
        ("12", {"Origin": "null"}, 403),
    ],
)
def test_what_is_no_visit_is_not_counted(
    harness: Harness, example: Example, body: str, headers: dict[str, str], status: int
):
    app = harness.app(example)
    assert app.test_client().post("/-/visits", data=body, headers=headers).status_code == status
    app.extensions["portal"].close()
    assert visits(harness) == 0
