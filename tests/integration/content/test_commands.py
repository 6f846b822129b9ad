"""Writing: what is stored, what is kept, what is refused, what is said to have changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from datetime import timedelta
from typing import TypeVar
from typing import cast

import pytest
from sqlalchemy import Delete
from sqlalchemy import Table
from sqlalchemy import Update
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.content import commands
from portal.content import queries
from portal.content.drafts import ArticleDraft
from portal.content.drafts import AttachmentDraft
from portal.content.drafts import Changed
from portal.content.drafts import MediaDraft
from portal.content.drafts import RedirectDraft
from portal.content.drafts import SectionDraft
from portal.content.models import Article as ArticleModel
from portal.content.models import ArticleTag
from portal.content.models import Attachment
from portal.content.models import CacheLog
from portal.content.models import Revision
from portal.content.values import Article
from portal.content.values import Correction
from portal.content.values import Rendition
from portal.content.values import SearchQuery
from portal.content.values import Source
from portal.content.values import Term
from portal.errors import ContentError
from tests.integration.content.conftest import SECTIONS
from tests.integration.content.conftest import SITE
from tests.integration.content.conftest import Content

Row = TypeVar("Row")

article_rows = cast("Table", ArticleModel.__table__)
tag_rows = cast("Table", ArticleTag.__table__)
attachment_rows = cast("Table", Attachment.__table__)

DUMP = ArticleDraft(
    locale="vi",
    headline="Tăng cường công tác tuyên truyền",
    lead="Ban hành kế hoạch.",
    body="<p>Nội dung.</p>",
    section="thong-bao",
    status="published",
    precision="day",
    legacy_system="congthongtin",
    content_hash="5e3",
    source=Source("Theo Báo"),
    tags=(Term("tuyen-truyen", "Tuyên truyền"),),
    provenance=({"field": "headline", "file": "a.txt", "first_line": 4},),
    review_flags=({"rule": "no-end-mark", "first_line": 9},),
)


def save(content: Content, draft: ArticleDraft) -> Changed:
    return content.write(
        lambda session: commands.save_article(session, SITE, draft, now=content.now)
    )


def count(content: Content, model: type[Row]) -> int:
    return content.write(
        lambda session: session.execute(select(func.count()).select_from(model)).scalar_one()
    )


@pytest.mark.parametrize("legacy_id", [None, "18746"], ids=["content_hash", "legacy_id"])
def test_same_import_again_writes_nothing_and_says_so(
    content: Content, legacy_id: str | None
) -> None:
    draft = replace(DUMP, published=content.now, legacy_id=legacy_id)
    first = save(content, draft)
    rows, revisions = count(content, CacheLog), count(content, Revision)
    content.clock.advance(hours=1)
    second = save(content, draft)
    assert (first.outcome, second.outcome) == ("created", "unchanged")
    assert second == Changed(first.article_id, "unchanged")
    assert (count(content, CacheLog), count(content, Revision)) == (rows, revisions)


def test_changed_import_updates_the_same_article(content: Content) -> None:
    draft = replace(DUMP, legacy_id="7", published=content.now)
    first = save(content, draft)
    second = save(content, replace(draft, headline="Tăng cường kiểm tra", content_hash="5e4"))
    assert second.article_id == first.article_id
    assert second.outcome == "updated"


def test_every_save_keeps_a_revision_with_the_whole_state(content: Content) -> None:
    first = save(content, replace(DUMP, published=content.now))
    draft = content.write(lambda session: commands.read_draft(session, SITE, first.article_id))
    content.write(
        lambda session: commands.save_article(
            session, SITE, replace(draft, lead="Khác"), now=content.now, actor="Lò Thị Mai"
        )
    )
    rows = content.write(
        lambda session: session.execute(
            select(Revision.number, Revision.actor, Revision.snapshot).order_by(Revision.number)
        ).all()
    )
    assert [(row.number, row.actor) for row in rows] == [(1, ""), (2, "Lò Thị Mai")]
    assert [row.snapshot["lead"] for row in rows] == ["Ban hành kế hoạch.", "Khác"]
    assert rows[1].snapshot["review_flags"] == [{"rule": "no-end-mark", "first_line": 9}]


def test_read_draft_asks_for_the_same_article(content: Content) -> None:
    changed = save(content, replace(DUMP, published=content.now, topic=Term("t", "Tên")))
    draft = content.write(lambda session: commands.read_draft(session, SITE, changed.article_id))
    assert draft.tags == DUMP.tags
    assert save(content, draft).outcome == "unchanged"


def write_headline(content: Content, number: int, headline: str) -> None:
    """As a person with psql or sqlite3 does it, past all commands."""
    row = article_rows.c.id == number
    content.write(
        lambda session: session.execute(update(article_rows).where(row).values(headline=headline))
    )


def shown(content: Content, number: int) -> str:
    found = content.ask(lambda reader: queries.find_article(reader, number))
    assert isinstance(found, Article)
    return found.headline


def test_a_save_holds_although_another_program_wrote_something_else_since(content: Content) -> None:
    draft = replace(DUMP, published=content.now)
    first = save(content, draft)
    write_headline(content, first.article_id, "Từ psql")
    assert save(content, draft) == Changed(first.article_id, "updated")
    assert shown(content, first.article_id) == DUMP.headline
    assert save(content, draft).outcome == "unchanged"


def test_what_another_program_wrote_is_not_undone_by_an_edit_of_something_else(
    content: Content,
) -> None:
    first = save(content, replace(DUMP, published=content.now))
    write_headline(content, first.article_id, "Từ psql")
    correction = Correction(content.now, "correction", "Sửa ngày.")
    content.write(
        lambda session: commands.add_correction(
            session, SITE, first.article_id, correction, now=content.now
        )
    )
    assert shown(content, first.article_id) == "Từ psql"
    rows = content.write(
        lambda session: session.execute(select(Revision.snapshot).order_by(Revision.number))
    ).scalars()
    assert [snapshot["headline"] for snapshot in rows] == [DUMP.headline, "Từ psql"]


@pytest.mark.parametrize(
    "statement",
    [
        delete(tag_rows),
        update(tag_rows).values(position=1 - tag_rows.c.position),
        delete(attachment_rows),
        update(attachment_rows).values(title="Từ psql"),
        update(article_rows).values(topic_id=None),
    ],
    ids=["tags deleted", "tags moved", "file deleted", "file renamed", "topic taken away"],
)
def test_a_save_holds_although_another_program_wrote_beside_the_article(
    content: Content, statement: Delete | Update
) -> None:
    draft = replace(
        DUMP,
        published=content.now,
        tags=(Term("chuyen-doi-so", "Chuyển đổi số"), Term("nong-thon", "Nông thôn")),
        topic=Term("dai-hoi", "Đại hội"),
        attachments=(AttachmentDraft("Biểu mẫu", "a.pdf", "application/pdf", 9, "files/1/a.pdf"),),
    )
    first = save(content, draft)

    def beside() -> object:
        found = content.ask(lambda reader: queries.find_article(reader, first.article_id))
        assert isinstance(found, Article)
        return found.tags, [replace(item, id=0) for item in found.attachments], found.topic

    before = beside()
    content.write(lambda session: session.execute(statement))
    assert beside() != before
    assert save(content, draft) == Changed(first.article_id, "updated")
    assert beside() == before
    assert save(content, draft).outcome == "unchanged"


def test_what_another_program_wrote_is_found_once_it_is_saved_as_well(content: Content) -> None:
    """Search and similar articles know only of what is saved."""
    first = save(content, replace(DUMP, published=content.now))
    write_headline(content, first.article_id, "Bàn giao")
    draft = content.write(lambda session: commands.read_draft(session, SITE, first.article_id))
    assert draft.headline == "Bàn giao"
    assert save(content, draft).outcome == "updated"
    found = content.ask(lambda reader: queries.search(reader, SearchQuery("bàn giao"), 10))
    assert [hit.article.id for hit in found.hits] == [first.article_id]


def test_slug_follows_the_headline_until_it_is_public(content: Content) -> None:
    number = content.save("Tên đầu tiên", status="draft", published=None)

    def rename(headline: str) -> None:
        draft = content.write(lambda session: commands.read_draft(session, SITE, number))
        save(content, replace(draft, headline=headline, slug=None))

    rename("Tên thứ hai")
    content.write(lambda session: commands.publish(session, SITE, number, now=content.now))
    rename("Tên thứ ba")
    article = content.ask(lambda reader: queries.find_article(reader, number))
    assert isinstance(article, Article)
    assert article.headline == "Tên thứ ba"
    assert article.path == f"/tin-tuc/ten-thu-hai-{number}"


def test_publication_can_be_scheduled(content: Content) -> None:
    number = content.save(status="draft", published=None)
    due = content.now + timedelta(days=1)
    content.write(lambda session: commands.publish(session, SITE, number, now=content.now, at=due))
    assert content.ask(lambda reader: queries.latest(reader, 5)) == ()
    content.clock.moment = due
    assert content.ask(lambda reader: queries.latest(reader, 5)) == (number,)


def test_move_ends_the_lists_of_the_old_and_of_the_new_section(content: Content) -> None:
    number = content.save(section="tin-tuc")
    sections = content.ask(
        lambda reader: {item.key: item.id for item in queries.section_tree(reader)}
    )

    def move(session: Session) -> None:
        draft = commands.read_draft(session, SITE, number)
        commands.save_article(session, SITE, replace(draft, section="thong-bao"), now=content.now)

    assert content.logged(move) >= {
        f"article:{number}",
        f"list:section:{sections['tin-tuc']}",
        f"list:section:{sections['thong-bao']}",
    }


def test_draft_ends_no_list(content: Content) -> None:
    tags = content.logged(
        lambda session: commands.save_article(
            session, SITE, replace(DUMP, status="draft"), now=content.now
        )
    )
    assert {tag.partition(":")[0] for tag in tags} == {"article"}


def test_renamed_tag_ends_what_shows_it(content: Content) -> None:
    save(content, replace(DUMP, published=content.now))
    renamed = replace(
        DUMP, content_hash="x", tags=(Term("tuyen-truyen", "Truyền thông"),), status="draft"
    )
    tags = content.logged(
        lambda session: commands.save_article(session, SITE, renamed, now=content.now)
    )
    assert "tag:tuyen-truyen" in tags


def test_correction_is_public_and_counts_as_an_update(content: Content) -> None:
    number = content.save()
    note = Correction(content.now, "correction", "Con số đúng là 68,4 tỷ đồng.")
    content.write(
        lambda session: commands.add_correction(session, SITE, number, note, now=content.now)
    )
    article = content.ask(lambda reader: queries.find_article(reader, number))
    assert isinstance(article, Article)
    assert (article.corrections, article.updated) == ((note,), content.now)


def test_attachment_of_the_same_name_is_replaced(content: Content) -> None:
    number = content.save()
    for size in (10, 20):
        file = AttachmentDraft("Quyết định", "qd.pdf", "application/pdf", size, "ab/qd.pdf")
        content.write(
            lambda session, file=file: commands.save_attachment(
                session, SITE, number, file, now=content.now
            )
        )
    article = content.ask(lambda reader: queries.find_article(reader, number))
    assert isinstance(article, Article)
    assert [item.size for item in article.attachments] == [20]


REFUSED: dict[str, tuple[ArticleDraft, str]] = {
    "no_headline": (replace(DUMP, headline=" \x00 "), "headline is empty"),
    "no_section": (replace(DUMP, section="khong-co"), "section 'khong-co' does not exist"),
    "no_picture": (replace(DUMP, hero_id=404), "picture 404 does not exist"),
    "no_successor": (replace(DUMP, successor_id=404), "successor 404 does not exist"),
    "no_article": (replace(DUMP, id=404), "article 404 does not exist"),
    "no_zone": (replace(DUMP, published=datetime(2026, 1, 1)), "has no time zone"),
    "unknown_locale": (replace(DUMP, locale="fr"), "known: vi, en"),
    "tag_no_slug": (replace(DUMP, tags=(Term("Lũ lụt", "Lũ lụt"),)), "use 'lu-lut'"),
}


@pytest.mark.parametrize(("draft", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_wrong_draft_is_refused_and_nothing_is_written(
    content: Content, draft: ArticleDraft, message: str
) -> None:
    with pytest.raises(ContentError, match=message):
        save(content, draft)
    assert count(content, Revision) == 0


def test_two_pages_cannot_have_one_address(content: Content) -> None:
    content.save("Giới thiệu", kind="page", section=None)
    with pytest.raises(ContentError, match="give another slug"):
        content.save("Giới thiệu", kind="page", section=None)
    content.save("Giới thiệu", kind="page", section=None, locale="en")


def test_site_must_exist_before_its_articles(content: Content) -> None:
    with pytest.raises(ContentError, match="no content yet"):
        content.write(
            lambda session: commands.save_article(session, "other", DUMP, now=content.now)
        )


def test_withdrawal_needs_a_reason(content: Content) -> None:
    number = content.save()
    with pytest.raises(ContentError, match="needs a reason"):
        content.write(
            lambda session: commands.withdraw(session, SITE, number, now=content.now, reason=" ")
        )


def test_many_articles_are_saved_in_order_and_found_again(content: Content) -> None:
    drafts = [
        replace(
            DUMP,
            headline=f"Tin số {number}",
            legacy_id=str(number),
            published=content.now - timedelta(minutes=number),
        )
        for number in range(600)
    ]

    def save_all() -> tuple[Changed, ...]:
        return content.write(
            lambda session: commands.save_articles(session, SITE, drafts, now=content.now)
        )

    first = save_all()
    assert {change.outcome for change in first} == {"created"}
    numbers = tuple(change.article_id for change in first)
    assert content.ask(lambda reader: queries.latest(reader, 600)) == numbers
    second = save_all()
    assert tuple(change.article_id for change in second) == numbers
    assert {change.outcome for change in second} == {"unchanged"}


def test_sections_declared_again_write_nothing(content: Content) -> None:
    assert content.logged(lambda session: commands.save_sections(session, SITE, SECTIONS)) == set()


def test_moved_section_takes_its_articles_along_and_leaves_redirects(content: Content) -> None:
    number = content.save(section="tin-tuc/cai-cach")
    moved = (
        replace(SECTIONS[0], slug="tin", formerly="tin-tuc"),
        SECTIONS[1],
    )
    content.write(lambda session: commands.save_sections(session, SITE, moved))
    article = content.ask(lambda reader: queries.find_article(reader, number))
    assert isinstance(article, Article)
    assert article.path.startswith("/tin/cai-cach/")
    found = content.ask(
        lambda reader: queries.find_redirect(reader, "x.vn", "/tin-tuc/cai-cach/", {})
    )
    assert found is not None
    assert found.target == "/tin/cai-cach/"


def test_section_with_articles_is_not_deleted(content: Content) -> None:
    content.save(section="thong-bao")
    with pytest.raises(ContentError, match=r"thong-bao \(1\)"):
        content.write(lambda session: commands.save_sections(session, SITE, SECTIONS[:1]))


def test_empty_sections_are_deleted_with_all_below(content: Content) -> None:
    content.write(lambda session: commands.save_sections(session, SITE, SECTIONS[1:]))
    tree = content.ask(queries.section_tree)
    assert [item.key for item in tree] == ["thong-bao"]


@pytest.mark.parametrize(
    ("slug", "message"),
    [("Tin tức", "use 'tin-tuc'"), ("tin-tuc", "stands twice")],
    ids=["no_slug", "twice"],
)
def test_wrong_section_is_refused(content: Content, slug: str, message: str) -> None:
    wrong = (*SECTIONS, SectionDraft(slug, {"vi": "Sai"}))
    with pytest.raises(ContentError, match=message):
        content.write(lambda session: commands.save_sections(session, SITE, wrong))


def test_renamed_section_ends_what_shows_it(content: Content) -> None:
    section = content.ask(lambda reader: queries.find_section(reader, "thong-bao"))
    assert section is not None
    renamed = (SECTIONS[0], replace(SECTIONS[1], names={"vi": "Tin báo"}))
    tags = content.logged(lambda session: commands.save_sections(session, SITE, renamed))
    assert tags == {"sections", f"section:{section.id}"}


def test_picture_is_known_by_its_name(content: Content) -> None:
    draft = MediaDraft("cau", 10, 10, (Rendition("a.webp", 10, 10, "webp"),), {"vi": "Cầu"})
    first = content.write(lambda session: commands.save_media(session, SITE, draft))
    again = content.write(lambda session: commands.save_media(session, SITE, draft))
    assert (again.id, again.outcome) == (first.id, "unchanged")
    tags = content.logged(
        lambda session: commands.save_media(session, SITE, replace(draft, credit="Minh"))
    )
    assert tags == {f"media:{first.id}"}


def test_decorative_picture_cannot_have_a_text_alternative(content: Content) -> None:
    draft = MediaDraft("cau", 10, 10, (), {"vi": "Cầu"}, decorative=True)
    with pytest.raises(ContentError, match="drop one of the two"):
        content.write(lambda session: commands.save_media(session, SITE, draft))


def test_pins_of_an_unknown_place_or_article_are_refused(content: Content) -> None:
    with pytest.raises(ContentError, match="write home"):
        content.write(lambda session: commands.set_pins(session, SITE, "front", []))
    with pytest.raises(ContentError, match="no article 404"):
        content.write(lambda session: commands.set_pins(session, SITE, "home", [404]))


LEGACY = "/tintuc/Pages/kinh-te.aspx"


def redirect(content: Content, draft: RedirectDraft) -> None:
    content.write(lambda session: commands.save_redirect(session, SITE, draft))


@pytest.mark.parametrize(
    ("host", "path", "query", "target"),
    [
        ("a.vn", "/TinTuc/pages/KINH-TE.aspx", {"itemid": "7", "CateID": "0"}, "/by-query"),
        ("a.vn", LEGACY, {"ItemID": "8"}, "/by-path"),
        ("B.vn", LEGACY, {"ItemID": "7"}, "/by-host"),
        ("a.vn", LEGACY + "/", {}, "/by-path"),
        ("a.vn", "/khac.aspx", {"ItemID": "7"}, None),
    ],
    ids=["path_and_argument", "other_argument", "host_wins", "slash", "other_path"],
)
def test_redirect_matches_path_and_a_part_of_the_query(
    content: Content, host: str, path: str, query: dict[str, str], target: str | None
) -> None:
    redirect(content, RedirectDraft(LEGACY, "/by-path"))
    redirect(content, RedirectDraft(LEGACY, "/by-query", query={"ItemID": "7"}))
    redirect(content, RedirectDraft(LEGACY, "/by-host", host="b.vn"))
    found = content.ask(lambda reader: queries.find_redirect(reader, host, path, query))
    assert (found.target if found else None) == target


def test_redirect_to_an_article_follows_it(content: Content) -> None:
    number = content.save(section="tin-tuc")
    redirect(content, RedirectDraft(LEGACY, article_id=number))

    def answer() -> tuple[str, int] | None:
        found = content.ask(lambda reader: queries.find_redirect(reader, "a.vn", LEGACY, {}))
        return (found.target, found.code) if found else None

    assert answer() == (f"/tin-tuc/cau-ben-ngan-thong-xe-{number}", 301)
    content.write(
        lambda session: commands.withdraw(session, SITE, number, now=content.now, reason="Sai")
    )
    assert answer() == ("", 410)


@pytest.mark.parametrize(
    ("draft", "message"),
    [
        (RedirectDraft("/a"), "give either"),
        (RedirectDraft("/a", "/b", article_id=1), "give either"),
        (RedirectDraft("/a", "/b", code=410), "give either"),
        (RedirectDraft("/a/", "/A"), "leads to itself"),
        *(
            (RedirectDraft("/a", target), "is no address for readers; write https://")
            for target in (
                "javascript:alert(1)",
                "//evil.example/",
                "/\\evil.example/",
                "/\t/evil.example/",
                "/b\r\nSet-Cookie: a=1",
                "/b\rX: 1",
                "b",
            )
        ),
    ],
)
def test_wrong_redirect_is_refused(content: Content, draft: RedirectDraft, message: str) -> None:
    with pytest.raises(ContentError, match=message):
        redirect(content, draft)
