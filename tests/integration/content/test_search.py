"""Search finds the same, in the same order, on both databases, however a reader types it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from importlib import import_module
from pathlib import Path

import pytest
from sqlalchemy import text

from portal.content import commands
from portal.content import queries
from portal.content.drafts import ArticleDraft
from portal.content.values import SearchQuery
from portal.content.values import SearchResults
from portal.content.values import Term
from portal.demo import read_articles
from tests.integration.content.conftest import SITE
from tests.integration.content.conftest import Content
from tests.naughty import TEXTS
from tests.titles import make_titles
from tests.titles import spellings

DEMO = Path("config/demo")
FLOW = "<p>Lịch cấp nước sạch: nước sạch về bản, nước sạch về trường.</p>"


def look(content: Content, words: str, locale: str = "vi", **more: object) -> SearchResults:
    """The first page of results."""
    query = replace(SearchQuery(words), **more)  # type: ignore[arg-type]  # real fields
    return content.ask(lambda reader: queries.search(reader, query, 10), locale)


def ids(results: SearchResults) -> list[int]:
    return [hit.article.id for hit in results.hits]


def marked(runs: object) -> list[str]:
    return [run.text for run in runs if run.is_hit]  # type: ignore[attr-defined]


def save_titles(content: Content, titles: list[str]) -> list[int]:
    drafts = [
        ArticleDraft(
            locale="vi",
            headline=title,
            body=f"<p>Bản tin nhắc lại: {other}.</p>",
            section="tin-tuc",
            status="published",
            published=content.now - timedelta(hours=1 + place),
        )
        for place, (title, other) in enumerate(zip(titles, reversed(titles), strict=True))
    ]
    changes = content.write(
        lambda session: commands.save_articles(
            session, SITE, drafts, now=content.now, similar=False
        )
    )
    return [change.article_id for change in changes]


def test_whole_titles_stand_first_however_they_are_typed(content: Content) -> None:
    """At least 99 of 100 in every spelling."""
    titles = make_titles(200)
    numbers = save_titles(content, titles)
    first: dict[str, int] = {}
    for title, number in zip(titles, numbers, strict=True):
        for name, typed in spellings(title):
            hits = look(content, typed).hits
            first[name] = first.get(name, 0) + int(bool(hits) and hits[0].article.id == number)
    assert all(count >= 198 for count in first.values()), first
    assert set(first) == {"exact", "unaccented", "tone moved", "NFD"}


def test_demo_articles_are_found_by_their_titles(sqlite_content: Content) -> None:
    """The demo's own titles, in both languages."""
    content = sqlite_content
    drafts = [
        ArticleDraft(
            locale=item.locale,
            headline=item.matter["headline"],
            lead=item.matter.get("lead", ""),
            body=item.body,
            status="published",
            published=content.now - timedelta(hours=1 + place),
        )
        for place, item in enumerate(read_articles(DEMO))
    ]
    content.write(
        lambda session: commands.save_articles(
            session, SITE, drafts, now=content.now, similar=False
        )
    )
    found = []
    for draft in drafts:
        for _, typed in spellings(draft.headline):
            hits = look(content, typed, draft.locale).hits
            found.append(bool(hits) and hits[0].article.headline == draft.headline)
    assert len(found) > 300
    assert sum(found) >= 0.99 * len(found)


def test_marks_as_typed_come_before_hits_without(content: Content) -> None:
    """`dân` is not `dẫn`, though both are found by `dan`."""
    guide = content.save("Hướng dẫn làm đường")
    people = content.save("Người dân hiến đất", published=content.now - timedelta(days=9))
    assert ids(look(content, "dân")) == [people, guide]
    assert ids(look(content, "dẫn")) == [guide, people]
    assert ids(look(content, "dan")) == [guide, people]


def test_title_comes_before_lead_before_body(content: Content) -> None:
    """Whatever is newer."""
    body = content.save("Tin một", body="<p>Có bể bơi ở xã.</p>")
    lead = content.save("Tin hai", lead="Có bể bơi ở xã", published=content.now - timedelta(days=2))
    title = content.save("Xã có bể bơi", published=content.now - timedelta(days=3))
    assert ids(look(content, "bể bơi xã")) == [title, lead, body]


@pytest.mark.parametrize(
    "typed", ["03/CT-UBND", "03 / CT - UBND", "03/ct–ubnd", "03 CT UBND", "số 03/CT-UBND"]
)
def test_a_document_is_found_by_its_number(content: Content, typed: str) -> None:
    """As printed, with spaces or other dashes; in parts it is still the first."""
    content.save("Chỉ thị 13/CT-UBND về phòng dịch", body="<p>Số 13 của 03 đơn vị.</p>")
    number = content.save("Phòng cháy rừng", body="<p>Chỉ thị số 03/CT-UBND đã ban hành.</p>")
    found = ids(look(content, typed))
    assert found[0] == number
    assert len(found) == 1 or "/" not in typed


@pytest.mark.parametrize("typed", ["UBND", "ủy ban nhân dân", "uỷ ban nhân dân", "uy ban nhan dan"])
def test_abbreviations_are_the_words_they_stand_for(content: Content, typed: str) -> None:
    """In both directions."""
    long = content.save("Uỷ ban nhân dân xã họp")
    short = content.save("UBND xã tiếp dân", published=content.now - timedelta(hours=3))
    content.save("Nhân dân góp ý cho ban quản lý")
    assert set(ids(look(content, typed))) == {long, short}


def test_only_what_readers_may_see_is_found(content: Content) -> None:
    """Not drafts, withdrawn, expired, scheduled, or another language's."""
    seen = content.save("Lễ hội trà")
    content.save("Lễ hội trà nháp", status="draft")
    content.save("Lễ hội trà hẹn giờ", published=content.now + timedelta(minutes=1))
    content.save("Lễ hội trà đã qua", expires=content.now - timedelta(days=1))
    content.save("Lễ hội trà (English)", locale="en")
    gone = content.save("Lễ hội trà rút")
    content.write(
        lambda session: commands.withdraw(session, SITE, gone, now=content.now, reason="Sai")
    )
    page = content.save("Về lễ hội trà", kind="page", section=None, slug="le-hoi")
    assert set(ids(look(content, "lễ hội trà"))) == {seen, page}


def test_index_follows_every_edit_in_its_own_transaction(content: Content) -> None:
    """A changed title is found at once, the old one no more; a rollback leaves no trace."""
    number = content.save("Tên cũ")
    content.write(
        lambda session: commands.save_article(
            session,
            SITE,
            replace(commands.read_draft(session, SITE, number), headline="Danh xưng khác"),
            now=content.now,
        )
    )
    assert ids(look(content, "danh xưng")) == [number]
    assert look(content, "tên cũ").total == 0

    def fail(session: object) -> None:
        commands.withdraw(session, SITE, number, now=content.now, reason="Sai")  # type: ignore[arg-type]
        raise RuntimeError

    with pytest.raises(RuntimeError):
        content.write(fail)
    assert ids(look(content, "danh xưng")) == [number]


def test_deleted_articles_leave_no_words(content: Content) -> None:
    """Whoever deletes the row."""
    number = content.save("Sẽ bị xoá hẳn")
    content.write(
        lambda session: session.execute(text("DELETE FROM article WHERE id = :id"), {"id": number})
    )
    left = content.write(lambda session: session.scalar(text("SELECT count(*) FROM search_text")))
    assert left == 0


def test_rebuilding_gives_the_same_index(content: Content) -> None:
    """Also after the index was lost."""
    save_titles(content, make_titles(30))
    before = ids(look(content, "bản"))
    content.write(lambda session: session.execute(text("DELETE FROM search_document")))
    assert look(content, "bản").total == 0
    content.write(lambda session: list(commands.rebuild_search(session, SITE)))
    assert ids(look(content, "bản")) == before != []


def test_no_query_is_ever_read_as_syntax(content: Content) -> None:
    """Operators of either engine are only characters."""
    content.save("Một bài and or not near")
    for typed in TEXTS:
        found = look(content, typed)
        assert found.total in {0, 1}, typed
        offered = content.ask(
            lambda reader, typed=typed: queries.suggest_searches(reader, typed, 5)
        )
        assert len(offered) <= 1, typed


def test_pages_continue_behind_the_last_result(content: Content) -> None:
    """No result twice, none left out, whatever is published in between."""
    numbers = save_titles(content, [f"Bản tin {place}" for place in range(25)])
    seen: list[int] = []
    after = None
    for _ in range(3):
        page = look(content, "bản tin", after=after)
        seen += ids(page)
        after = page.after
        content.save("Bản tin mới")
    assert seen == numbers
    assert after is None


@pytest.mark.parametrize(
    "after",
    ["00000", "n00000", "s0000zz", "r", "zzzzz", "2131zzzzzzzzzzzzzz", "9", "00000é", "1" * 40],
)
def test_a_place_that_was_never_given_out_is_harmless(content: Content, after: str) -> None:
    """At worst the page is empty."""
    number = content.save("Bản tin")
    assert set(ids(look(content, "bản tin", after=after))) <= {number}


def test_facets_count_what_was_found_and_narrow_it(content: Content) -> None:
    """By section with what is below it, by year and by kind."""
    reform = content.save("Họp bàn", section="tin-tuc/cai-cach")
    notice = content.save(
        "Họp bàn", section="thong-bao", published=content.now - timedelta(days=400)
    )
    page = content.save("Lịch họp bàn", kind="page", section=None, slug="lich")
    found = look(content, "họp bàn")
    assert [(facet.value, facet.count) for facet in found.sections] == [
        ("tin-tuc", 1),
        ("thong-bao", 1),
    ]
    assert [(facet.value, facet.count) for facet in found.years] == [("2026", 2), ("2025", 1)]
    assert [(facet.value, facet.count) for facet in found.kinds] == [("article", 2), ("page", 1)]
    assert ids(look(content, "họp bàn", section="tin-tuc")) == [reform]
    assert ids(look(content, "họp bàn", year=2025)) == [notice]
    assert ids(look(content, "họp bàn", kind="page")) == [page]
    assert look(content, "họp bàn", section="khong-co").total == 3
    inside = look(content, "họp bàn", section="tin-tuc").sections
    assert [(facet.value, facet.count) for facet in inside] == [("tin-tuc/cai-cach", 1)]


def test_hits_are_marked_in_title_and_text(content: Content) -> None:
    """The window is cut between words and holds the hits."""
    filler = "Câu này không nói gì về chuyện đó. " * 30
    content.save(
        "Tin <b>chợ</b> phiên", body=f"<p>{filler}Chợ phiên họp ngày Chủ nhật. {filler}</p>"
    )
    hit = look(content, "cho phien").hits[0]
    assert marked(hit.headline) == ["chợ", "phiên"]
    assert "Chợ phiên" in marked(hit.snippet)
    shown = "".join(run.text for run in hit.snippet)
    assert len(shown) < 240
    assert shown.startswith("… ")
    assert shown.endswith(" …")
    assert set(shown.strip("… ").split()) <= set(f"{filler} Chợ phiên họp ngày Chủ nhật.".split())


def test_nearest_known_words_are_offered_where_nothing_was_found(content: Content) -> None:
    """Spelled as a title spells them."""
    content.save("Khánh thành cầu Bến Ngần")
    found = look(content, "khanh thanhh cau ben ngann")
    assert found.total == 0
    assert found.suggestion == "Khánh thành cầu Bến Ngần"
    assert look(content, found.suggestion).total == 1
    assert look(content, "zzzzzzzz qqqqq").suggestion is None


def test_typing_offers_tags_and_titles(content: Content) -> None:
    """With the last word unfinished; only what is public."""
    number = content.save("Cải cách hành chính quý III", tags=(Term("cai-cach", "Cải cách"),))
    content.save("Cải tạo lưới điện", status="draft")
    offered = content.ask(lambda reader: queries.suggest_searches(reader, "cai ca", 8))
    assert [item.text for item in offered] == ["Cải cách", "Cải cách hành chính quý III"]
    assert offered[0].path is None
    assert offered[1].path is not None
    assert offered[1].path.endswith(f"-{number}")


def test_broad_queries_are_answered_newest_first(
    content: Content, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the one whose whole title was typed; paging goes on behind it."""
    monkeypatch.setattr(import_module("portal.content.queries.search"), "MOST_RANKED", 20)
    numbers = save_titles(content, [f"Bản tin {place}" for place in range(29)])
    titled = content.save("Bản tin", published=content.now - timedelta(days=900))
    first = look(content, "bản tin")
    assert (first.is_broad, first.has_more, first.total) == (True, True, 20)
    assert ids(first) == [titled, *numbers[:9]]
    assert all(facet.count is None for facet in (*first.sections, *first.years, *first.kinds))
    second = look(content, "bản tin", after=first.after)
    third = look(content, "bản tin", after=second.after)
    assert ids(second) + ids(third) == numbers[9:]
    assert third.after is None
    narrowed = look(content, "bản tin", year=2024)
    assert (narrowed.is_broad, ids(narrowed)) == (False, [titled])


@pytest.mark.parametrize("most", [4, 12], ids=["few ranked", "all ranked"])
def test_a_burst_of_publications_between_two_pages_repeats_and_skips_nothing(
    content: Content, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    """The next page goes on in the order of the one before; as many come as are ranked at most."""
    monkeypatch.setattr(import_module("portal.content.queries.search"), "MOST_RANKED", most)
    for place in range(12):
        # The older, the better it fits: no order is by chance that of the newest.
        words = "Chợ phiên" if place > 6 else "Phiên chợ"
        content.save(
            f"{words} số {place}", published=content.now - timedelta(days=200 * (place + 1))
        )
    before, after = [], None
    while not before or after:
        page = look(content, "chợ phiên", after=after)
        before += ids(page)
        after = page.after
    first = look(content, "chợ phiên")
    save_titles(content, [f"Phiên chợ mới {place}" for place in range(most)])
    seen, after = ids(first), first.after
    while after:
        page = look(content, "chợ phiên", after=after)
        seen += [number for number in ids(page) if number in before]
        after = page.after
    assert sorted(seen) == sorted(before)
    assert len(seen) == len(set(seen))


def test_hits_spread_over_the_years_are_all_reached(
    content: Content, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The newest that fit are ranked with every title, however old; the others follow."""
    monkeypatch.setattr(import_module("portal.content.queries.search"), "MOST_RANKED", 4)
    titled = content.save("Chợ phiên mở lại", published=content.now - timedelta(days=900))
    in_body = [
        content.save(
            f"Bản tin {place}",
            body="<p>Đường ra chợ phiên.</p>" if place % 2 == 0 else "<p>Họp.</p>",
            published=content.now - timedelta(days=1 + place),
        )
        for place in range(40)
    ][::2]
    seen: list[int] = []
    after = None
    for _ in range(3):
        found = look(content, "chợ phiên", after=after)
        assert (found.is_broad, found.has_more, found.total) == (False, True, 5)
        assert all(facet.count is None for facet in found.sections)
        seen += ids(found)
        after = found.after
    assert seen == [titled, *in_body]
    assert after is None


def test_words_of_a_scope_are_only_text_where_they_are_typed(content: Content) -> None:
    """What the index writes for a section or a year is found where somebody wrote it."""
    content.save("Họp bàn")
    number = content.save("Phòng s1 tầng 2", body="<p>Mẫu y2026, karticle.</p>")
    for typed in ("s1", "y2026", "karticle"):
        assert ids(look(content, typed)) == [number]
        assert ids(look(content, typed, year=2026)) == [number]


def test_titles_stand_first_whatever_else_has_the_words(content: Content) -> None:
    """Newer articles with the words in lead and body, without and with the same marks."""
    titled = content.save("Lịch cấp nước sạch", published=content.now - timedelta(days=300))
    for place in range(30):
        content.save(f"Tin {place}", lead="Cấp nước sạch theo lịch" if place % 2 else "", body=FLOW)
    assert ids(look(content, "nước sạch"))[0] == titled
    assert ids(look(content, "nuoc sach"))[0] == titled


def test_results_end_with_any_change_of_what_can_be_found(content: Content) -> None:
    """An entry made of them is then made again."""
    number = content.save("Họp bàn")
    with content.read() as reader:
        queries.search(reader, SearchQuery("họp bàn"), 10)
        assert "search" in reader.reads.tags
    tags = content.logged(
        lambda session: commands.withdraw(session, SITE, number, now=content.now, reason="Sai")
    )
    assert "search" in tags
