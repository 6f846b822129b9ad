"""How a query that is being typed may go on: titles that hold its words, and tags."""

from __future__ import annotations

from sqlalchemy import bindparam
from sqlalchemy import select

from portal.content import tags
from portal.content.queries.belongings import tag
from portal.content.queries.search_index import SearchIndex
from portal.content.queries.sections import localised
from portal.content.queries.summaries import summaries
from portal.content.queries.visibility import SITE
from portal.content.reader import Reader
from portal.content.search.document import article_of
from portal.content.search.document import scope_of
from portal.content.search.terms import All
from portal.content.search.terms import Phrase
from portal.content.search.words import split_words
from portal.content.values import SearchSuggestion
from portal.text import one_line
from portal.text import slugify

MOST_TAGS = 3
_LONGEST = 100

_TAGS = (
    select(tag.c.slug, tag.c.name)
    .where(tag.c.site == SITE, tag.c.slug.startswith(bindparam("start"), autoescape=False))
    .order_by(tag.c.slug)
    .limit(MOST_TAGS)
)


def suggest_searches(reader: Reader, typed: str, limit: int) -> tuple[SearchSuggestion, ...]:
    """At most `limit` ways to go on: tags that begin so, then the newest titles with the words.

    The last word may be unfinished. Marks do not matter.
    """
    text = one_line(typed)[:_LONGEST]
    words = [word.folded for word in split_words(text)][:12]
    if not words or limit < 1:
        return ()
    reader.reads.record(tags.SEARCH)
    found = [SearchSuggestion(name, None) for name in _tag_names(reader, text)]
    scope = Phrase((scope_of(reader.site, reader.locale),), ("scope",))
    whole = (Phrase((word,), ("title",)) for word in words[:-1])
    begun = Phrase((words[-1],), ("title",), prefix=True)
    newest = SearchIndex(reader).newest(All((scope, *whole, begun)), limit, where="title")
    shown = summaries(reader, [article_of(one.number) for one in newest])
    found += [SearchSuggestion(item.headline, item.path) for item in shown]
    return tuple({item.text.casefold(): item for item in reversed(found)}.values())[::-1][:limit]


def _tag_names(reader: Reader, text: str) -> list[str]:
    start = slugify(text)
    if len(start) < 2:
        return []
    rows = reader.session.execute(_TAGS, {"site": reader.site, "start": start})
    names = [name for row in rows if (name := localised(row.name, reader))]
    return [name for name in names if slugify(name).startswith(start)]
