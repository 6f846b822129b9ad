"""The page around the regions: rendered once per variant, then only joined."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable
from dataclasses import dataclass

from jinja2 import Environment
from markupsafe import Markup
from markupsafe import escape

from portal.block import HeadPart
from portal.cache import seal_digest
from portal.compose.assets import AssetCatalog
from portal.forking import begin_anew_after_fork
from portal.i18n import Catalog
from portal.layouts import Layout
from portal.site import Site

_HEAD = "head"
_MARK = "\x02{}\x03"


@dataclass(frozen=True, slots=True)
class Shell:
    """A shell cut at its places: literal bytes and, between them, the names of what goes there."""

    literals: tuple[bytes, ...]
    places: tuple[str, ...]
    digest: str

    def join(self, head: bytes, regions: dict[str, bytes]) -> bytes:
        """The page's bytes."""
        pieces = [self.literals[0]]
        for place, literal in zip(self.places, self.literals[1:], strict=True):
            pieces.append(head if place == _HEAD else regions[place])
            pieces.append(literal)
        return b"".join(pieces)


class ShellCatalog:
    """Makes and keeps the shells of a site: one per layout, locale and set of filled regions."""

    def __init__(
        self, environment: Environment, assets: AssetCatalog, site: Site, catalog: Catalog
    ) -> None:
        self._environment = environment
        self._assets = assets
        self._site = site
        self._catalog = catalog
        self._shells: dict[tuple[str, str, frozenset[str]], Shell] = {}
        self.after_fork()
        begin_anew_after_fork(self)

    def after_fork(self) -> None:
        """Have a lock that nobody holds."""
        self._lock = threading.Lock()

    def shell(self, layout: Layout, locale: str, filled: frozenset[str]) -> Shell:
        """The shell for a page of `layout` on which exactly the regions `filled` have content."""
        variant = (layout.name, locale, filled)
        known = self._shells.get(variant)
        if known is None:
            known = self._render(layout, locale, filled)
            with self._lock:
                self._shells[variant] = known
        return known

    def _render(self, layout: Layout, locale: str, filled: frozenset[str]) -> Shell:
        def mark(name: str) -> Markup:
            return Markup(_MARK.format(name))  # noqa: S704 - our own placeholder, no reader's text

        html = self._environment.get_template(f"layouts/{layout.template}.html").render(
            locale=locale,
            head=mark(_HEAD),
            regions={name: mark(name) if name in filled else "" for name in layout.regions},
            site=self._site,
            site_text=lambda value: self._site.text(value, locale),
            t=lambda key, **values: self._catalog.text(key, locale, **values),
            asset=self._assets.url,
            theme_url=self._assets.url("portal/theme.css"),
            filled=filled,
            page_type=layout.page_type,
            layout_name=layout.name,
        )
        return cut(html)


def cut(html: str) -> Shell:
    """Split rendered HTML at the placeholders."""
    literals: list[bytes] = []
    places: list[str] = []
    rest = html
    while "\x02" in rest:
        literal, _, rest = rest.partition("\x02")
        place, _, rest = rest.partition("\x03")
        literals.append(literal.encode())
        places.append(place)
    literals.append(rest.encode())
    return Shell(tuple(literals), tuple(places), seal_digest(*literals, *places))


def render_head(
    parts: Iterable[HeadPart], stylesheets: Iterable[str], scripts: Iterable[str], site_name: str
) -> bytes:
    """The `<head>` elements of a page: of equal identities the first one wins."""
    unique: dict[str, HeadPart] = {}
    for part in parts:
        unique.setdefault(part.identity, part)
    if "title" not in unique:
        unique["title"] = HeadPart("title", "title", text=site_name)
    lines = [_head_element(part, site_name) for part in unique.values()]
    lines += [f'<link rel="stylesheet" href="{escape(url)}">' for url in stylesheets]
    lines += [f'<script type="module" src="{escape(url)}"></script>' for url in scripts]
    return "\n".join(lines).encode()


def _head_element(part: HeadPart, site_name: str) -> str:
    if part.tag == "title":
        text = part.text if part.text == site_name else f"{part.text} – {site_name}"
        return f"<title>{escape(text)}</title>"
    if part.tag == "json":
        # A data block is never executed; `<` is escaped so that no value can close it.
        safe = json.dumps(json.loads(part.text), ensure_ascii=False).replace("<", "\\u003c")
        return f'<script type="application/ld+json">{safe}</script>'
    attributes = " ".join(f'{name}="{escape(value)}"' for name, value in part.attributes)
    return f"<{part.tag} {attributes}>"
