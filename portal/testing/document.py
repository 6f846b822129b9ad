"""A look at a page's HTML with the standard library: ids, headings, controls."""

from __future__ import annotations

from collections import Counter
from html.parser import HTMLParser

_VOID = frozenset("area br col embed hr img input link meta source track wbr".split())
_REFERENCES = ("aria-labelledby", "aria-describedby", "aria-controls", "for")


class Document(HTMLParser):
    """Collects what `problems` judges."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.ids: Counter[str] = Counter()
        self.references: list[str] = []
        self.levels: list[int] = []
        self.dead: list[str] = []
        self.inline: list[str] = []
        self.unclosed: list[str] = []
        self.unlabelled: list[str] = []
        self._open: list[tuple[str, bool]] = []
        self.feed(html)
        self.close()
        self.unclosed += [tag for tag, _ in self._open]

    def problems(self) -> list[str]:
        """What is wrong, in words; empty for a sound page."""
        found = [
            f"id {name!r} stands {count} times" for name, count in self.ids.items() if count > 1
        ]
        found += [
            f"nothing has the id {name!r}" for name in self.references if name not in self.ids
        ]
        if self.levels.count(1) != 1:
            found.append(f"the page has {self.levels.count(1)} h1")
        found += [
            f"heading h{level} follows h{before}"
            for before, level in zip(self.levels, self.levels[1:], strict=False)
            if level > before + 1
        ]
        found += [f"button without a use when scripts are off: {name}" for name in self.dead]
        found += [f"inline code or style: {name}" for name in self.inline]
        found += [f"<{tag}> is not closed" for tag in self.unclosed]
        found += [f"<{tag}> has no {name}" for tag, name in map(str.split, self.unlabelled)]
        return found

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        values = {name: value or "" for name, value in attrs}
        if "id" in values:
            self.ids[values["id"]] += 1
        for name in _REFERENCES:
            self.references += values.get(name, "").split()
        if len(tag) == 2 and tag[0] == "h" and tag[1].isdigit():
            self.levels.append(int(tag[1]))
        hidden = "hidden" in values or any(hidden for _, hidden in self._open)
        inside_form = any(name == "form" for name, _ in self._open)
        if tag == "button" and not hidden and not inside_form:
            self.dead.append(values.get("aria-label") or values.get("class") or "button")
        if tag == "img" and "alt" not in values:
            self.unlabelled.append("img alt")
        if tag == "img" and not {"width", "height"} <= values.keys():
            self.unlabelled.append("img size")
        self.inline += [name for name in values if name.startswith("on") or name == "style"]
        if tag == "style" or (
            tag == "script" and not (values.get("src") or "json" in values.get("type", ""))
        ):
            self.inline.append(tag)
        if tag not in _VOID:
            self._open.append((tag, hidden))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """SVG shapes close themselves."""
        values = {name: value or "" for name, value in attrs}
        if "id" in values:
            self.ids[values["id"]] += 1

    def handle_endtag(self, tag: str) -> None:
        """Close an element; one that was not open is a mistake of the template."""
        if tag in _VOID:
            return
        if not self._open or self._open[-1][0] != tag:
            self.unclosed.append(self._open[-1][0] if self._open else f"/{tag}")
            return
        self._open.pop()
