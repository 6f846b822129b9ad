"""No article stands twice on a page: the order of the placements decides who keeps it."""

from __future__ import annotations

import pytest

from portal.content import commands
from tests.integration.composition.small_site import SmallSite
from tests.integration.composition.small_site import compose
from tests.integration.composition.small_site import fragments
from tests.integration.composition.small_site import headlines


@pytest.fixture
def news(site: SmallSite) -> SmallSite:
    """Ten articles, `News 1` the newest."""
    site.sections()
    for number in range(1, 11):
        site.article(f"News {number}", days=number)
    return site


def lists(site: SmallSite, path: str = "/") -> dict[str, list[str]]:
    """The headlines of every list on a page."""
    found = fragments(compose(site.portal(), path))
    return {key: headlines(html) for key, html in found.items()}


def named(*numbers: int) -> list[str]:
    return [f"News {number}" for number in numbers]


def placed(key: str, limit: int = 3, **more: object) -> dict[str, object]:
    return {"key": key, "block": "news", "settings": {"limit": limit}, **more}


def test_two_lists_never_show_the_same_article_and_both_are_full(news: SmallSite):
    news.news()
    news.lay_out("home", placed("first"), placed("second"))
    assert lists(news) == {"first": named(1, 2, 3), "second": named(4, 5, 6)}


def test_document_order_decides_who_keeps_an_article(news: SmallSite):
    news.news()
    news.lay_out("home", placed("small", 1), aside=[placed("beside")], top=[placed("above", 2)])
    assert lists(news) == {
        "above": named(1, 2),
        "small": named(3),
        "beside": named(4, 5, 6),
    }


def test_the_article_of_the_page_is_in_none_of_its_lists(news: SmallSite):
    news.news()
    current = news.article("Current", days=0.5)
    news.lay_out("article", placed("related"), aside=[placed("latest")])
    assert lists(news, f"/tin-tuc/current-{current}") == {
        "related": named(1, 2, 3),
        "latest": named(4, 5, 6),
    }


def test_a_list_without_dedupe_repeats_what_stands_above_it(news: SmallSite):
    news.news()
    news.lay_out("home", placed("first"), placed("second", dedupe=False), placed("third"))
    shown = lists(news)
    assert shown["second"] == shown["first"] == named(1, 2, 3)
    assert shown["third"] == named(4, 5, 6)


def test_a_list_without_dedupe_still_leaves_out_what_it_is_bound_to(news: SmallSite):
    news.news()
    bound = placed("bound", 2, dedupe=False, bind={"exclude": "second.shown"})
    news.lay_out("home", placed("first", 2), placed("second", 2), bound)
    assert lists(news) == {"first": named(1, 2), "second": named(3, 4), "bound": named(1, 2)}


def test_a_bound_list_gives_way_to_one_that_stands_below_it(news: SmallSite):
    news.news()
    news.lay_out(
        "home", placed("above", bind={"exclude": "below.shown"}), placed("below", 2), placed("last")
    )
    assert lists(news) == {
        "above": named(3, 4, 5),
        "below": named(1, 2),
        "last": named(6, 7, 8),
    }


def test_a_hidden_list_takes_nothing_away(news: SmallSite):
    news.news()
    news.lay_out("home", placed("hidden", show={"locale": "en"}), placed("shown"))
    assert lists(news) == {"shown": named(1, 2, 3)}


def test_a_list_that_fails_takes_nothing_away(news: SmallSite):
    news.news()
    news.news("broken").clear()
    news.blocks[-1].render(lambda ctx: 1 / 0)
    news.lay_out("home", {"key": "failing", "block": "broken"}, placed("shown"))
    assert lists(news) == {"shown": named(1, 2, 3)}


def test_the_choice_is_the_same_in_every_process(news: SmallSite):
    news.news()
    news.lay_out("home", placed("a"), placed("b", bind={"exclude": "c.shown"}), placed("c"))
    pages = {compose(news.portal()).body for _ in range(5)}
    assert len(pages) == 1


def test_a_fragment_is_reused_while_its_articles_stay_the_same(news: SmallSite):
    rendered = news.news()
    news.lay_out("home", placed("main"), {**placed("box"), "settings": {"sections": ["thong-bao"]}})
    for number in range(4):
        news.article(f"Notice {number}", days=20 + number, section="thong-bao")
    portal = news.portal()
    compose(portal)
    rendered.clear()
    news.article("News 0", days=0.5)
    page = compose(portal)
    assert headlines(fragments(page)["main"]) == named(0, 1, 2)
    assert [key for key, _ in rendered] == ["main"]


def test_pages_whose_articles_do_not_meet_share_the_fragments_of_lists(news: SmallSite):
    rendered = news.news()
    news.lay_out("article", placed("latest"))
    old = [news.article(f"Old {number}", days=100 + number) for number in (1, 2)]
    portal = news.portal()
    for number, name in zip(old, ("old-1", "old-2"), strict=True):
        compose(portal, f"/tin-tuc/{name}-{number}")
    assert len(rendered) == 1


def test_a_withdrawn_article_makes_room_for_the_next_one(news: SmallSite):
    news.news()
    number = news.article("Wrong", days=0.1)
    news.lay_out("home", placed("first", 2), placed("second", 2))
    portal = news.portal()
    assert headlines(fragments(compose(portal))["first"]) == ["Wrong", "News 1"]
    news.edit(commands.withdraw, number, now=news.clock(), reason="Sai")
    shown = {key: headlines(html) for key, html in fragments(compose(portal)).items()}
    assert shown == {"first": named(1, 2), "second": named(3, 4)}
