"""The shipped Varnish configuration, in a real Varnish before a real portal."""

from __future__ import annotations

import http.client
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from werkzeug.serving import make_server

from portal.block import CachePolicy
from tests.clocks import StandingClock
from tests.integration.composition.small_site import ROOT
from tests.integration.composition.small_site import SmallSite
from tests.integration.composition.small_site import fragments
from tests.integration.composition.small_site import headlines
from tests.operation.running import GRANIAN
from tests.operation.running import HOST as PORTAL_HOST
from tests.operation.running import environment
from tests.operation.running import free_port
from tests.operation.running import run_server
from tests.operation.running import wait_until
from tests.operation.test_proxy import ask as ask_proxy
from tests.operation.test_proxy import run_nginx
from tests.operation.test_proxy import write_configuration
from tests.servers import find_program

CONFIGURATION = ROOT / "deploy" / "proxy" / "portal.vcl"
BALANCE = ROOT / "deploy" / "proxy" / "balance.conf"
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
HOST = "127.0.0.1"


@dataclass
class Answer:
    """An answer, its body decoded."""

    status: int
    headers: dict[str, str]
    text: str


@dataclass
class Setting:
    """A portal, a Varnish before it, and what the portal was asked."""

    varnish: int
    direct: int
    asked: list[tuple[str, int]]
    broken: list[str]
    forwarded: list[str]

    def ask(self, path: str, port: int = 0, **headers: str) -> Answer:
        """Ask Varnish, or whoever listens at `port`."""
        connection = http.client.HTTPConnection(HOST, port or self.varnish, timeout=20)
        try:
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, found, answer.read().decode())
        finally:
            connection.close()


@pytest.fixture
def site(tmp_path: Path, sqlite_url: str, clock: StandingClock) -> Iterator[SmallSite]:
    """A home page with a list, and a second one that an edge server may put in."""
    site = SmallSite(tmp_path / "site", sqlite_url, clock)
    site.sections()
    for number in range(1, 7):
        site.article(f"News {number}", days=number / 100)
    site.news()
    site.words("words", cache=CachePolicy(fresh="30d"))
    later = {"key": "later", "block": "news", "deliver": "esi"}
    site.lay_out("home", {"key": "first", "block": "news"}, later, {"key": "end", "block": "words"})
    yield site
    site.close()


@pytest.fixture
def setting(site: SmallSite, tmp_path: Path) -> Iterator[Setting]:
    """The portal behind Varnish; addresses in `broken` answer with an error."""
    app = site.app()
    asked: list[tuple[str, int]] = []
    broken: list[str] = []
    forwarded: list[str] = []

    def watched(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        path = environ["PATH_INFO"]
        if "/health/" not in path:
            forwarded.append(environ.get("HTTP_X_FORWARDED_FOR", ""))
        if any(path.startswith(part) for part in broken):
            start_response("500 Internal Server Error", [("Content-Type", "text/plain")])
            return [b"out of order"]

        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            asked.append((path, int(status[:3])))
            return start_response(status, headers, *more)

        return app(environ, start)

    server = make_server(HOST, 0, watched, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        with run_varnish(server.port, tmp_path) as port:
            setting = Setting(port, server.port, asked, broken, forwarded)
            wait_until_answered(setting)
            asked.clear()
            yield setting
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()


@contextmanager
def run_varnish(portal: int, folder: Path) -> Iterator[int]:
    """Varnish with the shipped file and the portal's place on this machine."""
    text = CONFIGURATION.read_text(encoding="utf-8")
    for shipped, here in {
        '.host = "balance"': f'.host = "{HOST}"',
        '.port = "8080"': f'.port = "{portal}"',
        # Noticed soon that it is not well, but not for being busy.
        ".interval = 5s": ".interval = 200ms",
        "        .timeout = 2s": "        .timeout = 20s",
    }.items():
        assert shipped in text, shipped
        text = text.replace(shipped, here)
    file = folder / "portal.vcl"
    file.write_text(text, "utf-8")
    program = find_program("varnishd", "Debian package varnish", ["usr/sbin"])
    port = free_port()
    command = [program, "-F", "-f", file, "-a", f"{HOST}:{port}", "-n", folder / "varnish"]
    command += ["-j", "none", "-s", "malloc,16m", "-p", "thread_pools=1", "-T", "none"]
    with (folder / "varnish.log").open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output)
    try:
        yield port
    finally:
        process.terminate()
        process.wait(timeout=20)
        # Told to go while it is busy with its child, it leaves the signal to the system.
        assert process.returncode in {0, -signal.SIGTERM}, (folder / "varnish.log").read_text()


def serves(port: int) -> bool:
    """Whether Varnish gives the home page by now: it listens before it finds its backend well."""
    connection = http.client.HTTPConnection(HOST, port, timeout=20)
    try:
        connection.request("GET", "/", headers={"Host": PORTAL_HOST})
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def wait_until_answered(setting: Setting) -> None:
    end = time.monotonic() + 20
    while True:
        try:
            if setting.ask("/-/health/live").status == 200:
                return
        except OSError:
            pass
        assert time.monotonic() < end
        time.sleep(0.05)


def pages(setting: Setting) -> list[tuple[str, int]]:
    """What the portal was asked since the last time, but for Varnish's own question."""
    found = [item for item in setting.asked if "/health/" not in item[0]]
    setting.asked.clear()
    return found


def test_the_page_is_complete_and_each_part_is_asked_for_again_only_by_its_tag(setting: Setting):
    for statuses in (200, 304):
        answer = setting.ask("/")
        assert list(fragments(answer.text)) == ["first", "later", "end"]
        assert headlines(fragments(answer.text)["later"]) == ["News 4", "News 5", "News 6"]
        assert "esi:" not in answer.text
        assert pages(setting) == [("/", statuses), ("/-/fragments/later/", statuses)]


def test_an_edit_is_seen_through_varnish_at_once(setting: Setting, site: SmallSite):
    setting.ask("/")
    site.article("Newest", days=0.001)
    answer = setting.ask("/")
    assert headlines(fragments(answer.text)["first"])[0] == "Newest"
    assert headlines(fragments(answer.text)["later"]) == ["News 3", "News 4", "News 5"]


def test_a_browser_is_not_told_that_a_page_is_unchanged_whose_block_has_changed(
    setting: Setting, site: SmallSite
):
    answer = setting.ask("/")
    direct = setting.ask("/", setting.direct, **{"Surrogate-Capability": 'x="ESI/1.0"'})
    assert "etag" not in answer.headers
    assert "x-assembled" not in answer.headers
    again = setting.ask("/", **{"If-None-Match": direct.headers["etag"]})
    assert again.status == 200


def test_a_block_that_fails_leaves_the_page_whole(setting: Setting):
    setting.broken.append("/-/fragments/")
    answer = setting.ask("/")
    assert answer.status == 200
    assert list(fragments(answer.text)) == ["first", "end"]
    assert "out of order" not in answer.text
    assert answer.text.rstrip().endswith("</html>")
    setting.broken.clear()
    assert list(fragments(setting.ask("/").text)) == ["first", "later", "end"]
    setting.broken.append("/-/fragments/")
    assert list(fragments(setting.ask("/").text)) == ["first", "later", "end"]


def test_without_varnish_the_block_is_part_of_the_page(setting: Setting):
    answer = setting.ask("/", setting.direct)
    assert list(fragments(answer.text)) == ["first", "later", "end"]
    assert "surrogate-control" not in answer.headers


def test_nobody_is_told_of_the_edge_server_nor_can_play_it(setting: Setting):
    answer = setting.ask("/tin-tuc/", **{"Surrogate-Capability": 'evil="ESI/1.0"'})
    assert answer.status == 200
    assert "surrogate-control" not in answer.headers


def test_a_cookie_neither_makes_a_page_of_its_own_nor_is_passed_on(setting: Setting):
    setting.ask("/", Cookie="a=1")
    pages(setting)
    setting.ask("/", Cookie="b=2")
    assert {status for _, status in pages(setting)} == {304}


@pytest.mark.parametrize("path", ["/?utm_source=x", "/?fbclid=1&utm_medium=y", "/?", "/?gclid=7"])
def test_what_campaigns_hang_on_makes_no_other_page(setting: Setting, path: str):
    setting.ask("/")
    pages(setting)
    assert setting.ask(path).status == 200
    assert {status for _, status in pages(setting)} == {304}


def test_arguments_in_another_order_are_the_same_page(setting: Setting):
    setting.ask("/?full=1&page=1")
    pages(setting)
    setting.ask("/?page=1&utm_source=x&full=1")
    assert {status for _, status in pages(setting)} == {304}


def test_a_page_that_is_an_error_is_kept_by_nobody(setting: Setting, site: SmallSite):
    assert setting.ask("/tin-tuc/later-7").status == 404
    number = site.article("Later")
    assert setting.ask(f"/tin-tuc/later-{number}").status == 200


def test_a_page_that_fails_is_shown_as_it_was_last_seen(setting: Setting):
    before = setting.ask("/")
    setting.broken.append("/")
    # At once, before Varnish knows that the portal is not well, and then.
    end = time.monotonic() + 2
    while time.monotonic() < end:
        answer = setting.ask("/")
        assert (answer.status, answer.text) == (200, before.text)
        time.sleep(0.1)
    setting.broken.clear()


def test_a_page_that_nobody_has_seen_and_that_fails_is_an_error(setting: Setting):
    setting.broken.append("/tin-tuc/")
    answer = setting.ask("/tin-tuc/")
    assert (answer.status, answer.text) == (500, "out of order")
    setting.broken.clear()
    assert setting.ask("/tin-tuc/").status == 200


def test_who_plays_the_second_try_gains_nothing(setting: Setting, site: SmallSite):
    setting.ask("/")
    site.article("Newest", days=0.001)
    answer = setting.ask("/", **{"X-Again": "1"})
    assert headlines(fragments(answer.text)["first"])[0] == "Newest"


def test_the_reader_that_the_proxy_names_stays_the_last_one_named(setting: Setting):
    """Or every reader would be the proxy, for what counts by sender."""
    setting.ask("/?a=1", **{"X-Forwarded-For": "198.51.100.1, 203.0.113.7"})
    # The page, and the block that Varnish puts in.
    assert setting.forwarded == ["198.51.100.1, 203.0.113.7"] * 2


def test_requests_go_through_proxy_cache_and_balance_to_replicas(
    sqlite_template: Path, tmp_path: Path
):
    """The chain of compose.yaml with the profile varnish, trusted hosts and all; and its way
    round a cache that is gone."""
    folder = tmp_path / "chain"
    folder.mkdir()
    shutil.copyfile(sqlite_template, folder / "portal.sqlite3")
    hosts = COMPOSE["x-portal"]["environment"]["PORTAL_TRUSTED_HOSTS"].rpartition("}")[2]
    environ = environment(
        f"sqlite:///{folder / 'portal.sqlite3'}",
        folder,
        PROXY_HOPS="1",
        TRUSTED_HOSTS=f"{PORTAL_HOST}{hosts}",
    )
    with run_server(GRANIAN, environ, folder, "--workers", "1") as server:
        balance, front = free_port(), free_port()
        inner = BALANCE.read_text("utf-8")
        for shipped, here in {
            "portal:8000": f"{HOST}:{server.port}",
            "listen 8080": f"listen {HOST}:{balance}",
            "/tmp/": f"{folder}/",  # noqa: S108 - of a container of its own
        }.items():
            assert shipped in inner
            inner = inner.replace(shipped, here)
        file = folder / "balance.conf"
        file.write_text(inner, "utf-8")
        with run_nginx(file, folder / "balance.log", balance):
            with run_varnish(balance, folder) as varnish:
                # Once it is refused, the proxy goes round it for seconds.
                wait_until(lambda: serves(varnish))
                outer = write_configuration(folder, server.port, front, varnish=varnish)
                with run_nginx(outer, folder / "proxy.log", front):
                    before = (folder / "server.log").read_text().count('"status": 304')
                    first, second = ask_proxy(front, "/"), ask_proxy(front, "/")
                    assert first.status == second.status == 200
                    # Varnish asked whether its copy still holds, and nobody made a page.
                    after = (folder / "server.log").read_text().count('"status": 304')
                    assert after >= before + 1
                    assert first.getheader("Strict-Transport-Security")
            with run_nginx(outer, folder / "proxy.log", front):
                assert ask_proxy(front, "/").status == 200
