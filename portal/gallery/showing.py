"""Makes the page of one example: a small portal of its own, in the look of this site."""

from __future__ import annotations

import re
import tempfile
import threading
from pathlib import Path

from portal.app import Portal
from portal.errors import BlockError
from portal.testing.examples import read_examples
from portal.testing.harness import Harness

THEMES = ("light", "dark", "contrast")
MEDIA = "/-/gallery/media/"

_THEME_FILE = re.compile(r"/-/assets/portal/theme\.[0-9a-f]+\.css")
_HTML = re.compile(r"<html ")
_LARGEST_MEMORY = 200


class Showroom:
    """Makes pages of examples and keeps them until a file of the block or a template changes.

    Safe to share between threads.
    """

    def __init__(self, portal: Portal) -> None:
        self._portal = portal
        self._templates = portal.settings.templates.absolute()
        self._pages: dict[tuple[str, str], tuple[int, str]] = {}
        self._lock = threading.Lock()

    def show(self, name: str, example: str, theme: str) -> str | None:
        """The page of an example in a theme; none where there is no such block or example."""
        html = self._page(name, example)
        if html is None:
            return None
        own_theme = self._portal.assets.url("portal/theme.css")
        html = _THEME_FILE.sub(own_theme, html).replace("/-/media/", MEDIA)
        return _HTML.sub(f'<html data-theme="{theme}" ', html, count=1)

    def _page(self, name: str, example_name: str) -> str | None:
        registry = self._portal.registry
        if name not in registry:
            return None
        block = registry[name]
        changed = max(_last_change(block.folder), _last_change(self._templates))
        # One at a time: making many small portals at once helps nobody.
        with self._lock:
            known = self._pages.get((name, example_name))
            if known is not None and known[0] == changed:
                return known[1]
            try:
                examples = {item.name: item for item in read_examples(block)}
            except BlockError:
                return None
            if example_name not in examples:
                return None
            example = examples[example_name]
            with tempfile.TemporaryDirectory(prefix="portal-gallery-") as folder:
                harness = Harness(Path(folder), block, self._templates)
                html = harness.page(example).body.decode()
                harness.portal(example).close()
            if len(self._pages) >= _LARGEST_MEMORY:
                self._pages.clear()
            self._pages[(name, example_name)] = changed, html
            return html


def _last_change(folder: Path) -> int:
    """When a file below a folder last changed, in nanoseconds."""
    return max(
        (file.stat().st_mtime_ns for file in folder.rglob("*.*") if file.is_file()), default=0
    )
