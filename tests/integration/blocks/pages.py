"""Looks at a page as a reader's browser and a search engine do."""

from __future__ import annotations

import json
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from portal.compose import Page


class Look:
    """A composed page, taken apart."""

    def __init__(self, page: Page) -> None:
        self.status = page.status
        self.html = page.body.decode()
        self._tree = LexborHTMLParser(self.html)

    def texts(self, selector: str) -> list[str]:
        """The words of every element that the CSS selector finds, in document order."""
        return [" ".join(node.text().split()) for node in self._tree.css(selector)]

    def links(self, selector: str) -> list[str]:
        """The addresses of every link that the selector finds."""
        return [node.attributes.get("href") or "" for node in self._tree.css(selector)]

    def has(self, selector: str) -> bool:
        """Whether the page has such an element."""
        return self._tree.css_first(selector) is not None

    def meta(self, name: str) -> str | None:
        """The content of the first `<meta>` with this name or property."""
        for node in self._tree.css("meta"):
            if name in (node.attributes.get("name"), node.attributes.get("property")):
                return node.attributes.get("content")
        return None

    def link(self, rel: str) -> str | None:
        """The address of the first `<link>` with this relation."""
        node = self._tree.css_first(f'link[rel="{rel}"]')
        return node.attributes.get("href") if node is not None else None

    def document(self, kind: str) -> dict[str, Any]:
        """The JSON-LD document of this type."""
        scripts = self._tree.css('script[type="application/ld+json"]')
        found = [json.loads(script.text()) for script in scripts]
        return next(item for item in found if item["@type"] == kind)
