"""How text, times and pictures are written down for programs."""

from __future__ import annotations

import re
from datetime import UTC
from datetime import datetime
from email.utils import format_datetime
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

from markupsafe import escape

from portal.content.values import Article
from portal.content.values import FigurePart
from portal.content.values import Image
from portal.content.values import Moment
from portal.content.values import Rendition

# What XML 1.0 cannot hold in any spelling.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LOCAL = re.compile(r'(\s(?:href|src)=")(/(?!/))')


def element(
    parent: ElementTree.Element, name: str, text: str = "", **attributes: str
) -> ElementTree.Element:
    """Add an element; `None`-like empty attributes are left out."""
    kept = {key: clean(value) for key, value in attributes.items() if value}
    added = ElementTree.SubElement(parent, name, kept)
    added.text = clean(text) or None
    return added


def clean(text: str) -> str:
    """The text without characters that no XML document may contain."""
    return _NOT_XML.sub("", text)


def document(root: ElementTree.Element) -> bytes:
    """The whole document, with its declaration."""
    declaration = b"<?xml version='1.0' encoding='UTF-8'?>\n"
    body: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=False)
    return declaration + body + b"\n"


def rfc_822(at: datetime) -> str:
    """`Tue, 24 Nov 2026 08:05:00 +0000`, as RSS wants it."""
    return format_datetime(at.astimezone(UTC))


def rfc_3339(at: datetime, time_zone: str) -> str:
    """`2026-11-24T15:05:00+07:00`."""
    return at.astimezone(ZoneInfo(time_zone)).isoformat(timespec="seconds")


def w3c_moment(moment: Moment) -> str:
    """A day where only the day is known, else a time with its offset (W3C-DTF)."""
    if moment.precision == "day":
        return moment.at.astimezone(ZoneInfo(moment.time_zone)).date().isoformat()
    return rfc_3339(moment.at, moment.time_zone)


def share_file(image: Image) -> Rendition | None:
    """The file of a picture that every program can show: the widest JPEG or PNG."""
    known = [item for item in image.files() if item.format in {"jpeg", "png"}]
    return max(known or image.files(), key=lambda item: item.width, default=None)


def full_text(article: Article, base_url: str) -> str:
    """The article's text as HTML that stands alone: every address in it is absolute."""
    lead = f"<p>{escape(article.lead)}</p>\n" if article.lead else ""
    return lead + body_html(article, base_url)


def body_html(article: Article, base_url: str) -> str:
    """The same without the lead."""
    parts = [
        _figure(part) if isinstance(part, FigurePart) else part.html.source for part in article.body
    ]
    return _LOCAL.sub(rf"\g<1>{base_url}\2", "\n".join(parts))


def _figure(part: FigurePart) -> str:
    file = share_file(part.image) if part.image else None
    if part.image is None or file is None:
        return ""
    caption = part.caption or part.image.caption
    words = f"<figcaption>{escape(caption)}</figcaption>" if caption else ""
    return (
        f'<figure><img src="{escape(file.src)}" width="{file.width}" height="{file.height}"'
        f' alt="{escape(part.image.alt)}">{words}</figure>'
    )
