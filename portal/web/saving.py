"""Copies a reader keeps: an article as one HTML file that opens offline, or as plain text.

Vietnamese portals must let readers print and store every article (Decree 43/2011/ND-CP Art. 15.1c
and its successors).
"""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

from flask import Response

from portal.compose import Page
from portal.compose import PageRequest
from portal.compose import article_number
from portal.compose import name_text
from portal.content import queries
from portal.content.reader import Reader
from portal.content.values import Article
from portal.errors import MediaRefused
from portal.errors import NoSuchPage
from portal.i18n import format_minute
from portal.media import is_public
from portal.media_types import media_type_of
from portal.web.headers import ERROR_CACHE_CONTROL

if TYPE_CHECKING:
    from portal.web.services import Services

_STYLESHEET = re.compile(r'<link rel="stylesheet" href="([^"]+)">')
_SCRIPT = re.compile(r'<script (?:type="module" )?src="[^"]+"[^>]*></script>')
_PRELOAD = re.compile(r'<link rel="(?:preload|icon|manifest)"[^>]*>')
_FONT_FACE = re.compile(r"@font-face\s*\{[^}]*\}")
_SOURCE = re.compile(r"<source [^>]*>")
_IMAGE = re.compile(r'(<img [^>]*?)src="(/-/[^"]+)"([^>]*>)')
_SOURCE_SET = re.compile(r' (?:srcset|sizes|loading)="[^"]*"')
_LOCAL_LINK = re.compile(r' href="(/[^"]*)"')


def save_html(services: Services, request: PageRequest, page: Page) -> Response:
    """The print page as one file: styles and pictures inside, links absolute, no script."""
    html = page.body.decode()
    html = _SCRIPT.sub("", _PRELOAD.sub("", html))
    html = _STYLESHEET.sub(lambda match: _inline_style(services, match[1]), html)
    html = _IMAGE.sub(lambda match: _inline_image(services, match), _SOURCE.sub("", html))
    html = _LOCAL_LINK.sub(rf' href="{services.site.base_url}\1"', html)
    note = _saved_copy(services, request.path, request.locale)
    html = html.replace("</main>", f'<p class="saved-copy">{note}</p>\n  </main>')
    return _download(html.encode(), "text/html", request.path, "html")


def save_text(services: Services, request: PageRequest) -> Response | None:
    """An article as plain text: headline, date, lead, body, authors, address.

    None at any other address than its own: what stands there, the page says.
    """
    if request.page_number != 1:
        return None
    number = article_number(request.path)

    def build(reader: Reader) -> bytes:
        found = queries.find_article(reader, number) if number is not None else None
        here = queries.localise(reader, request.path)
        if not isinstance(found, Article) or found.path != here:
            raise NoSuchPage
        # Its own address goes before it, for the note below it.
        return f"{found.path}\n{_plain_text(found)}".encode()

    try:
        document = services.documents.document(name_text(request.path), request.locale, build)
    except NoSuchPage:
        return None
    path, _, text = document.body.decode().partition("\n")
    note = _saved_copy(services, path, request.locale)
    return _download(f"{text}\n\n{note}\n".encode(), "text/plain", request.path, "txt")


def _saved_copy(services: Services, path: str, locale: str) -> str:
    """From where and when a copy is."""
    return services.catalog.text(
        "saved_copy",
        locale,
        address=services.site.base_url + path,
        time=format_minute(services.clock(), locale, services.site.time_zone),
    )


def _plain_text(article: Article) -> str:
    published = format_minute(article.published.at, article.locale, article.published.time_zone)
    if article.published.precision == "day":
        published = published.rpartition(" (")[0].rpartition(" ")[0]
    parts = [
        article.headline,
        published,
        article.lead,
        article.body_text,
        ", ".join(author.name for author in article.authors),
        article.source.name if article.source else "",
    ]
    return "\n\n".join(part for part in parts if part)


def _inline_style(services: Services, url: str) -> str:
    asset = services.assets.find(url)
    css = _FONT_FACE.sub("", asset.content.decode()) if asset else ""
    return f"<style>{css}</style>"


def _inline_image(services: Services, match: re.Match[str]) -> str:
    content = _read_picture(services, match[2])
    if content is None:
        return ""
    data = f"data:{media_type_of(match[2])};base64,{base64.b64encode(content).decode()}"
    rest = _SOURCE_SET.sub("", match[3])
    return f'{_SOURCE_SET.sub("", match[1])}src="{data}"{rest}'


def _read_picture(services: Services, url: str) -> bytes | None:
    asset = services.assets.find(url)
    if asset is not None:
        return asset.content
    name = unquote(url.removeprefix("/-/media/"))
    if not is_public(name):
        return None
    try:
        with services.media.open(name) as file:
            return file.read()
    except (FileNotFoundError, MediaRefused):
        return None


def _download(content: bytes, media_type: str, path: str, suffix: str) -> Response:
    name = path.rstrip("/").rpartition("/")[2] or "trang"
    response = Response(content, content_type=f"{media_type}; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{suffix}"'
    response.headers["Cache-Control"] = ERROR_CACHE_CONTROL
    response.headers["X-Robots-Tag"] = "noindex"
    return response
