"""An operator logs in at the office's identity provider, is known here, and logs out of both."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from datetime import datetime
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.browser.conftest import HERE
from tests.browser.conftest import OTHER
from tests.browser.conftest import AxeRun
from tests.browser.conftest import PageFactory
from tests.browser.conftest import Trouble
from tests.browser.live_portal import DemoSite
from tests.browser.live_portal import LivePortal
from tests.browser.live_portal import free_port
from tests.browser.live_portal import run_portal
from tests.identity import CLIENT
from tests.identity import SECRET
from tests.identity import IdentityProvider
from tests.identity import run_identity_provider

SSO = "a[href^='/-/ops/login/sso']"


@dataclass(frozen=True)
class OfficeSite(DemoSite):
    """The demo, whose operators have accounts here or at a provider."""

    issuer: str

    @property
    def environment(self) -> dict[str, str]:
        return super().environment | {
            "PORTAL_OPERATORS": "both",
            "PORTAL_OIDC_ISSUER": self.issuer,
            "PORTAL_OIDC_CLIENT_ID": CLIENT,
            "PORTAL_OIDC_CLIENT_SECRET": SECRET,
            "PORTAL_OIDC_OPERATOR_GROUPS": "van-hanh",
        }


@pytest.fixture
def provider() -> Iterator[IdentityProvider]:
    """A provider of another site than the portal's, where Mai has to press a button."""
    person = {"sub": "7c1f", "preferred_username": "Mai", "groups": ["van-hanh"]}
    back = f"http://{HERE}:{free_port()}/-/ops/login/sso/answer"
    with run_identity_provider(back, partial(datetime.now, UTC), person, OTHER) as running:
        running.has_page = True
        yield running


@pytest.fixture
def office(
    demo_site: DemoSite, provider: IdentityProvider, trouble: Trouble, tmp_path: Path
) -> Iterator[LivePortal]:
    """A portal that knows the provider, and is known to it by its address."""
    trouble.hosts.add(OTHER)
    site = OfficeSite(tmp_path / "site", provider.address)
    shutil.copytree(demo_site.folder, site.folder)
    origin = urlsplit(provider.return_to)
    file = site.folder / "config" / "site.yaml"
    settings = file.read_text("utf-8")
    file.write_text(
        re.sub(r"(?m)^base_url: .*$", f"base_url: {origin.scheme}://{origin.netloc}", settings),
        "utf-8",
    )
    with run_portal(site, tmp_path / "log", origin.port) as live:
        yield live


@pytest.mark.parametrize("javascript", [True, False], ids=["scripts", "no scripts"])
def test_the_office_s_account_opens_the_portal_and_leaves_it(
    office: LivePortal,
    provider: IdentityProvider,
    page_at: PageFactory,
    javascript: bool,
):
    page = page_at(javascript=javascript)
    page.goto(f"{office.origin}/-/ops/")
    assert page.url == f"{office.origin}/-/ops/login"
    page.locator(SSO).click()
    page.wait_for_url(f"{provider.address}/authorize?*")
    page.get_by_role("button").click()
    page.wait_for_url(f"{office.origin}/-/ops/")
    leave = page.locator('form[action="/-/ops/logout"] button')
    assert "mai@localhost" in leave.inner_text()

    leave.click()
    page.wait_for_url(f"{office.origin}/-/ops/login")
    assert "/logout" in provider.asked
    page.goto(f"{office.origin}/-/ops/")
    assert page.url == f"{office.origin}/-/ops/login"


def test_the_ways_in_stand_apart_and_fit_a_telephone(
    office: LivePortal, page_at: PageFactory, axe: AxeRun
):
    for width in (360, 1280):
        page = page_at(width)
        page.goto(f"{office.origin}/-/ops/login")
        assert axe(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        provider, button = (page.locator(place).bounding_box() for place in (SSO, "main button"))
        assert provider is not None
        assert button is not None
        assert provider["y"] + provider["height"] < button["y"]
        # One line each, as high as the fields between them.
        assert {provider["height"], button["height"]} == {44}
