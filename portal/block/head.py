"""What a block adds to the `<head>` of its page."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field
from typing import Literal


@dataclass(frozen=True, slots=True)
class HeadPart:
    """One element of the page's `<head>`; of two parts with the same `identity` the first wins."""

    tag: Literal["title", "meta", "link", "json"]
    identity: str
    attributes: tuple[tuple[str, str], ...] = ()
    text: str = ""

    @property
    def size(self) -> int:
        """Letters that it is made of, for who bounds what blocks may add."""
        pairs = sum(len(name) + len(value) for name, value in self.attributes)
        return len(self.identity) + pairs + len(self.text)


@dataclass(slots=True)
class Head:
    """Collects what a block adds to the page's `<head>`; it is cached with the fragment."""

    parts: list[HeadPart] = field(default_factory=list)

    def title(self, text: str) -> None:
        """Set the document title; the site's name is appended by the page."""
        self.parts.append(HeadPart("title", "title", text=text))

    def meta(self, name: str, content: str) -> None:
        """Add `<meta name content>`; an empty content adds nothing."""
        if content:
            attributes = (("name", name), ("content", content))
            self.parts.append(HeadPart("meta", f"meta {name} {content}", attributes))

    def only_meta(self, name: str, content: str) -> None:
        """Add `<meta name content>` of which a page has one: description, robots."""
        if content:
            attributes = (("name", name), ("content", content))
            self.parts.append(HeadPart("meta", f"meta {name}", attributes))

    def property(self, name: str, content: str) -> None:
        """Add `<meta property content>` as OpenGraph wants it."""
        if content:
            attributes = (("property", name), ("content", content))
            self.parts.append(HeadPart("meta", f"property {name} {content}", attributes))

    def link(self, rel: str, href: str, **attributes: str) -> None:
        """Add `<link rel href …>`."""
        pairs = (("rel", rel), ("href", href), *attributes.items())
        identity = " ".join(("link", rel, href, *attributes.values()))
        self.parts.append(HeadPart("link", identity, pairs))

    def json_ld(self, identity: str, text: str) -> None:
        """Add a JSON-LD document (already serialised); `identity` names its kind."""
        self.parts.append(HeadPart("json", f"json {identity}", text=text))
