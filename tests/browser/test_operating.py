"""An operator logs in, asks why a page is as it is, purges it and logs out: with keys alone."""

from __future__ import annotations

import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import AxeRun
from tests.browser.conftest import PageFactory
from tests.browser.live_portal import REPOSITORY
from tests.browser.live_portal import DemoSite
from tests.browser.live_portal import LivePortal
from tests.browser.live_portal import run_portal

PASSWORD = "bốn con trâu qua cầu"  # noqa: S105 - of this test alone
NAME = f"lan-{uuid.uuid4().hex[:8]}"


class OperatedSite(DemoSite):
    """The demo with its operators' pages open."""

    @property
    def environment(self) -> dict[str, str]:
        return {**super().environment, "PORTAL_OPERATORS": "local"}


@pytest.fixture
def operated(demo_site: DemoSite, tmp_path: Path) -> Iterator[LivePortal]:
    """The demo site with an account."""
    site = OperatedSite(demo_site.folder)
    subprocess.run(
        [sys.executable, "-m", "portal.cli", "account", "add", NAME],
        cwd=REPOSITORY,
        env=site.environment,
        input=f"{PASSWORD}\n",
        text=True,
        check=True,
    )
    with run_portal(site, tmp_path / "log") as live:
        yield live


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until an element has the focus."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    pytest.fail(f"no number of tabs reaches {selector}", pytrace=False)


def test_an_operator_needs_no_mouse(operated: LivePortal, page_at: PageFactory, axe: AxeRun):
    page = page_at(javascript=True)
    page.goto(f"{operated.origin}/-/ops/")
    assert page.url.endswith("/-/ops/login")
    assert axe(page) == []
    tab_to(page, "#name")
    page.keyboard.type(NAME)
    tab_to(page, "#password")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/-/ops/")
    assert axe(page) == []

    tab_to(page, "#path")
    page.keyboard.type("/tin-tuc/")
    page.keyboard.press("Enter")
    page.wait_for_url("**/-/ops/?path=*")
    assert page.locator("tbody code", has_text="main.").count() > 0
    assert axe(page) == []

    tab_to(page, 'form[action="/-/ops/purge"] button')
    page.keyboard.press("Enter")
    page.wait_for_url("**/-/ops/?ended=*")
    assert page.get_by_role("status").count() == 1
    assert page.locator("td", has_text="purge").count() > 0

    page.goto(f"{operated.origin}/-/studio/")
    assert axe(page) == []
    tab_to(page, 'form[action="/-/ops/logout"] button')
    page.keyboard.press("Enter")
    page.wait_for_url("**/-/ops/login")
    page.goto(f"{operated.origin}/-/ops/")
    assert page.url.endswith("/-/ops/login")
