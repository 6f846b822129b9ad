"""Turns any HTML into the body model that is stored: the only door for markup into the content.

Elements: `h2`–`h4`, paragraphs, lists, quotations, notes (`aside`), `details`, tables, figures and
plain inline markup. No styles, ids, scripts, forms, embedded documents, SVG or MathML. What comes
out is the parser's own serialisation, and cleaning it again changes nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

import nh3

from portal.content.tidying import tidy
from portal.text import normalise

VERSION = 1
"""Raised whenever the rules change; stored with each body, so that older ones can be found."""

_GLOBAL = frozenset({"lang"})
_ATTRIBUTES: dict[str, set[str]] = {
    "*": set(_GLOBAL),
    "a": {"href"},
    "abbr": {"title"},
    "blockquote": {"cite"},
    "details": {"open"},
    "figure": {"data-media"},
    "img": {"src", "alt", "width", "height"},
    "ol": {"start", "reversed"},
    "q": {"cite"},
    "td": {"colspan", "rowspan", "class"},
    "th": {"colspan", "rowspan", "scope", "class"},
    **{name: {"class"} for name in ("p", "h2", "h3", "h4", "figcaption", "caption")},
}
_TAGS = {
    *(
        "a abbr aside bdi blockquote br caption cite code dd del details dl dt em figcaption"
    ).split(),
    *("figure h2 h3 h4 hr img ins li ol p q s small span strong sub summary sup").split(),
    *("table tbody td tfoot th thead tr ul").split(),
}
# Read in the first pass only: the tidying turns them into what may stay.
_LEGACY_TAGS = {"b", "big", "center", "div", "font", "h1", "h5", "h6", "i", "section", "strike"}
_LEGACY_TAGS |= {"article", "main", "header", "footer", "pre", "tt", "u"}
_ALIGNED = {"p", "div", "center", "td", "th", "h1", "h2", "h3", "h4", "h5", "h6", "figcaption"}
_DROPPED_WITH_CONTENT = {"script", "style", "template", "noscript", "iframe", "object", "title"}
_DROPPED_WITH_CONTENT |= {"svg", "math", "xml", "select", "textarea", "noframes", "noembed"}

_SCHEMES = ("http", "https", "mailto", "tel")
_PATH = re.compile(r"[/?#]")
_ALIGN = re.compile(r"text-align\s*:\s*(left|center|right|justify)", re.IGNORECASE)
_WHITE_SPACE = re.compile(r"\s")
_NUMBER = re.compile(r"\d{1,4}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,3}")
_PASSES = 4


def _keep_url(value: str) -> str | None:
    """An address as it may be stored, if it leads where links may lead.

    It is judged without any white space and control characters: browsers skip some of them, and
    which ones has changed before.
    """
    bare = "".join(mark for mark in value if unicodedata.category(mark)[0] not in "ZC")
    if not bare or bare.startswith("//") or "\\" in bare:
        return None
    before, colon, _ = _PATH.split(bare, maxsplit=1)[0].partition(":")
    if colon and before.lower() not in _SCHEMES:
        return None
    printable = "".join(mark for mark in value.strip() if unicodedata.category(mark)[0] != "C")
    return _WHITE_SPACE.sub("%20", printable.strip())


def _keep_source(value: str) -> str | None:
    """The address of a picture: only one of our own, so that no third party sees our readers."""
    address = _keep_url(value)
    return address if address is not None and address.startswith("/") else None


def _keep_pattern(pattern: re.Pattern[str]) -> Callable[[str], str | None]:
    return lambda value: value if pattern.fullmatch(value) else None


_VALUES: dict[str, Callable[[str], str | None]] = {
    "href": _keep_url,
    "cite": _keep_url,
    "src": _keep_source,
    "class": _keep_pattern(re.compile(r"text-(?:left|center|right|justify)")),
    "data-media": _keep_pattern(re.compile(r"[1-9]\d{0,17}")),
    "lang": _keep_pattern(_LANGUAGE),
    "scope": _keep_pattern(re.compile(r"col|row|colgroup|rowgroup")),
    "colspan": _keep_pattern(_NUMBER),
    "rowspan": _keep_pattern(_NUMBER),
    "width": _keep_pattern(_NUMBER),
    "height": _keep_pattern(_NUMBER),
    "start": _keep_pattern(re.compile(r"-?\d{1,4}")),
    "open": lambda _: "",
    "reversed": lambda _: "",
    "alt": normalise,
    "title": normalise,
    "align": lambda value: value.lower() if _ALIGN.match(f"text-align:{value}") else None,
    "style": lambda value: match[0].lower() if (match := _ALIGN.search(value)) else None,
}


def _keep_attribute(_: str, name: str, value: str) -> str | None:
    keep = _VALUES.get(name)
    return keep(value) if keep is not None else None


def _cleaner(tags: set[str], attributes: dict[str, set[str]]) -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=tags,
        clean_content_tags=_DROPPED_WITH_CONTENT,
        attributes=attributes,
        attribute_filter=_keep_attribute,
        strip_comments=True,
        link_rel=None,
        url_schemes=set(_SCHEMES),
    )


_STRICT = _cleaner(_TAGS, _ATTRIBUTES)
_LENIENT = _cleaner(
    _TAGS | _LEGACY_TAGS,
    {
        **_ATTRIBUTES,
        **{name: _ATTRIBUTES.get(name, set()) | {"style", "align"} for name in sorted(_ALIGNED)},
    },
)
_TEXT_ONLY = nh3.Cleaner(tags=set())


def clean_html(source: str) -> str:
    """The part of `source` that may be stored, in its final form; safe to print as it is.

    Raises nothing: whatever does not settle after a few passes is kept as text.
    """
    current = _LENIENT.clean(normalise(source))
    for _ in range(_PASSES):
        cleaned = normalise(_STRICT.clean(tidy(current)))
        if cleaned == current:
            return cleaned
        current = cleaned
    return f"<p>{_TEXT_ONLY.clean(current)}</p>"
