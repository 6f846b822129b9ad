"""Candidates beside an article: the rules that no arrangement of blocks may break."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import event
from sqlalchemy.orm import Session

from portal.content import commands
from portal.content import queries
from portal.content.drafts import ArticleDraft
from portal.content.drafts import PinDraft
from portal.content.reader import Reader
from portal.content.values import Article
from portal.content.values import RelatedReason
from portal.content.values import Term
from tests.integration.content.conftest import SITE
from tests.integration.content.conftest import Content

EVERY_REASON: dict[RelatedReason, int] = {
    "pinned": 5,
    "topic": 5,
    "tags": 5,
    "text": 5,
    "section": 5,
    "latest": 5,
}
FLOOD = (
    "<p>Trận lũ quét đêm qua cuốn trôi cầu treo Nậm Lụa. Lũ quét làm sạt lở taluy dương,"
    " cầu treo Nậm Lụa hư hỏng nặng, sạt lở taluy nhiều điểm.</p>"
)


def shown(reader: Reader, number: int) -> Article:
    article = queries.find_article(reader, number)
    assert isinstance(article, Article)
    return article


def related(content: Content, number: int) -> dict[RelatedReason, tuple[int, ...]]:
    with content.read() as reader:
        return dict(queries.related_candidates(reader, shown(reader, number), EVERY_REASON))


def test_current_article_is_never_beside_itself(content: Content) -> None:
    story, tags = Term("lu", "Lũ"), (Term("mua-lu", "Mưa lũ"),)
    number = content.save("Lũ quét ở Nậm Lụa", topic=story, tags=tags, body=FLOOD)
    other = content.save("Cầu treo gãy trong đêm", topic=story, tags=tags, body=FLOOD)
    content.write(lambda session: commands.set_pins(session, SITE, f"article:{number}", [number]))
    found = related(content, number)
    assert number not in {candidate for ids in found.values() for candidate in ids}
    assert {reason for reason, ids in found.items() if ids == (other,)} == {
        "topic",
        "tags",
        "text",
        "section",
        "latest",
    }


def test_all_candidates_take_one_statement_beside_the_pages_own(content: Content) -> None:
    number = content.save("Một", tags=(Term("a", "A"), Term("b", "B")), topic=Term("t", "T"))
    statements: list[str] = []
    with content.read() as reader:
        article = shown(reader, number)
        event.listen(
            content.engine, "before_cursor_execute", lambda *event: statements.append(event[2])
        )
        queries.related_candidates(reader, article, EVERY_REASON)
    assert len(statements) <= 2


def test_most_shared_tags_come_first_then_the_newest(content: Content) -> None:
    a, b, c = Term("a", "A"), Term("b", "B"), Term("c", "C")
    at = content.now - timedelta(days=1)
    number = content.save("Đang đọc", tags=(a, b, c))
    one_new = content.save("Một nhãn mới", tags=(c,), published=at)
    one_old = content.save("Một nhãn cũ", tags=(a,), published=at - timedelta(days=5))
    two = content.save("Hai nhãn", tags=(b, a), published=at - timedelta(days=9))
    with content.read() as reader:
        article = shown(reader, number)
        assert queries.sharing_tags(reader, article, 5) == (two, one_new, one_old)
        assert queries.sharing_tags(reader, article, 2) == (two, one_new)
        assert {"list:tag:a", "list:tag:b", "list:tag:c"} <= reader.reads.tags


def test_pins_keep_the_editors_order(content: Content) -> None:
    number, first, second = (content.save(name) for name in ("Đang đọc", "Một", "Hai"))
    content.write(
        lambda session: commands.set_pins(session, SITE, f"article:{number}", [second, first])
    )
    assert related(content, number)["pinned"] == (second, first)


def test_answer_ends_when_a_pin_does(content: Content) -> None:
    number, other = content.save("Đang đọc"), content.save("Ghim tạm thời")
    soon = content.now + timedelta(minutes=40)
    pins = [PinDraft(other, soon)]
    content.write(lambda session: commands.set_pins(session, SITE, f"article:{number}", pins))
    with content.read() as reader:
        assert queries.related_candidates(reader, shown(reader, number), EVERY_REASON)["pinned"]
        assert reader.reads.until == soon
    content.clock.advance(minutes=40)
    assert related(content, number)["pinned"] == ()


def test_near_duplicates_drafts_expired_and_other_languages_are_left_out(
    content: Content,
) -> None:
    topic = Term("cau", "Cầu")
    number = content.save("Cầu Bến Ngần thông xe sau 29 tháng", topic=topic)
    content.save("CẦU BẾN NGẦN THÔNG XE SAU 29 THÁNG!", topic=topic)
    content.save("Nháp", topic=topic, status="draft")
    content.save("Hết hạn", topic=topic, expires=content.now - timedelta(days=1))
    content.save("Hẹn giờ", topic=topic, published=content.now + timedelta(days=1))
    content.save("Bridge", topic=topic, locale="en")
    good = content.save("Đường dẫn phía tây hoàn thành", topic=topic)
    found = related(content, number)
    assert found["topic"] == found["section"] == found["latest"] == (good,)


def test_texts_about_the_same_are_found_in_both_directions(content: Content) -> None:
    first = content.save("Lũ quét cuốn trôi cầu treo", body=FLOOD)
    content.save(
        "Giải bóng đá nữ khai mạc",
        body="<p>Giải bóng đá nữ các bản khai mạc sân vận động, bóng đá nữ thu hút khán giả.</p>",
    )
    second = content.save("Khắc phục cầu treo sau lũ quét", body=FLOOD)
    with content.read() as reader:
        assert queries.similar_by_text(reader, shown(reader, second), 5) == (first,)
        assert queries.similar_by_text(reader, shown(reader, first), 5) == (second,)
        assert f"similar:{first}" in reader.reads.tags


def test_publishing_a_similar_article_ends_the_lists_of_its_neighbours(content: Content) -> None:
    first = content.save("Lũ quét cuốn trôi cầu treo", body=FLOOD)
    draft = content.save("Khắc phục cầu treo sau lũ quét", body=FLOOD, status="draft")
    tags = content.logged(lambda session: commands.publish(session, SITE, draft, now=content.now))
    assert f"similar:{first}" in tags
    assert related(content, first)["text"] == (draft,)


def test_withdrawing_ends_every_list_in_which_an_article_stood(content: Content) -> None:
    tag = Term("lu", "Lũ")
    beside = content.save("Lũ quét cuốn trôi cầu treo", body=FLOOD)
    number = content.save("Khắc phục cầu treo", body=FLOOD, tags=(tag,), topic=Term("t", "T"))
    content.write(lambda session: commands.set_pins(session, SITE, "home", [number]))
    tags = content.logged(
        lambda session: commands.withdraw(session, SITE, number, now=content.now, reason="Sai")
    )
    section = content.ask(lambda reader: queries.find_section(reader, "tin-tuc"))
    assert section is not None
    assert tags >= {
        f"article:{number}",
        "list:site",
        f"list:section:{section.id}",
        "list:tag:lu",
        "list:topic:t",
        "pins:home",
        f"similar:{beside}",
    }
    assert number not in related(content, beside)["text"]


def test_order_does_not_depend_on_the_order_of_saving(content: Content) -> None:
    at = content.now - timedelta(days=2)
    number = content.save("Đang đọc", published=at)
    days = (3, 1, 4, 1.5, 5)
    by_age = {day: content.save(f"Tin {day}", published=at - timedelta(days=day)) for day in days}
    expected = tuple(by_age[day] for day in sorted(days))
    assert related(content, number)["section"] == expected
    assert related(content, number)["latest"] == expected


def test_edit_without_effect_on_lists_ends_no_list(content: Content) -> None:
    number = content.save("Tin", lead="Sapo cũ")

    def change_lead(session: Session) -> None:
        draft = commands.read_draft(session, SITE, number)
        changed = replace(draft, lead="Sapo mới")
        commands.save_article(session, SITE, changed, now=content.now)

    tags = content.logged(change_lead)
    assert not any(tag.startswith("list:") for tag in tags)
    assert f"article:{number}" in tags


def test_editors_who_save_similar_articles_at_once_wait_for_each_other(content: Content) -> None:
    """Each writes to the other's list; neither save may fail, and both lists are whole."""
    words = "Hợp tác xã chè búp vụ xuân"
    first, second = content.save(words), content.save(f"{words} mới")
    with ThreadPoolExecutor(1) as pool:
        with Session(content.engine) as session, session.begin():
            edited = commands.read_draft(session, SITE, first)
            commands.save_article(
                session, SITE, replace(edited, headline=f"{words} muộn"), now=content.now
            )
            other = pool.submit(content.save, f"{words} sớm", id=second)
            with suppress(TimeoutError):
                other.result(timeout=0.3)
        assert other.result(timeout=30) == second
    assert related(content, first)["text"] == (second,)
    assert related(content, second)["text"] == (first,)


def test_neighbours_cost_the_same_however_much_was_published_since(
    sqlite_content: Content,
) -> None:
    """Counted in steps of SQLite's virtual machine, beside the newest and beside an old article."""
    content = sqlite_content
    drafts = [
        ArticleDraft(
            locale="vi",
            headline=f"Bản tin {place}",
            section="tin-tuc",
            status="published",
            published=content.now - timedelta(hours=1 + place),
        )
        for place in range(400)
    ]
    changes = content.write(
        lambda session: commands.save_articles(
            session, SITE, drafts, now=content.now, similar=False
        )
    )
    numbers = [change.article_id for change in changes]

    def steps_beside(place: int) -> int:
        steps = 0

        def step() -> int:
            nonlocal steps
            steps += 1
            return 0

        with content.read() as reader:
            article = shown(reader, numbers[place])
            driver = reader.session.connection().connection.driver_connection
            assert driver is not None
            driver.set_progress_handler(step, 1)
            newer, older = queries.beside_in_section(reader, article, 5, 5)
            driver.set_progress_handler(None, 1)
        assert newer == tuple(numbers[place - 5 : place])
        assert older == tuple(numbers[place + 1 : place + 6])
        return steps

    assert steps_beside(390) <= 1.1 * steps_beside(10)
