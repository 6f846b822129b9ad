"""Running stories, on SQLite and on PostgreSQL."""

from __future__ import annotations

from datetime import timedelta

from portal.content import commands
from portal.content import queries
from portal.content.drafts import ArticleDraft
from portal.content.values import Term
from tests.integration.content.conftest import SITE
from tests.integration.content.conftest import Content

BRIDGE = Term("cau-ben-ngan", "Cầu Bến Ngần")


def test_story_is_told_from_either_end(content: Content) -> None:
    first, second, third = (
        content.save(
            f"Kỳ {number}", topic=BRIDGE, published=content.now - timedelta(days=9 - number)
        )
        for number in (1, 2, 3)
    )
    content.save("Việc khác")
    newest = content.ask(lambda reader: queries.list_topic(reader, BRIDGE.slug, 2))
    oldest = content.ask(
        lambda reader: queries.list_topic(reader, BRIDGE.slug, 9, oldest_first=True)
    )
    assert newest == (third, second)
    assert oldest == (first, second, third)


def test_topic_has_its_name_and_an_unknown_one_is_nothing(content: Content) -> None:
    content.save(topic=BRIDGE)
    assert content.ask(lambda reader: queries.find_topic(reader, BRIDGE.slug)) == BRIDGE
    assert content.ask(lambda reader: queries.find_topic(reader, "khong-co")) is None


def test_next_episode_ends_the_answer(content: Content) -> None:
    with content.read() as reader:
        queries.list_topic(reader, BRIDGE.slug, 9)
        queries.find_topic(reader, BRIDGE.slug)
        depends = set(reader.reads.tags)
    draft = ArticleDraft(
        locale="vi",
        headline="Kỳ mới",
        section="tin-tuc",
        topic=BRIDGE,
        status="published",
        published=content.now,
    )
    logged = content.logged(
        lambda session: commands.save_article(session, SITE, draft, now=content.now)
    )
    assert logged & depends
