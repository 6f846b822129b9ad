"""Chromium for tests: the browser of this machine, one page per test, and what must not happen.

`portal` is the demo site on the server of production; it is loaded once for all processes of a run.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path
from typing import Any
from typing import Literal
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser
from playwright.sync_api import BrowserContext
from playwright.sync_api import ConsoleMessage
from playwright.sync_api import Page
from playwright.sync_api import Request
from playwright.sync_api import Response
from playwright.sync_api import Route
from playwright.sync_api import sync_playwright

from tests.browser.live_portal import DemoSite
from tests.browser.live_portal import LivePortal
from tests.browser.live_portal import make_demo
from tests.browser.live_portal import run_portal

Scheme = Literal["light", "dark"]
Contrast = Literal["more", "no-preference"]
PageFactory = Callable[..., Page]
AxeRun = Callable[..., list[dict[str, Any]]]

HERE = "127.0.0.1"
OTHER = "localhost"
"""Another name of this machine, for a site that is not the portal's."""
_INLINE = {"about", "blob", "data"}
_PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_FLAGS = (
    "--headless=new",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
)
# Watched from within: Playwright's own waiting evaluates text, which the policy of pages forbids.
_FIRST_PAINT = """() => new Promise((painted) => {
  new PerformanceObserver((list) => {
    if (list.getEntriesByName("first-contentful-paint").length) painted();
  }).observe({ type: "paint", buffered: true });
})"""
_RUN_AXE = "(options) => axe.run(document, options).then((results) => results.violations)"


@dataclass
class Trouble:
    """What went wrong in the pages of a test. A test that expects some of it calls `expect`."""

    found: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=lambda: {HERE})

    def expect(self, part: str) -> None:
        """Allow troubles whose text contains `part`, such as the address of a page that is 404."""
        self.expected.append(part)

    @property
    def unexpected(self) -> list[str]:
        """The troubles that no test announced."""
        return [text for text in self.found if not any(part in text for part in self.expected)]

    def watch(self, context: BrowserContext) -> None:
        """Collect the troubles of every page of `context`; nothing leaves this machine."""
        context.route("**/*", self._keep_here)
        context.on("console", self._hear)
        context.on("weberror", lambda error: self.found.append(f"script error: {error.error}"))
        context.on("requestfailed", self._note_failure)
        context.on("response", self._note_status)

    def _keep_here(self, route: Route) -> None:
        address = urlsplit(route.request.url)
        if address.scheme in _INLINE or address.hostname in self.hosts:
            route.fallback()
            return
        self.found.append(f"request to another host: {route.request.url}")
        route.abort("blockedbyclient")

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            place = message.location
            self.found.append(
                f"console {message.type}: {message.text}"
                f" ({place.get('url', '')}:{place.get('lineNumber', 0)})"
            )

    def _note_failure(self, request: Request) -> None:
        # A page that is left cancels what it still loads; that is no fault of the page.
        if request.failure != "net::ERR_ABORTED":
            self.found.append(f"request failed: {request.url} ({request.failure})")

    def _note_status(self, response: Response) -> None:
        if response.status >= 400:
            self.found.append(f"answer {response.status}: {response.url}")


def find_chromium() -> str:
    """The Chromium to drive: the one `CHROMIUM` names, or the first on PATH."""
    named = os.environ.get("CHROMIUM")
    for program in (named,) if named else _PROGRAMS:
        path = shutil.which(program)
        if path:
            return path
    looked_for = named or ", ".join(_PROGRAMS)
    pytest.fail(
        f"the browser tests need Chromium (looked for {looked_for}): apt-get install chromium,"
        " or name the program in the environment variable CHROMIUM",
        pytrace=False,
    )


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A Chromium for all tests of this process."""
    flags = list(_FLAGS)
    if os.geteuid() == 0:
        flags.append("--no-sandbox")  # Chromium refuses to sandbox root
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=find_chromium(), args=flags)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def demo_site(tmp_path_factory: pytest.TempPathFactory) -> DemoSite:
    """The demo, loaded by the process that comes first; the others wait and use the same files."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    folder, loaded = shared / "demo-site", shared / "demo-site.loaded"
    with (shared / "demo-site.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not loaded.exists():
            # What a process left behind that failed halfway is of no use.
            shutil.rmtree(folder, ignore_errors=True)
            make_demo(folder)
            loaded.touch()
    return DemoSite(folder)


@pytest.fixture(scope="session")
def portal(demo_site: DemoSite, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LivePortal]:
    """The demo site on a server of this process."""
    log: Path = tmp_path_factory.mktemp("portal") / "log"
    with run_portal(demo_site, log) as live:
        yield live


@pytest.fixture(scope="session")
def article_url(portal: LivePortal) -> str:
    """An article with picture, table, attachments, a correction and an English translation."""
    return portal.url("article")


@pytest.fixture
def trouble() -> Iterator[Trouble]:
    """Fails a test whose pages logged errors, lost a request or asked another host."""
    trouble = Trouble()
    yield trouble
    if trouble.unexpected:
        pytest.fail("in the browser:\n  " + "\n  ".join(trouble.unexpected), pytrace=False)


@pytest.fixture
def page_at(browser: Browser, trouble: Trouble) -> Iterator[PageFactory]:
    """Opens empty pages of a width (CSS pixels), colour scheme and contrast, each without cookies.

    `page_at(360, "dark", javascript=False, contrast="more", locale="en-GB")`; the context is
    closed, and its troubles are counted, when the test ends.
    """
    contexts: list[BrowserContext] = []

    def open_page(
        width: int = 1280,
        scheme: Scheme = "light",
        *,
        javascript: bool = True,
        contrast: Contrast | None = None,
        locale: str = "vi-VN",
        **options: Any,
    ) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 800},
            color_scheme=scheme,
            contrast=contrast,
            java_script_enabled=javascript,
            locale=locale,
            timezone_id="Asia/Ho_Chi_Minh",
            reduced_motion="reduce",
            service_workers="block",
            **options,
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        trouble.watch(context)
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()


def wait_for_first_paint(page: Page) -> None:
    """Wait until a page whose answer has begun shows anything: its style sheets are there."""
    page.evaluate(_FIRST_PAINT)


@pytest.fixture(scope="session")
def axe() -> AxeRun:
    """Runs axe-core on a page with the rules of WCAG 2.2 A and AA and its best practices.

    `axe(page, ["color-contrast"])` runs the named rules only.
    """
    checker = Axe()
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

    def run(page: Page, rules: Sequence[str] = ()) -> list[dict[str, Any]]:
        which = {"type": "rule", "values": rules} if rules else {"type": "tag", "values": tags}
        # Without `resultTypes` every passed check of every element is reported as well.
        options = {"runOnly": which, "resultTypes": ["violations"]}
        # The checker would hand its half a megabyte to the page before every run.
        if not page.evaluate("'axe' in window"):
            page.evaluate(checker.axe_script)
        violations: list[dict[str, Any]] = page.evaluate(_RUN_AXE, options)
        return violations

    return run
