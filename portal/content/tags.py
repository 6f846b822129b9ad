"""The names of what answers depend on. Readers record them, writers log them, caches compare them.

A tag is `class:identity`; the class alone (`article`) stands for all of its members when a change
is too large to be logged one by one.
"""

from __future__ import annotations

from collections.abc import Iterable

SECTIONS = "sections"
"""The set and the order of the sections."""
REDIRECTS = "redirects"
LIST_OF_SITE = "list:site"
PAGES = "list:pages"
"""Which static pages there are, and their headlines."""
UPDATES = "list:updates"
"""When articles were last changed; what else a list shows of that, the other lists' tags end."""
TERMS = "list:terms"
"""The names of all tags and topics."""
AUTHORS = "list:authors"
"""Who has written any article, and how many."""
ALBUMS = "list:albums"
VIDEOS = "list:videos"
SEARCH = "search"
"""What search finds, whatever is asked."""
EVERYTHING = "*"

MOST_TAGS_OF_A_CLASS = 1000

CLASSES = (
    *("album", "article", "group", "list", "media", "page", "pins", "redirects", "search"),
    *("section", "sections", "similar", "tag", "topic", "video"),
)
"""The classes of what changes of the content end."""


def article(number: int) -> str:
    """What an article shows of itself."""
    return f"article:{number}"


def page(slug: str) -> str:
    """Which static page stands at an address."""
    return f"page:{slug}"


def group(name: str) -> str:
    """The translations of one content."""
    return f"group:{name}"


def section(number: int) -> str:
    """A section's names and address."""
    return f"section:{number}"


def media(number: int) -> str:
    """A picture."""
    return f"media:{number}"


def tag(slug: str) -> str:
    """A tag's name."""
    return f"tag:{slug}"


def topic(slug: str) -> str:
    """A topic's name."""
    return f"topic:{slug}"


def list_of_section(number: int) -> str:
    """Which articles stand directly in a section, in which order."""
    return f"list:section:{number}"


def list_of_tag(slug: str) -> str:
    """Which articles carry a tag."""
    return f"list:tag:{slug}"


def list_of_topic(slug: str) -> str:
    """Which articles belong to a topic."""
    return f"list:topic:{slug}"


def list_of_author(slug: str) -> str:
    """Which articles bear a name, and how it is written."""
    return f"list:author:{slug}"


def album(slug: str) -> str:
    """An album: its words and its pictures."""
    return f"album:{slug}"


def video(slug: str) -> str:
    """A film: its words and its files."""
    return f"video:{slug}"


def pins(scope: str) -> str:
    """What editors put first on the home page (`home`), in a section or beside an article."""
    return f"pins:{scope}"


def similar(number: int) -> str:
    """The stored list of articles that read like this one."""
    return f"similar:{number}"


def folded(tags: Iterable[str]) -> tuple[str, ...]:
    """The tags in order, with classes of more than a thousand as the class tag alone."""
    classes: dict[str, set[str]] = {}
    for name in tags:
        classes.setdefault(name.partition(":")[0], set()).add(name)
    result: set[str] = set()
    for name, members in classes.items():
        result |= {name} if len(members) > MOST_TAGS_OF_A_CLASS else members
    return tuple(sorted(result))
