"""Which articles are read most, on SQLite and on PostgreSQL; counting ends no cache entry."""

from __future__ import annotations

from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import timedelta

import pytest

from portal.content import commands
from portal.content import queries
from portal.content.drafts import SectionDraft
from portal.errors import ContentError
from tests.integration.content.conftest import SITE
from tests.integration.content.conftest import Content

TODAY = date(2026, 11, 23)


def read(content: Content, *counts: tuple[int, date, int], site: str = SITE) -> None:
    """Count readings: article, day, number."""
    views = {(number, day): count for number, day, count in counts}
    content.write(lambda session: commands.add_views(session, site, views))


def most_read(content: Content, days: int = 7, limit: int = 9, minimum: int = 1) -> list[int]:
    return list(content.ask(lambda reader: queries.most_read(reader, days, limit, minimum)))


def test_articles_stand_by_their_sum_over_the_days(content: Content) -> None:
    often, steady, once = (content.save(f"Tin {number}") for number in range(3))
    read(content, (often, TODAY, 9), (once, TODAY, 1))
    read(content, (steady, TODAY, 5), (steady, TODAY - timedelta(days=6), 6))
    assert most_read(content) == [steady, often, once]
    assert most_read(content, limit=1) == [steady]


def test_readings_are_added_to_those_of_the_day(content: Content) -> None:
    number = content.save()
    read(content, (number, TODAY, 3))
    read(content, (number, TODAY, 4))
    assert most_read(content, minimum=7) == [number]
    assert most_read(content, minimum=8) == []


def test_days_before_the_window_do_not_count(content: Content) -> None:
    number = content.save()
    read(content, (number, TODAY - timedelta(days=7), 100))
    assert most_read(content, days=7) == []
    assert most_read(content, days=8) == [number]


def test_equal_sums_put_the_higher_id_first(content: Content) -> None:
    first, second = content.save("Một"), content.save("Hai")
    read(content, (first, TODAY, 5), (second, TODAY, 5))
    assert most_read(content) == [second, first]


def test_only_listed_articles_of_the_language_are_read_most(content: Content) -> None:
    hidden = [
        content.save("Nháp", status="draft"),
        content.save("Hẹn giờ", published=content.now + timedelta(hours=1)),
        content.save("Hết hạn", expires=content.now - timedelta(minutes=1)),
        content.save("English", locale="en"),
        content.save("Trang", kind="page", section=None),
    ]
    shown = content.save("Tin")
    read(content, *((number, TODAY, 50) for number in hidden), (shown, TODAY, 1))
    assert most_read(content) == [shown]


def test_withdrawn_article_ends_the_answer_and_counting_does_not(content: Content) -> None:
    number = content.save()
    read(content, (number, TODAY, 5))
    with content.read() as reader:
        queries.most_read(reader, 7, 9)
        depends = set(reader.reads.tags)
    counted = content.logged(
        lambda session: commands.add_views(session, SITE, {(number, TODAY): 1})
    )
    withdrawn = content.logged(
        lambda session: commands.withdraw(session, SITE, number, reason="Sai", now=content.now)
    )
    assert counted == set()
    assert withdrawn & depends


def test_answer_ends_when_one_of_its_articles_expires(content: Content) -> None:
    soon = content.now + timedelta(minutes=5)
    number = content.save(expires=soon)
    read(content, (number, TODAY, 5))
    with content.read() as reader:
        queries.most_read(reader, 7, 9)
        assert reader.reads.until == soon


def test_answer_ends_with_the_day_of_the_site(content: Content) -> None:
    with content.read() as reader:
        queries.most_read(reader, 7, 5)
        assert reader.reads.until == datetime(2026, 11, 23, 17, tzinfo=UTC)


def test_articles_of_another_site_or_without_a_row_are_passed_over(content: Content) -> None:
    number = content.save()
    content.write(lambda session: commands.save_site(session, "khac"))
    content.write(
        lambda session: commands.save_sections(session, "khac", (SectionDraft("tin", {"vi": "A"}),))
    )
    read(content, (number, TODAY, 5), site="khac")
    read(content, (number + 999, TODAY, 5))
    assert most_read(content) == []


def test_readings_are_never_taken_away(content: Content) -> None:
    number = content.save()
    with pytest.raises(ContentError, match="never taken away"):
        read(content, (number, TODAY, -1))
