"""Lists with an address: tags, topics, authors, the archive; albums and films beside them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from itertools import product

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.content import commands
from portal.content import queries
from portal.content import tags
from portal.content.drafts import AlbumDraft
from portal.content.drafts import MediaDraft
from portal.content.drafts import VideoDraft
from portal.content.values import Author
from portal.content.values import CollectionKind
from portal.content.values import Term
from portal.errors import ContentError
from tests.integration.content.conftest import SITE
from tests.integration.content.conftest import Content

WORDS = {"vi": "Chợ phiên", "en": "Market day"}


def listed(content: Content, kind: CollectionKind, key: str, locale: str = "vi") -> list[int]:
    page = content.ask(lambda read: queries.list_collection(read, kind, key, 1, 10), locale)
    return list(page.ids)


def exists(content: Content, kind: CollectionKind, key: str, locale: str = "vi") -> bool:
    return content.ask(lambda read: queries.find_collection(read, kind, key), locale) is not None


def picture(content: Content, name: str = "one") -> int:
    draft = MediaDraft(name, 960, 540, (), alt={"vi": name})
    return content.write(lambda session: commands.save_media(session, SITE, draft).id)


@pytest.mark.parametrize(
    ("kind", "key", "values"),
    [
        ("tag", "mot-cua", {"tags": (Term("mot-cua", "Một cửa"),)}),
        ("topic", "cau", {"topic": Term("cau", "Cầu Bến Ngần")}),
        ("author", "lo-van-phuc", {"authors": (Author("Lò Văn Phúc"),)}),
    ],
)
def test_list_holds_its_articles_newest_first_in_the_language_that_has_them(
    content: Content, kind: CollectionKind, key: str, values: dict[str, object]
) -> None:
    old = content.save("Cũ", published=content.now - timedelta(days=2), **values)
    new = content.save("Mới", **values)
    content.save("Bài khác")
    assert listed(content, kind, key) == [new, old]
    assert exists(content, kind, key)
    assert not exists(content, kind, key, "en")
    assert not exists(content, kind, "no-such")


def test_list_of_an_author_follows_edits_and_withdrawals(content: Content) -> None:
    number = content.save(authors=(Author("Thu Trang"), Author("Hà Minh", role="photo")))
    assert listed(content, "author", "ha-minh") == [number]
    ended = content.logged(
        lambda session: commands.save_article(
            session,
            SITE,
            commands.read_draft(session, SITE, number).__class__(
                id=number,
                locale="vi",
                headline="Cầu Bến Ngần thông xe",
                section="tin-tuc",
                status="published",
                published=content.now,
                authors=(Author("Thu Trang"),),
            ),
            now=content.now,
        )
    )
    assert {tags.list_of_author("ha-minh"), tags.list_of_author("thu-trang")} <= ended
    assert not exists(content, "author", "ha-minh")
    content.write(
        lambda session: commands.withdraw(session, SITE, number, reason="Sai", now=content.now)
    )
    assert not exists(content, "author", "thu-trang")


def test_days_of_the_archive_begin_at_midnight_of_the_site(content: Content) -> None:
    """17:00 UTC is midnight in Vietnam: one minute decides the day, the month and the year."""
    before = content.save("Trước", published=datetime(2025, 12, 31, 16, 59, tzinfo=UTC))
    after = content.save("Sau", published=datetime(2025, 12, 31, 17, 0, tzinfo=UTC))
    assert listed(content, "archive", "2025-12-31") == [before]
    assert listed(content, "archive", "2026-01-01") == [after]
    assert listed(content, "archive", "2026") == [after]
    years = content.ask(queries.count_years)
    assert [(year.key, year.path, year.count) for year in years] == [
        ("2026", "/luu-tru/2026/", 1),
        ("2025", "/luu-tru/2025/", 1),
    ]
    months = content.ask(lambda read: queries.count_months(read, 2025))
    assert [(month.key, month.count) for month in months] == [("2025-12", 1)]
    days = content.ask(lambda read: queries.count_days(read, 2026, 1), "vi")
    assert [(day.key, day.path) for day in days] == [("2026-01-01", "/luu-tru/2026/01/01/")]


@pytest.mark.parametrize(
    "key",
    [
        *("2026-13", "2026-02-30", "26", "2026-1", "0000", "x", "2026-01-01-01", "9999"),
        *("٢٠٢٦", "2026-１１", "2026-11-२४"),
    ],
)
def test_what_no_calendar_has_is_no_period(key: str) -> None:
    assert not queries.is_period(key)


def test_commonest_tags_come_first(content: Content) -> None:
    rare, common = Term("hiem", "Hiếm"), Term("chung", "Chung")
    content.save("Một", tags=(rare, common))
    content.save("Hai", tags=(common,))
    found = content.ask(lambda read: queries.popular_tags(read, 5))
    assert [(term.slug, term.count) for term in found] == [("chung", 2), ("hiem", 1)]


def test_terms_count_what_readers_of_the_language_see(content: Content) -> None:
    """In the main language, where all are counted and some subtracted, and in another."""
    states = [
        {},
        {"section": "thong-bao"},
        {"status": "draft", "published": None},
        {"status": "draft"},
        {"published": content.now + timedelta(days=1)},
        {"expires": content.now - timedelta(minutes=1)},
        {"expires": content.now + timedelta(days=1)},
        {
            "published": content.now + timedelta(days=1),
            "expires": content.now + timedelta(days=2),
        },
        {"kind": "page", "section": None},
    ]
    chosen = (Term("cau", "Cầu"), Term("lu", "Lũ"), Term("cho", "Chợ"))
    for place, (locale, state) in enumerate(product(("vi", "en", "vi"), states)):
        first = (place + place // len(states)) % 3
        number = content.save(
            f"Tin {place}",
            locale=locale,
            tags=chosen[first:],
            authors=tuple(Author(term.name) for term in chosen[: 1 + first]),
            **({"slug": f"trang-{place}"} if state.get("kind") == "page" else {}),
            **state,
        )
        if place % 7 == 6 and state.get("status") != "draft":
            content.write(
                lambda session, number=number: commands.withdraw(
                    session, SITE, number, reason="Sai", now=content.now
                )
            )
    for locale, kind, ask in (
        (locale, kind, ask)
        for locale in ("vi", "en")
        for kind, ask in (("tag", queries.popular_tags), ("author", queries.popular_authors))
    ):
        found = content.ask(lambda read, ask=ask: ask(read, 5), locale)
        seen = {term.slug: len(listed(content, kind, term.slug, locale)) for term in chosen}
        assert {term.slug: term.count for term in found} == {
            slug: number for slug, number in seen.items() if number
        }
        assert len(found) > 1
        assert [term.count for term in found] == sorted(
            (term.count for term in found), reverse=True
        )
        assert content.ask(lambda read, ask=ask: ask(read, 1), locale) == found[:1]


def test_popular_terms_leave_out_what_only_hidden_articles_have(content: Content) -> None:
    content.save("Nháp", status="draft", tags=(Term("cau", "Cầu"),), authors=(Author("Hà"),))
    for ask in (queries.popular_tags, queries.popular_authors):
        for locale in ("vi", "en"):
            assert content.ask(lambda read, ask=ask: ask(read, 5), locale) == ()


def test_author_is_called_as_the_newest_article_calls_them(content: Content) -> None:
    for days, name in ((3, "Thu Trang"), (2, "THU TRANG"), (-1, "thu trang")):
        content.save(name, authors=(Author(name),), published=content.now - timedelta(days=days))
    found = content.ask(lambda read: queries.popular_authors(read, 5))
    assert [(term.name, term.count) for term in found] == [("THU TRANG", 2)]


def test_popular_terms_end_when_one_is_given_taken_or_readdressed(content: Content) -> None:
    number = content.save("Một", tags=(Term("cau", "Cầu"),), topic=Term("lu", "Lũ"))

    def edited(**values: object) -> set[str]:
        def edit(session: Session) -> None:
            draft = commands.read_draft(session, SITE, number)
            commands.save_article(session, SITE, replace(draft, **values), now=content.now)

        return content.logged(edit)

    for ask in (queries.popular_tags, queries.popular_topics):
        with content.read() as reader:
            assert [term.count for term in ask(reader, 5)] == [1]
            shown = set(reader.reads.tags)
        assert shown & edited(tags=(), topic=None)
        assert content.ask(lambda reader, ask=ask: ask(reader, 5)) == ()
        assert shown & edited(tags=(Term("cau", "Cầu"),), topic=Term("lu", "Lũ"))
        for table in ("tag", "topic"):
            ended = content.logged(
                lambda session, table=table: session.execute(
                    text(f"UPDATE {table} SET slug = slug || '-x'")  # noqa: S608 - our own names
                )
            )
            assert shown & ended


def test_page_cannot_take_an_address_of_the_system(content: Content) -> None:
    with pytest.raises(ContentError, match="/so-do belongs to pages that the system makes"):
        content.save("Sơ đồ", kind="page", section=None, slug="so-do")


def test_album_keeps_the_order_of_its_pictures(content: Content) -> None:
    first, second = picture(content, "first"), picture(content, "second")
    draft = AlbumDraft("cho-phien", WORDS, (second, first), content.now - timedelta(days=1))
    saved = content.write(lambda session: commands.save_album(session, SITE, draft))
    again = content.write(lambda session: commands.save_album(session, SITE, draft))
    assert (saved.outcome, again.outcome) == ("created", "unchanged")
    album = content.ask(lambda read: queries.find_album(read, "cho-phien"), "en")
    assert album is not None
    assert [image.id for image in album.pictures] == [second, first]
    assert (album.title, album.path) == ("Market day", "/en/gallery/cho-phien/")
    assert [item.path for item in album.translations] == ["/thu-vien-anh/cho-phien/"]


def test_album_shows_in_the_languages_of_its_title_once_its_time_has_come(
    content: Content,
) -> None:
    number = picture(content)
    tomorrow = content.now + timedelta(days=1)
    for slug, published in (("nay", content.now), ("mai", tomorrow)):
        draft = AlbumDraft(slug, {"vi": slug}, (number,), published)
        content.write(lambda session, draft=draft: commands.save_album(session, SITE, draft))
    assert [item.slug for item in content.ask(queries.list_albums)] == ["nay"]
    assert content.ask(queries.list_albums, "en") == ()
    with content.read() as reader:
        queries.list_albums(reader)
        assert reader.reads.until == tomorrow


def test_film_needs_words_for_who_cannot_hear(content: Content) -> None:
    draft = VideoDraft("phim", WORDS, content.now, "a.webm", "video/webm", 640, 360, 5)
    with pytest.raises(ContentError, match="neither captions nor a transcript"):
        content.write(lambda session: commands.save_video(session, SITE, draft))


def test_votes_and_visits_are_added_up_and_end_no_entry(content: Content) -> None:
    number, day = content.save(), content.now.date()

    def vote(session: object) -> None:
        for score in (5, 5, 2):
            commands.save_rating(session, SITE, number, score, day=day)  # type: ignore[arg-type]
        commands.count_visits(session, SITE, day, 3)  # type: ignore[arg-type]
        commands.count_visits(session, SITE, day, 4)  # type: ignore[arg-type]

    assert content.logged(vote) == set()
    totals = content.ask(lambda read: queries.rating_totals(read, number))
    assert (totals.votes, totals.count, totals.mean) == ((0, 1, 0, 0, 2), 3, 4.0)
    visits = content.ask(lambda read: queries.visit_totals(read, day))
    assert (visits.today, visits.total) == (7, 7)


def test_nobody_votes_on_what_is_not_published(content: Content) -> None:
    draft = content.save(status="draft", published=None)
    with pytest.raises(ContentError, match="is not published"):
        content.write(
            lambda session: commands.save_rating(session, SITE, draft, 5, day=content.now.date())
        )
