"""The browser fixtures see what a reader would suffer from, so that no page test can miss it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from http.server import HTTPServer

import pytest

from tests.browser.conftest import AxeRun
from tests.browser.conftest import PageFactory
from tests.browser.conftest import Trouble

_PAGES = {
    "/calm": "<!doctype html><html lang=vi><title>Trang</title><h1>Cổng thông tin</h1>",
    "/gone-image": "<!doctype html><title>x</title><img src=/missing.png alt=''>",
    "/stranger": "<!doctype html><title>x</title><script src=//stranger.invalid/a.js></script>",
    "/broken": "<!doctype html><title>x</title><script>missing()</script>",
    "/logged": "<!doctype html><title>x</title><script>console.error('hỏng')</script>",
    "/asks": "<!doctype html><title>x</title><script>document.title = 'script'</script>"
    "<style>body{color:red}@media(prefers-color-scheme:dark){body{color:blue}}"
    "@media(prefers-contrast:more){body{color:lime}}</style><p>văn bản",
    "/nameless": "<!doctype html><html lang=vi><title>x</title><main><h1>x</h1><button></button>",
}


class _Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = _PAGES.get(self.path, "").encode()
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Keep the test's output to the test."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), _Answers)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_calm_page_causes_no_trouble(
    address: str, page_at: PageFactory, trouble: Trouble
) -> None:
    page = page_at(360)
    page.route("**/favicon.ico", lambda route: route.fulfill(body=b""))
    page.goto(address + "/calm")

    assert page.locator("h1").inner_text() == "Cổng thông tin"
    assert trouble.found == []


@pytest.mark.parametrize(
    ("path", "seen"),
    [
        pytest.param("/gone-image", "answer 404: {address}/missing.png", id="missing-file"),
        pytest.param(
            "/stranger", "request to another host: http://stranger.invalid/a.js", id="other-host"
        ),
        pytest.param("/broken", "script error: missing is not defined", id="script-error"),
        pytest.param("/logged", "console error: hỏng", id="console-error"),
    ],
)
def test_trouble_of_a_page_is_seen(
    path: str, seen: str, address: str, page_at: PageFactory, trouble: Trouble
) -> None:
    page_at().goto(address + path, wait_until="networkidle")

    assert any(seen.format(address=address) in text for text in trouble.found), trouble.found
    trouble.expect("")


def test_announced_trouble_is_forgiven_and_other_trouble_is_not(
    address: str, page_at: PageFactory, trouble: Trouble
) -> None:
    page_at().goto(address + "/gone-image", wait_until="networkidle")
    trouble.found.append("console error: another")

    trouble.expect("missing.png")
    trouble.expect("favicon.ico")

    assert trouble.unexpected == ["console error: another"]
    trouble.expect("another")


@pytest.mark.parametrize(
    ("preferences", "colour"),
    [
        pytest.param({}, "rgb(255, 0, 0)", id="light"),
        pytest.param({"scheme": "dark"}, "rgb(0, 0, 255)", id="dark"),
        pytest.param({"contrast": "more"}, "rgb(0, 255, 0)", id="more-contrast"),
    ],
)
def test_a_page_sees_the_preferences_of_its_reader(
    preferences: dict[str, str], colour: str, address: str, page_at: PageFactory, trouble: Trouble
) -> None:
    trouble.expect("favicon.ico")
    page = page_at(360, **preferences)
    page.goto(address + "/asks")

    assert page.evaluate("getComputedStyle(document.body).color") == colour
    assert page.evaluate("innerWidth") == 360


def test_a_reader_without_javascript_runs_none(address: str, page_at: PageFactory) -> None:
    page = page_at(javascript=False)
    page.goto(address + "/asks")

    assert page.title() == "x"


def test_axe_names_what_it_finds(
    address: str, page_at: PageFactory, trouble: Trouble, axe: AxeRun
) -> None:
    trouble.expect("favicon.ico")
    page = page_at()
    page.goto(address + "/nameless")

    assert [violation["id"] for violation in axe(page)] == ["button-name"]
