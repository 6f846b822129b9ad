"""The HTML that content may contain, and how everything else is turned into it or dropped.

Cleaning happens once, on write; `clean(clean(x)) == clean(x)`. SVG and MathML are never allowed:
foreign content is how markup changes its meaning when it is parsed again (mXSS).
"""

from __future__ import annotations

import re
import unicodedata
from html import unescape
from urllib.parse import urlsplit

import nh3

from portal.text import normalise

TAGS = frozenset(
    "h2 h3 h4 p br ul ol li blockquote cite figure figcaption table caption thead tbody tfoot tr th"
    " td a em strong sub sup abbr code pre hr aside details summary span dl dt dd".split()
)
ATTRIBUTES: dict[str, set[str]] = {
    "*": {"lang"},
    "a": {"href"},
    "abbr": {"title"},
    "figure": {"data-media"},
    "th": {"scope", "colspan", "rowspan"},
    "td": {"colspan", "rowspan"},
    "ol": {"start", "reversed"},
    "p": {"class"},
}
SCHEMES = frozenset({"http", "https", "mailto", "tel"})
_DROPPED_WITH_CONTENT = {"script", "style", "svg", "math", "template", "iframe", "object", "noscript"}
_ALIGNMENTS = ("center", "right")

_H1 = re.compile(r"<(/?)h1\b", re.IGNORECASE)
_H5 = re.compile(r"<(/?)h[56]\b", re.IGNORECASE)
_BOLD = re.compile(r"<(/?)b(?=[\s>])", re.IGNORECASE)
_ITALIC = re.compile(r"<(/?)i(?=[\s>])", re.IGNORECASE)
_ALIGN = re.compile(
    r"<p\b[^>]*?\b(?:align=[\"']?|style=[\"'][^\"']*text-align:\s*)(center|right)\b[^>]*>",
    re.IGNORECASE,
)
_SPACES = re.compile(r"(?:&nbsp;|\u00a0|[ \t])+")
_EMPTY = re.compile(r"<(p|h[2-4]|li|em|strong|span|figcaption)(?: [^<>]*)?>\s*</\1>")
_SPAN = re.compile(r"<span>(.*?)</span>", re.DOTALL)
_BLOCK_GAP = re.compile(r"\s*\n\s*")
_BREAKS = re.compile(r"(?:\s*<br>\s*)+(?=</p>)|(?<=<p>)(?:\s*<br>\s*)+")
_TAG = re.compile(r"<[^>]*>")
_BLOCK_END = re.compile(r"</(?:p|h[2-4]|li|tr|caption|figcaption|blockquote|summary|dt|dd)>|<br>|<hr>")


def clean(html: str) -> str:
    """Sanitised HTML in the house's subset: NFC, headings from h2, no styles, no ids, no handlers."""
    html = normalise(html)
    html = _H5.sub(r"<\1h4", _H1.sub(r"<\1h2", html))
    html = _ITALIC.sub(r"<\1em", _BOLD.sub(r"<\1strong", html))
    html = _ALIGN.sub(lambda match: f'<p class="align-{match[1].lower()}">', html)
    html = _cleaner.clean(html)
    return _settle(html)


def plain_text(html: str) -> str:
    """The words of sanitised HTML, a line for each block."""
    text = unescape(_TAG.sub("", _BLOCK_END.sub("\n", html)))
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def safe_url(url: str) -> str | None:
    """The address if a link may carry it, else none.

    Judged after removing all Unicode white space and controls, because what one URL parser
    strips another one keeps.
    """
    bare = "".join(
        letter for letter in unescape(url) if unicodedata.category(letter)[0] not in {"C", "Z"}
    )
    try:
        parts = urlsplit(bare)
    except ValueError:
        return None
    if parts.scheme:
        return url.strip() if parts.scheme.lower() in SCHEMES else None
    # `//host` leaves the portal under its own scheme, and `\\` is a slash to browsers.
    if bare.startswith(("//", "/\\", "\\")) or ":" in bare.partition("/")[0]:
        return None
    return url.strip()


def _filter(tag: str, attribute: str, value: str) -> str | None:
    if attribute == "href":
        return safe_url(value)
    if attribute == "class":
        wanted = [name for name in value.split() if name in {f"align-{a}" for a in _ALIGNMENTS}]
        return wanted[0] if wanted else None
    if attribute == "data-media":
        return value if value.isascii() and value.isdecimal() and len(value) < 12 else None
    if attribute == "scope":
        return value if value in {"row", "col", "rowgroup", "colgroup"} else None
    if attribute in {"colspan", "rowspan", "start"}:
        return value if value.isascii() and value.isdecimal() and int(value) <= 1000 else None
    return value


_cleaner = nh3.Cleaner(
    tags=set(TAGS),
    attributes=ATTRIBUTES,
    attribute_filter=_filter,
    clean_content_tags=_DROPPED_WITH_CONTENT,
    url_schemes=set(SCHEMES),
    link_rel=None,
    strip_comments=True,
)


def _settle(html: str) -> str:
    """Repeat the tidying until nothing changes, so that cleaning twice is cleaning once."""
    for _ in range(20):
        tidy = _BREAKS.sub("", _SPACES.sub(" ", html))
        tidy = _EMPTY.sub("", _SPAN.sub(r"\1", tidy))
        tidy = normalise(_cleaner.clean(tidy)).strip()
        if tidy == html:
            break
        html = tidy
    return html
