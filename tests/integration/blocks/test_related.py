"""Related news on real pages: who is shown, in which group and order, at which cost."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event

from portal.block import Subject
from portal.compose.attempt import choose
from portal.content import commands
from portal.content import queries
from portal.content.drafts import PinDraft
from portal.content.values import Article
from portal.content.values import Term
from tests.clocks import StandingClock
from tests.integration.blocks.pages import Look
from tests.integration.composition.small_site import SmallSite
from tests.integration.composition.small_site import compose

FLOOD = Term("lu-18-9", "Trận lũ 18/9")


def place(site: SmallSite, **settings: Any) -> None:
    site.lay_out("article", {"key": "more", "block": "related", "settings": settings})


def look(site: SmallSite, number: int) -> Look:
    return Look(compose(site.portal(), f"/tin-tuc/hien-tai-{number}"))


def groups(page: Look) -> dict[str, list[str]]:
    """Headlines by group, in document order."""
    names = ("pinned", "topic", "similar", "newer", "older", "latest", "all")
    return {
        name: page.texts(f".related__group--{name} a")
        for name in names
        if page.has(f".related__group--{name}")
    }


def test_nothing_to_show_leaves_no_trace(site: SmallSite):
    place(site)
    page = look(site, site.article("Hiện tại"))
    assert not page.has(".related")


def test_only_find_has_its_reason_as_the_heading_of_the_block(site: SmallSite):
    place(site, methods=["topic"])
    site.article("Khắc phục hậu quả", days=2, topic=FLOOD)
    page = look(site, site.article("Hiện tại", topic=FLOOD))
    assert page.texts(".related h2") == ["Theo dòng sự kiện"]
    assert not page.has(".related h3")


def test_each_group_says_why(site: SmallSite):
    place(site, methods=["pinned", "topic", "section"], limit=10)
    pinned = site.article("Bài học từ trận lũ", days=9, section="thong-bao")
    site.article("Khắc phục hậu quả", days=2, topic=FLOOD, section="thong-bao")
    site.article("Tin cũ của chuyên mục", days=5)
    site.article("Tin mới của chuyên mục", days=0.5)
    number = site.article("Hiện tại", days=1, topic=FLOOD)
    site.edit(commands.set_pins, f"article:{number}", (PinDraft(pinned),))
    page = look(site, number)
    assert groups(page) == {
        "pinned": ["Bài học từ trận lũ"],
        "topic": ["Khắc phục hậu quả"],
        "newer": ["Tin mới của chuyên mục"],
        "older": ["Tin cũ của chuyên mục"],
    }
    assert page.texts(".related h3") == [
        "Tòa soạn giới thiệu",
        "Theo dòng sự kiện",
        "Tin mới hơn",
        "Các tin khác",
    ]


def test_closest_newer_articles_are_shown_newest_first(site: SmallSite):
    place(site, methods=["section"], groups={"newer": {"limit": 2}})
    for days in (1, 2, 3):
        site.article(f"Trước đây {days} ngày", days=days)
    assert groups(look(site, site.article("Hiện tại", days=9))) == {
        "newer": ["Trước đây 2 ngày", "Trước đây 3 ngày"]
    }


def test_same_story_is_shown_once(site: SmallSite):
    place(site, methods=["topic", "section"])
    site.article("Hoà giải ở cơ sở: bài học", days=2, topic=FLOOD)
    site.article("HÒA GIẢI Ở CƠ SỞ – BÀI HỌC", days=3)
    site.article("HIỆN TẠI!", days=4)
    page = look(site, site.article("Hiện tại", days=1, topic=FLOOD))
    assert groups(page) == {"topic": ["Hoà giải ở cơ sở: bài học"]}


def test_what_another_list_shows_is_not_repeated(site: SmallSite):
    site.lay_out(
        "article",
        {"key": "latest", "block": "latest", "settings": {"limit": 1}},
        {"key": "more", "block": "related", "settings": {"methods": ["section"]}},
    )
    for days in (2, 3):
        site.article(f"Trước đây {days} ngày", days=days)
    page = look(site, site.article("Hiện tại", days=1))
    assert page.texts(".latest a") == ["Trước đây 2 ngày"]
    assert groups(page) == {"older": ["Trước đây 3 ngày"]}


def test_a_new_publication_shows_at_the_next_request(site: SmallSite):
    place(site, methods=["section"])
    number = site.article("Hiện tại", days=1)
    portal = site.portal()
    path = f"/tin-tuc/hien-tai-{number}"
    assert not Look(compose(portal, path)).has(".related")
    site.article("Vừa đăng", days=0.1)
    assert groups(Look(compose(portal, path))) == {"newer": ["Vừa đăng"]}


def test_a_scheduled_article_shows_at_its_moment(site: SmallSite, clock: StandingClock):
    place(site, methods=["section"])
    site.article("Hẹn giờ", days=-0.5)
    number = site.article("Hiện tại", days=1)
    portal = site.portal()
    path = f"/tin-tuc/hien-tai-{number}"
    assert not Look(compose(portal, path)).has(".related")
    clock.advance(days=1)
    assert groups(Look(compose(portal, path))) == {"newer": ["Hẹn giờ"]}


def test_old_articles_leave_when_they_pass_the_age(site: SmallSite, clock: StandingClock):
    place(site, methods=["section"], max_age="10d")
    site.article("Chín ngày", days=9.5)
    site.article("Mười một ngày", days=11)
    number = site.article("Hiện tại", days=1)
    portal = site.portal()
    path = f"/tin-tuc/hien-tai-{number}"
    assert groups(Look(compose(portal, path))) == {"older": ["Chín ngày"]}
    clock.advance(days=1)
    assert not Look(compose(portal, path)).has(".related")


@pytest.mark.parametrize(
    ("fallback", "expected"),
    [("none", {}), ("latest", {"older": ["Một"], "latest": ["Nơi khác"]})],
    ids=["nothing", "newest"],
)
def test_too_few_finds_fall_back(site: SmallSite, fallback: str, expected: dict[str, list[str]]):
    place(site, methods=["section"], min_total=2, fallback=fallback)
    site.article("Nơi khác", days=3, section="thong-bao")
    site.article("Một", days=2)
    assert groups(look(site, site.article("Hiện tại", days=1))) == expected


def test_one_list_has_no_reasons(site: SmallSite):
    place(site, methods=["topic", "section"], headings="one", title={"vi": "Tin liên quan"})
    site.article("Cùng chủ đề", days=3, topic=FLOOD)
    site.article("Cùng chuyên mục", days=2)
    page = look(site, site.article("Hiện tại", days=1, topic=FLOOD))
    assert page.texts(".related h2") == ["Tin liên quan"]
    assert not page.has(".related h3")
    assert groups(page) == {"all": ["Cùng chủ đề", "Cùng chuyên mục"]}


def test_order_is_the_same_on_every_database(site_on_each: SmallSite):
    site = site_on_each
    place(site, methods=["section"], limit=5)
    for number in range(6):
        site.article(f"Cùng lúc {number}", days=2)
    page = look(site, site.article("Hiện tại", days=1))
    assert groups(page) == {"older": [f"Cùng lúc {number}" for number in (5, 4, 3, 2, 1)]}


def test_a_card_has_one_link(site: SmallSite):
    place(site, methods=["section"], layout="cards")
    site.article("Một", days=2, lead="Câu dẫn.")
    page = look(site, site.article("Hiện tại", days=1))
    assert page.texts(".related a") == ["Một"]
    assert page.texts(".related time") == ["21/11/2026"]


def test_all_methods_together_take_four_statements(site: SmallSite):
    place(site, methods=["pinned", "topic", "tags", "text", "section", "latest"], limit=40)
    tags = (Term("mot", "Một"), Term("hai", "Hai"))
    for days in range(2, 12):
        site.article(f"Tin {days}", days=days, tags=tags, topic=FLOOD)
    number = site.article("Hiện tại", days=1, tags=tags, topic=FLOOD)
    portal = site.portal()
    parts = portal.composition
    slot = parts.plans.plan("article", None, "vi").slots[1]
    statements: list[str] = []
    event.listen(portal.engine(), "before_cursor_execute", lambda *call: statements.append(call[2]))
    with parts.snapshots("vi", site.clock(), parts.table.view)() as snapshot:
        shown = queries.find_article(snapshot.reader, number)
        assert isinstance(shown, Article)
        queries.latest(snapshot.reader, 1)
        statements.clear()
        subject = Subject("article", shown.path, number, "tin-tuc")
        resolved = parts.fragments.resolve(slot, subject, snapshot)
        chosen = choose(resolved.groups, {number})
        entry = parts.fragments.render(slot, subject, snapshot, chosen)
    assert b"Tin 2" in entry.html
    assert len(statements) <= 4


def test_age_of_a_group_is_its_own(site: SmallSite):
    place(site, methods=["topic", "section"], groups={"topic": {"max_age": "5d"}})
    site.article("Chủ đề cũ", days=20, topic=FLOOD, section="thong-bao")
    site.article("Chuyên mục cũ", days=20)
    page = look(site, site.article("Hiện tại", days=1, topic=FLOOD))
    assert groups(page) == {"older": ["Chuyên mục cũ"]}
