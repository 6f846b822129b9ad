"""Both databases answer every search alike: the same results in the same order on every page."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from importlib import import_module

import pytest

from portal.content import commands
from portal.content import queries
from portal.content.drafts import ArticleDraft
from portal.content.queries.search_index import SearchIndex
from portal.content.search.terms import All
from portal.content.search.terms import Phrase
from portal.content.values import SearchQuery
from portal.content.values import SearchResults
from portal.extensions import make_engine
from portal.text import fold
from tests.clocks import StandingClock
from tests.integration.content.conftest import SECTIONS
from tests.integration.content.conftest import SITE
from tests.integration.content.conftest import Content
from tests.naughty import TEXTS
from tests.titles import make_titles
from tests.titles import spellings

Both = tuple[Content, Content]
PER_PAGE = 7


@pytest.fixture
def both(sqlite_url: str, postgres_url: str, clock: StandingClock) -> Iterator[Both]:
    """The same articles in both databases, and a threshold low enough for every kind of answer."""
    contents = []
    for url in (sqlite_url, postgres_url):
        content = Content(make_engine(url), clock)
        content.write(lambda session: commands.save_site(session, SITE))
        content.write(lambda session: commands.save_sections(session, SITE, SECTIONS))
        drafts = list(make_drafts(content))
        content.write(
            lambda session, drafts=drafts, now=content.now: commands.save_articles(
                session, SITE, drafts, now=now, similar=False
            )
        )
        contents.append(content)
    yield contents[0], contents[1]
    for content in contents:
        content.engine.dispose()


def make_drafts(content: Content) -> Iterator[ArticleDraft]:
    """Articles and pages of six years; some in English, some expired, some still to come."""
    chance = random.Random(3)  # noqa: S311 - sample data
    titles = make_titles(200)
    for place, title in enumerate(titles):
        is_page = place % 23 == 0
        told = ". ".join(chance.sample(titles, 3))
        published = content.now - timedelta(days=11 * place, hours=place % 5)
        yield ArticleDraft(
            locale="en" if place % 17 == 0 else "vi",
            kind="page" if is_page else "article",
            slug=f"trang-{place}" if is_page else "",
            headline=title,
            lead=chance.choice(titles) if place % 2 else "",
            body=f"<p>{told}. Uỷ ban nhân dân thông báo y2026. {front(place)}</p>",
            section=None
            if is_page
            else chance.choice(("tin-tuc", "tin-tuc/cai-cach", "thong-bao")),
            status="published",
            published=content.now + timedelta(days=2) if place % 31 == 5 else published,
            expires=content.now - timedelta(days=1) if place % 19 == 3 else None,
        )


def front(place: int) -> str:
    """What three of four articles call by its name; in the others its words stand apart."""
    return "Tổ quốc ghi công mặt trận." if place % 4 == 1 else "Mặt trận Tổ quốc giám sát."


@pytest.fixture(autouse=True)
def _low_thresholds(monkeypatch: pytest.MonkeyPatch) -> None:
    search = import_module("portal.content.queries.search")
    monkeypatch.setattr(search, "MOST_RANKED", 12)
    monkeypatch.setattr(search, "MOST_TITLES", 5)


def ask(content: Content, query: SearchQuery) -> SearchResults:
    return content.ask(lambda reader: queries.search(reader, query, PER_PAGE))


def ask_alike(both: Both, query: SearchQuery) -> SearchResults:
    """The answer, which has to be the same from both."""
    answers = [ask(content, query) for content in both]
    assert answers[0] == answers[1], query
    return answers[0]


def every_page(both: Both, query: SearchQuery) -> tuple[list[int], SearchResults]:
    """The ids on all pages, and the first one."""
    first = page = ask_alike(both, query)
    ids = [hit.article.id for hit in page.hits]
    while page.after is not None:
        page = ask_alike(both, replace(query, after=page.after))
        ids += [hit.article.id for hit in page.hits]
        assert len(ids) <= 1_000
    return ids, first


def made_queries() -> Iterator[SearchQuery]:
    """Whole titles as readers type them, parts, single words, mistypings; each narrowed too."""
    chance = random.Random(8)  # noqa: S311 - sample queries
    for title in make_titles(200)[::10]:
        words = title.split()
        start = chance.randrange(len(words) - 2)
        mistyped = words[0][:1] + words[0]
        typed = [spelled for _, spelled in spellings(title)]
        typed += [chance.choice(words), " ".join(words[start : start + 2])]
        typed += [fold(" ".join(chance.sample(words, 3))), f"{mistyped} {' '.join(words[1:])}"]
        for text in typed:
            yield SearchQuery(text)
        yield SearchQuery(words[1], year=chance.randint(2019, 2026))
        yield SearchQuery(words[1], section=chance.choice(("tin-tuc", "tin-tuc/cai-cach")))
        yield SearchQuery(words[1], kind="page")


def test_every_page_of_every_search_is_the_same(both: Both) -> None:
    """Ranked, too many to rank, and newest first; no result twice, and none unreachable."""
    modes = set()
    for query in made_queries():
        ids, first = every_page(both, query)
        assert len(ids) == len(set(ids)), query
        assert first.has_more or len(ids) == first.total, query
        modes.add((first.is_broad, first.has_more))
    assert modes == {(False, False), (False, True), (True, True)}


def test_every_hit_of_a_common_word_is_on_some_page(both: Both) -> None:
    """As many as have the word, whichever way they are listed."""
    for word in ("chợ", "bản", "thôn", "ủy ban nhân dân", "UBND", "y2026", "thông báo"):
        ids, _ = every_page(both, SearchQuery(word))
        fitting = [
            hit.article.id
            for year in range(2019, 2027)
            for hit in _all_of(both[0], SearchQuery(word, year=year))
        ]
        assert sorted(ids) == sorted(fitting), word


def test_what_fits_is_counted_alike_up_to_any_number(both: Both) -> None:
    """Both what is common among the newest and what the index has to find."""
    for words in (("thong", "bao"), ("cho",), ("mat", "tran"), ("khong-co",)):
        question = All(tuple(Phrase((word,)) for word in words))
        for most in (1, 5, 30, 1_000):
            one, other = (
                content.ask(
                    lambda reader, question=question, most=most: (
                        SearchIndex(reader).count(question, most),
                        len(SearchIndex(reader).fitting(question, most)),
                    )
                )
                for content in both
            )
            assert one == other
            assert one[0] == one[1] <= most


def test_words_of_a_phrase_that_stand_apart_are_no_hit(both: Both) -> None:
    """Neither alone nor beside another word, in ranked, scattered and newest-first answers."""
    named = {draft.headline for place, draft in enumerate(make_drafts(both[0])) if place % 4 != 1}
    modes = set()
    for text in ("MTTQ", "MTTQ chợ", "mặt trận tổ quốc thôn", "MTTQ xã thôn"):
        for year in (None, 2024):
            ids, first = every_page(both, SearchQuery(text, year=year))
            found = _all_of(both[0], SearchQuery(text, year=year))
            assert {hit.article.headline for hit in found} <= named, text
            assert len(ids) == len(found), text
            modes.add((first.is_broad, first.has_more))
    assert modes == {(False, False), (False, True), (True, True)}


def _all_of(content: Content, query: SearchQuery) -> list:  # type: ignore[type-arg]  # hits
    return list(content.ask(lambda reader: queries.search(reader, query, 1_000)).hits)


def test_whole_titles_stand_first_among_many_that_fit(both: Both) -> None:
    """Also where more fits than is ranked, in every spelling."""
    titles = [draft.headline for draft in make_drafts(both[0]) if _is_listed(both[0], draft)]
    found = []
    for title in titles[::6]:
        for _, typed in spellings(title):
            hits = ask_alike(both, SearchQuery(typed)).hits
            found.append(bool(hits) and hits[0].article.headline == title)
    assert len(found) > 80
    assert sum(found) >= 0.99 * len(found)


def _is_listed(content: Content, draft: ArticleDraft) -> bool:
    assert draft.published is not None
    return draft.locale == "vi" and draft.expires is None and draft.published <= content.now


def test_nothing_that_is_typed_is_syntax_to_either(both: Both) -> None:
    """Both give the same answer to what is none of their operators."""
    for typed in TEXTS:
        ask_alike(both, SearchQuery(typed))
        offered = [
            content.ask(lambda reader, typed=typed: queries.suggest_searches(reader, typed, 5))
            for content in both
        ]
        assert offered[0] == offered[1], typed
