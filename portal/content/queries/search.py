"""Search: what fits, best first.

The order is the same on both databases, because it is decided here from facts that both can tell:
1. the whole title is what was typed, with the same marks, then without;
2. hits with the marks that were typed before hits without;
3. all words in the title, then in the lead, then anywhere;
4. the words in a row as typed;
5. the newer, then the higher id.

Ranking costs what there is to rank. A query that fits a quarter of the newest documents, and more
than `MOST_RANKED` in all, is better served with the newest, after those whose whole title was
typed. Where as many fit but are spread over the years, the newest of them are ranked, together
with those that have every word in the title, however old; the others follow, newest first. So
whatever fits is reached by going on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from typing import Literal

from portal.content import tags
from portal.content.queries.corrections import suggest_correction
from portal.content.queries.search_index import SAMPLED
from portal.content.queries.search_index import Found
from portal.content.queries.search_index import SearchIndex
from portal.content.queries.sections import Tree
from portal.content.queries.sections import read_tree
from portal.content.queries.snippets import read_hits
from portal.content.queries.visibility import clip_search
from portal.content.reader import Reader
from portal.content.search.document import article_of
from portal.content.search.document import kind_word
from portal.content.search.document import scope_of
from portal.content.search.document import section_word
from portal.content.search.document import year_word
from portal.content.search.terms import All
from portal.content.search.terms import Either
from portal.content.search.terms import Form
from portal.content.search.terms import Phrase
from portal.content.search.terms import Question
from portal.content.search.wanted import Wanted
from portal.content.search.wanted import understand
from portal.content.values import SearchFacet
from portal.content.values import SearchQuery
from portal.content.values import SearchResults
from portal.content.values import Section

MOST_RANKED = 200
COMMON = SAMPLED // 4
MOST_TITLES = 50
MOST_YEARS = 30
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
Mode = Literal["newest", "ranked", "sparse"]
# How a place in an address names the order that it is in; a place begins with a number else.
_MODES: Mapping[str, Mode] = {"n": "newest", "r": "ranked", "s": "sparse"}
NOTHING = SearchResults((), 0, False, False, (), (), (), None, None)


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a document stands in the order of results; the greater, the better."""

    equal: int
    exact: int
    field: int
    in_a_row: int
    number: int

    def spell(self) -> str:
        """The place as it stands in an address."""
        number, digits = self.number, ""
        while number:
            number, digit = divmod(number, 36)
            digits = _DIGITS[digit] + digits
        return f"{self.equal}{self.exact}{self.field}{self.in_a_row}{digits}"


def read_place(spelled: str | None) -> Place | None:
    """A place from an address; none for anything that is not one."""
    spelled = spelled[1:] if spelled and spelled[0] in _MODES else spelled
    if spelled is None or not (5 <= len(spelled) <= 18 and set(spelled) <= set(_DIGITS)):
        return None
    if not spelled[:4].isdecimal():
        return None
    equal, exact, field, in_a_row = map(int, spelled[:4])
    return Place(equal, exact, field, in_a_row, int(spelled[4:], 36))


def search(reader: Reader, query: SearchQuery, per_page: int) -> SearchResults:
    """A page of what fits a query, best first: published, unexpired, in the reader's language.

    Nine statements at most, and what `suggest_correction` asks where nothing fits. A section or
    a place that does not exist narrows nothing.
    """
    reader.reads.record(tags.SEARCH, tags.SECTIONS)
    clip_search(reader)
    wanted = understand(query.text)
    if wanted is None:
        return NOTHING
    index = SearchIndex(reader, query.year)
    asked = _Asked(reader, index, query, wanted, _scope(reader, query))
    question = asked.about(wanted.question("folded"))
    mode = _mode(query.after)
    if mode is not None:
        return _go_on(asked, question, mode, per_page)
    sampled = index.sampled(question)
    is_common = len(sampled) >= COMMON
    if is_common and index.holds_more_than(MOST_RANKED * SAMPLED // COMMON):
        return _newest(asked, sampled, per_page)
    fitting = index.fitting(question, MOST_RANKED + 1)
    if len(fitting) <= MOST_RANKED:
        return _ranked(asked, index.documents(fitting), per_page)
    if is_common:
        return _newest(asked, fitting, per_page)
    return _sparse(asked, fitting[:MOST_RANKED], per_page)


def _mode(after: str | None) -> Mode | None:
    """The order that the page before was in, if there was one."""
    return _MODES.get(after[0]) if after and read_place(after) is not None else None


def _go_on(asked: _Asked, question: Question, mode: Mode, per_page: int) -> SearchResults:
    """A later page in the order of the first, however many have come or gone meanwhile.

    What would be ordered otherwise by now would show something twice, or something never.
    """
    if mode == "newest":
        return _newest(asked, asked.index.sampled(question), per_page)
    fitting = asked.index.fitting(question, 2 * MOST_RANKED)
    if mode == "sparse" and fitting:
        return _sparse(asked, fitting[:MOST_RANKED], per_page)
    return _ranked(asked, asked.index.documents(fitting), per_page)


Facets = tuple[tuple[SearchFacet, ...], tuple[SearchFacet, ...], tuple[SearchFacet, ...]]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A query with everything that is needed to answer it."""

    reader: Reader
    index: SearchIndex
    query: SearchQuery
    wanted: Wanted
    scope: Question

    def about(self, question: Question) -> Question:
        """A question within the section, year and kind that were asked for."""
        return All((self.scope, question))


def _scope(reader: Reader, query: SearchQuery) -> Question:
    parts: list[Question] = [_in_scope(scope_of(reader.site, reader.locale))]
    section = read_tree(reader).by_key.get(query.section or "")
    if section is not None:
        below = read_tree(reader).below(section)
        parts.append(Either(tuple(_in_scope(section_word(item.id)) for item in below)))
    if query.year is not None:
        parts.append(_in_scope(year_word(query.year)))
    if query.kind is not None:
        parts.append(_in_scope(kind_word(query.kind)))
    return All(tuple(parts))


def _in_scope(word: str) -> Phrase:
    return Phrase((word,), ("scope",))


def _ranked(asked: _Asked, found: Sequence[Found], per_page: int) -> SearchResults:
    """All that fits in order, from the place on that the page before ended with."""
    if not found:
        suggestion = suggest_correction(asked.reader, asked.index, asked.scope, asked.wanted)
        return replace(NOTHING, suggestion=suggestion)
    places = _after(asked, sorted(_places(asked, found), reverse=True))
    facets = _facets(asked, found)
    return _page(asked, places, per_page, facets, "ranked", total=len(found))


def _sparse(asked: _Asked, newest: Sequence[int], per_page: int) -> SearchResults:
    """The newest that fit and those that fit by their titles in order, then the others."""
    index, wanted = asked.index, asked.wanted
    titles = asked.about(wanted.question("folded", ("title",)))
    among = {
        *newest,
        *index.fitting(titles, MOST_TITLES, where="title"),
        *(one.number for one in _titled(asked)),
    }
    found = index.documents(sorted(among))
    after = read_place(asked.query.after)
    places: list[Place] = []
    below = newest[-1]
    if after is not None and after.field == 0:
        below = min(below, after.number)
    else:
        places = _after(asked, sorted(_places(asked, found), reverse=True))
    missing = per_page + 1 - len(places)
    if missing > 0:
        older = {number for number in among if number < below}
        question = asked.about(wanted.question("folded"))
        others = index.newest(question, missing + len(older), below)
        places += [_unranked(one) for one in others if one.number not in older]
    facets = _uncounted_facets(asked)
    return _page(asked, places, per_page, facets, "sparse", total=len(found))


def _page(
    asked: _Asked,
    places: Sequence[Place],
    per_page: int,
    facets: Facets,
    mode: Mode,
    *,
    total: int,
) -> SearchResults:
    """The first of these places; unless all are ranked, more fits than `total`, uncounted."""
    sections, years, kinds = facets
    shown = tuple(article_of(place.number) for place in places[:per_page])
    return SearchResults(
        read_hits(asked.reader, shown, asked.wanted),
        total,
        mode == "newest",
        mode != "ranked",
        sections,
        years,
        kinds,
        mode[0] + places[per_page - 1].spell() if len(places) > per_page else None,
        None,
    )


def _after(asked: _Asked, places: Sequence[Place]) -> list[Place]:
    """Those behind the place that the page before ended with."""
    after = read_place(asked.query.after)
    return [place for place in places if after is None or place < after]


def _unranked(one: Found) -> Place:
    """The place of a document that stands by its age alone, behind all that are ranked."""
    return Place(0, 0, 0, 0, one.number)


def _places(asked: _Asked, found: Sequence[Found]) -> Iterator[Place]:
    wanted = asked.wanted
    sets = asked.index.numbers(
        {
            "exact": (wanted.question("exact"), "exact"),
            "exact_lead": (wanted.question("exact", ("lead",)), "exact"),
            "folded_lead": (wanted.question("folded", ("lead",)), "folded"),
            "in_a_row": (wanted.phrase(), "folded"),
        },
        [one.number for one in found],
    )
    for one in found:
        form: Form = "exact" if one.number in sets["exact"] else "folded"
        title = one.title_exact if form == "exact" else one.title_folded
        if wanted.stands_in(title, form):
            field = 3
        else:
            field = 2 if one.number in sets[f"{form}_lead"] else 1
        yield Place(
            _equality(one, wanted),
            int(form == "exact"),
            field,
            int(one.number in sets["in_a_row"]),
            one.number,
        )


def _equality(one: Found, wanted: Wanted) -> int:
    if one.title_exact == wanted.title_exact:
        return 2
    return int(one.title_folded == wanted.title_folded)


def _newest(asked: _Asked, known: Sequence[int], per_page: int) -> SearchResults:
    """Those whose whole title was typed, then the newest; `known` are the newest that fit."""
    after = read_place(asked.query.after)
    titled = [Place(_equality(one, asked.wanted), 0, 0, 0, one.number) for one in _titled(asked)]
    equal = {place.number for place in titled}
    places = _after(asked, sorted(titled, reverse=True))
    below = after.number if after is not None and after.equal == 0 else None
    missing = per_page + 1 - len(places)
    if missing > 0:
        newest = _newest_below(asked, known, missing + len(equal), below)
        places += [_unranked(one) for one in newest if one.number not in equal]
    facets = _uncounted_facets(asked)
    return _page(asked, places, per_page, facets, "newest", total=MOST_RANKED)


def _newest_below(
    asked: _Asked, known: Sequence[int], limit: int, below: int | None
) -> list[Found]:
    """The newest that fit, as far as possible without asking the index once more."""
    newest = [number for number in known if below is None or number < below]
    found = asked.index.documents(newest[:limit])
    if len(found) == limit:
        return found
    question = asked.about(asked.wanted.question("folded"))
    return asked.index.newest(question, limit, below)


def _titled(asked: _Asked) -> list[Found]:
    """Those within what was asked for whose whole title was typed."""
    titled = asked.index.titled(asked.wanted.title_folded)
    return [one for one in titled if _is_within(asked, one)]


def _is_within(asked: _Asked, one: Found) -> bool:
    """Whether a document that was found by its title is within what was asked for."""
    query, tree = asked.query, read_tree(asked.reader)
    section = tree.by_key.get(query.section or "")
    return (
        (query.year is None or one.year == query.year)
        and (query.kind is None or one.kind == query.kind)
        and (section is None or one.section_id in {item.id for item in tree.below(section)})
    )


def _facets(asked: _Asked, found: Sequence[Found]) -> Facets:
    """How many there are in each section one step below the present one, year and kind."""
    tree = read_tree(asked.reader)
    by_section: Counter[int] = Counter()
    for number, count in Counter(one.section_id for one in found).items():
        shown = _step_below(tree, number, asked.query.section)
        if shown is not None:
            by_section[shown.id] += count
    years = Counter(one.year for one in found)
    kinds = Counter(one.kind for one in found)
    return (
        tuple(
            SearchFacet(item.key, item.name, by_section[item.id])
            for item in tree.sections
            if item.id in by_section
        ),
        tuple(
            SearchFacet(str(year), str(year), count)
            for year, count in sorted(years.items(), reverse=True)[:MOST_YEARS]
        ),
        tuple(SearchFacet(kind, kind, kinds[kind]) for kind in ("article", "page") if kinds[kind]),
    )


def _uncounted_facets(asked: _Asked) -> Facets:
    """The same where there is too much to count: whatever may narrow the search."""
    tree = read_tree(asked.reader)
    present = tree.by_key.get(asked.query.section or "")
    parent = present.id if present is not None else None
    years = asked.index.years()[:MOST_YEARS] if asked.query.year is None else ()
    return (
        tuple(
            SearchFacet(item.key, item.name, None)
            for item in tree.sections
            if item.parent_id == parent
        ),
        tuple(SearchFacet(str(year), str(year), None) for year in years),
        ()
        if asked.query.kind is not None
        else tuple(SearchFacet(kind, kind, None) for kind in ("article", "page")),
    )


def _step_below(tree: Tree, number: int | None, present: str | None) -> Section | None:
    """The section to count a document under: below the present one, or at the top."""
    section = tree.by_id.get(number) if number is not None else None
    if section is None:
        return None
    way = [tree.by_id[item.id] for item in section.ancestors] + [section]
    keys = [item.key for item in way]
    if present not in tree.by_key:
        return way[0]
    place = keys.index(present) + 1 if present in keys else len(way)
    return way[place] if place < len(way) else None
