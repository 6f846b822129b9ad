"""Lists of articles: what stands in them, in which order, and when they change."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import event

from portal.content import commands
from portal.content import queries
from portal.content.drafts import PinDraft
from portal.content.values import Article
from portal.content.values import ListPage
from portal.content.values import Term
from portal.content.values import Translation
from tests.integration.content.conftest import SITE
from tests.integration.content.conftest import Content


def shown(content: Content, number: int) -> Article:
    article = content.ask(lambda reader: queries.find_article(reader, number))
    assert isinstance(article, Article)
    return article


def test_newest_come_first_and_ties_go_to_the_higher_id(content: Content) -> None:
    at = content.now - timedelta(days=1)
    old = content.save("Cũ", published=at - timedelta(days=1))
    first, second = content.save("Một", published=at), content.save("Hai", published=at)
    assert content.ask(lambda reader: queries.latest(reader, 10)) == (second, first, old)
    assert content.ask(lambda reader: queries.latest(reader, 2)) == (second, first)


def test_lists_hold_only_what_readers_of_the_language_may_see(content: Content) -> None:
    visible = content.save("Thấy được")
    content.save("Nháp", status="draft")
    content.save("Hẹn giờ", published=content.now + timedelta(hours=1))
    content.save("Hết hạn", expires=content.now - timedelta(minutes=1))
    content.save("Trang tĩnh", kind="page", section=None)
    english = content.save("English", locale="en")
    assert content.ask(lambda reader: queries.latest(reader, 10)) == (visible,)
    assert content.ask(lambda reader: queries.latest(reader, 10), "en") == (english,)


def test_list_ends_at_the_next_publication_or_expiry(content: Content) -> None:
    due = content.now + timedelta(hours=3)
    content.save("Hẹn giờ", published=due)
    content.save("Sắp hết hạn", expires=content.now + timedelta(hours=1))
    with content.read() as reader:
        queries.latest(reader, 10)
        assert reader.reads.until == content.now + timedelta(hours=1)
    content.clock.advance(hours=1)
    with content.read() as reader:
        queries.latest(reader, 10)
        assert reader.reads.until == due
    content.clock.advance(hours=2)
    with content.read() as reader:
        queries.latest(reader, 10)
        assert reader.reads.until is None


def test_sections_are_listed_with_or_without_those_below(content: Content) -> None:
    top = content.save("Trên", section="tin-tuc", published=content.now - timedelta(hours=3))
    below = content.save("Dưới", section="tin-tuc/cai-cach")
    content.save("Khác", section="thong-bao")
    with content.read() as reader:
        assert queries.latest(reader, 9, sections=["tin-tuc"]) == (below, top)
        assert queries.latest(reader, 9, sections=["tin-tuc"], include_subsections=False) == (top,)
        assert queries.latest(reader, 9, exclude_sections=["tin-tuc/cai-cach", "thong-bao"]) == (
            top,
        )
        assert queries.latest(reader, 9, sections=["khong-co"]) == ()


def test_list_of_a_section_depends_on_every_section_below_it(content: Content) -> None:
    with content.read() as reader:
        tree = {item.key: item.id for item in queries.section_tree(reader)}
        inner = reader.recording()
        queries.list_section(inner, "tin-tuc", 1, 10)
    assert inner.reads.tags == {
        "sections",
        *(f"list:section:{tree[key]}" for key in tree if key.startswith("tin-tuc")),
    }


def test_pages_of_a_section_hold_each_article_once(content: Content) -> None:
    numbers = [
        content.save(
            f"Tin {number}",
            section="tin-tuc/cai-cach" if number % 2 else "tin-tuc",
            published=content.now - timedelta(hours=number),
        )
        for number in range(1, 8)
    ]
    with content.read() as reader:
        pages = [queries.list_section(reader, "tin-tuc", page, 3) for page in (1, 2, 3, 4, 0)]
    assert [page.ids for page in pages] == [
        tuple(numbers[0:3]),
        tuple(numbers[3:6]),
        tuple(numbers[6:]),
        (),
        (),
    ]
    assert {(page.pages, page.total) for page in pages} == {(3, 7)}


def test_section_that_does_not_exist_has_no_pages(content: Content) -> None:
    page = content.ask(lambda reader: queries.list_section(reader, "khong-co", 1, 10))
    assert page == ListPage((), 1, 0, 0)


def test_tag_lists_its_articles(content: Content) -> None:
    old = content.save("Cũ", tags=(Term("lu", "Lũ"),), published=content.now - timedelta(days=2))
    new = content.save("Mới", tags=(Term("lu", "Lũ"), Term("cau", "Cầu")))
    with content.read() as reader:
        assert queries.list_tag(reader, "lu", 1, 10) == ListPage((new, old), 1, 1, 2)
        assert queries.list_tag(reader, "lu", 2, 1).ids == (old,)
        assert "list:tag:lu" in reader.reads.tags


def test_neighbours_in_a_section_are_the_closest_newest_first(content: Content) -> None:
    at = content.now - timedelta(days=10)
    numbers = [content.save(f"Tin {day}", published=at + timedelta(days=day)) for day in range(5)]
    article = shown(content, numbers[2])
    with content.read() as reader:
        assert queries.newer_in_section(reader, article, 1) == (numbers[3],)
        assert queries.newer_in_section(reader, article, 9) == (numbers[4], numbers[3])
        assert queries.older_in_section(reader, article, 9) == (numbers[1], numbers[0])


def test_large_cards_need_a_lead_and_a_picture(content: Content) -> None:
    content.save("Không có ảnh", lead="Có sapo")
    assert content.ask(lambda reader: queries.latest_with_lead(reader, 5)) == ()


def test_pins_stand_in_the_editors_order_until_they_expire(content: Content) -> None:
    first, second, third = (content.save(name) for name in ("Một", "Hai", "Ba"))
    english = content.save("Four", locale="en")
    soon = content.now + timedelta(hours=1)
    content.write(
        lambda session: commands.set_pins(
            session, SITE, "home", [third, PinDraft(first, soon), second, english]
        )
    )
    with content.read() as reader:
        assert queries.pins(reader, "home") == (third, first, second)
        assert reader.reads.until == soon
        assert "pins:home" in reader.reads.tags
    assert content.ask(lambda reader: queries.pins(reader, "home"), "en") == (english,)
    content.clock.moment = soon
    assert content.ask(lambda reader: queries.pins(reader, "home")) == (third, second)


def test_summaries_keep_the_order_and_drop_what_is_not_visible(content: Content) -> None:
    first = content.save("Một", section="tin-tuc/cai-cach")
    second = content.save("Hai")
    draft = content.save("Ba", status="draft")
    statements: list[str] = []
    with content.read() as reader:
        event.listen(
            content.engine, "before_cursor_execute", lambda *event: statements.append(event[2])
        )
        found = queries.summaries(reader, (second, 404, first, draft, second))
    assert len(statements) == 1
    assert [summary.id for summary in found] == [second, first]
    assert found[1].section is not None
    assert found[1].section.name == "Cải cách hành chính"
    assert found[1].path == f"/tin-tuc/cai-cach/mot-{first}"
    assert f"article:{draft}" in reader.reads.tags


def test_summary_of_a_scheduled_article_ends_the_answer(content: Content) -> None:
    due = content.now + timedelta(minutes=5)
    number = content.save(published=due)
    with content.read() as reader:
        assert queries.summaries(reader, (number,)) == ()
        assert reader.reads.until == due


def test_tree_is_in_document_order_and_read_once(content: Content) -> None:
    statements: list[str] = []
    with content.read() as reader:
        event.listen(
            content.engine, "before_cursor_execute", lambda *event: statements.append(event[2])
        )
        tree = queries.section_tree(reader)
        found = queries.find_section(reader.recording(), "tin-tuc/cai-cach")
    assert [item.key for item in tree] == [
        "tin-tuc",
        "tin-tuc/cai-cach",
        "tin-tuc/chuyen-doi-so",
        "thong-bao",
    ]
    assert found is tree[1]
    assert found.path == "/tin-tuc/cai-cach/"
    assert len(statements) == 1


@pytest.mark.parametrize(
    ("key", "page", "expected"),
    [
        (None, 1, (Translation("en", "/en/", ""),)),
        ("tin-tuc", 1, (Translation("en", "/en/tin-tuc/", "News"),)),
        ("tin-tuc", 2, ()),
        ("tin-tuc/chuyen-doi-so", 1, ()),
        ("khong-co", 1, ()),
    ],
    ids=["home", "section", "later_page", "unnamed_in_english", "no_section"],
)
def test_lists_have_translations_where_they_are_named(
    content: Content, key: str | None, page: int, expected: tuple[Translation, ...]
) -> None:
    found = content.ask(lambda reader: queries.list_translations(reader, key, ("vi", "en"), page))
    assert found == expected
