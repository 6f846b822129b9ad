"""`portal cache explain`, `purge`, `warm` and `stats` typed wrongly, and what they say to that."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from http.server import HTTPServer
from pathlib import Path

import pytest

from portal.content import schema
from portal.registry import find_blocks
from tests.integration.cli.conftest import RunCommand
from tests.operation.running import free_port

TAG_CLASSES = (
    "album, article, block, group, key, list, media, page, pins, redirects, search, section,"
    " sections, similar, tag, topic, video"
)


def usage(command: str, problem: str) -> str:
    """What click says of a command that is called wrongly."""
    arguments = {"explain": " URL", "stats": " [SERVER]"}.get(command, "")
    return (
        f"Usage: portal cache {command} [OPTIONS]{arguments}\n"
        f"Try 'portal cache {command} --help' for help.\n\nError: {problem}\n"
    )


@pytest.fixture
def migrated(portal: RunCommand, tmp_path: Path) -> RunCommand:
    schema.upgrade(f"sqlite:///{tmp_path / 'portal.sqlite3'}")
    return portal


@pytest.fixture
def stranger() -> Iterator[str]:
    """The address of a server that is no portal: it answers everything with its page."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, content = (400, b"no") if "statistics" in self.path else (200, b"<p>Hello</p>")
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Silent."""

    server = HTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(10)
    server.server_close()


# --- purge --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ((), "say what to end: --tag, --url, --block or --all"),
        (
            ("--all", "--tag", "article:1"),
            "--all ends everything; leave out --tag, --url and --block",
        ),
        (
            ("--tag", "two words"),
            "Invalid value: 'two words' is no tag; one looks like article:17 or sections",
        ),
        (("--tag", ""), "Invalid value: '' is no tag; one looks like article:17 or sections"),
        (("--tag", "*"), "Invalid value: '*' is no tag; one looks like article:17 or sections"),
        (
            ("--tag", "articel:17"),
            "Invalid value: 'articel:17' ends nothing: no tag begins so; did you mean 'article'?"
            f" (known: {TAG_CLASSES})",
        ),
        (
            ("--url", "tin-tuc"),
            "Invalid value: 'tin-tuc' leads to no page; give a path such as /tin-tuc/",
        ),
        (
            ("--url", "https://other.example/tin-tuc/"),
            "Invalid value: 'https://other.example/tin-tuc/' is an address of another host than"
            " this site's (127.0.0.1); give a path such as /tin-tuc/",
        ),
        (
            ("--url", "/tin-tuc/?page=0"),
            "Invalid value: '/tin-tuc/?page=0' leads to no page; give a path such as /tin-tuc/",
        ),
    ],
)
def test_a_purge_of_what_there_is_not_ends_nothing(
    migrated: RunCommand, arguments: tuple[str, ...], problem: str
):
    before = migrated("cache", "log", "--format", "json").data
    answer = migrated("cache", "purge", *arguments)
    assert (answer.code, answer.output) == (2, "")
    assert answer.errors == usage("purge", problem)
    assert migrated("cache", "log", "--format", "json").data == before


def test_a_block_that_is_not_there_is_named_with_those_that_are(migrated: RunCommand):
    answer = migrated("cache", "purge", "--block", "lastest")
    known = ", ".join(sorted(find_blocks()))
    assert answer.code == 2
    assert answer.errors == usage(
        "purge",
        f"Invalid value: no block is called 'lastest'; did you mean 'latest'? (known: {known})",
    )


def test_a_purge_tells_what_it_ended_and_where_the_log_stands(migrated: RunCommand):
    arguments = ("--tag", "article:17", "--block", "latest", "--url", "http://portal.example/")
    answer = migrated("cache", "purge", *arguments, "--format", "json")
    assert answer.code == 0
    ended, position = answer.data["ended"], answer.data["position"]
    assert ended[:2] == ["article:17", "block:latest"]
    assert all(tag.startswith("key:") for tag in ended[2:])
    assert len(ended) > 3
    rows = migrated("cache", "log", "--limit", str(len(ended)), "--format", "json").data
    assert rows[0]["position"] == position
    assert {row["tag"] for row in rows} == set(ended)
    assert migrated("cache", "purge", "--all").output == (
        f"1 rows appended to the log, which stands at {position + 1}: *\n"
    )


# --- warm -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ((), "say what to warm: --from-log FILE or --sitemap"),
        (("--sitemap", "--from-log", "LOG"), "give --from-log FILE or --sitemap, not both"),
        (
            ("--from-log", "/nowhere/access.log"),
            "Invalid value for '--from-log': File '/nowhere/access.log' does not exist.",
        ),
        (
            ("--sitemap", "--limit", "0"),
            "Invalid value for '--limit': 0 is not in the range x>=1.",
        ),
    ],
)
def test_warming_says_what_it_needs(
    migrated: RunCommand, tmp_path: Path, arguments: tuple[str, ...], problem: str
):
    log = tmp_path / "access.log"
    log.touch()
    answer = migrated("cache", "warm", *(str(log) if a == "LOG" else a for a in arguments))
    assert (answer.code, answer.output) == (2, "")
    assert answer.errors == usage("warm", problem)


def test_warming_without_redis_would_warm_nobody(migrated: RunCommand):
    answer = migrated("cache", "warm", "--sitemap")
    assert (answer.code, answer.output) == (1, "")
    assert answer.errors == (
        "portal: processes share nothing, so warming one warms no other;"
        " set PORTAL_CACHE_REDIS_URL\n"
    )


def test_a_log_in_another_format_is_said_so(
    migrated: RunCommand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("PORTAL_CACHE_REDIS_URL", f"redis://127.0.0.1:{free_port()}/0")
    log = tmp_path / "access.log"
    log.write_text("GET / 200\n", "utf-8")
    answer = migrated("cache", "warm", "--from-log", log)
    assert (answer.code, answer.output) == (1, "")
    assert answer.errors.endswith(
        f"portal: {log}: no line names a page; an access log in the common format is needed:"
        ' 192.0.2.1 - - [24/Nov/2026:09:30:00 +0700] "GET /tin-tuc/ HTTP/1.1" 200 4096\n'
    )


# --- explain and stats --------------------------------------------------------------------------


def test_an_address_without_a_page_is_refused(migrated: RunCommand):
    answer = migrated("cache", "explain", "tin-tuc")
    assert answer.code == 2
    assert answer.errors == usage(
        "explain",
        "Invalid value: 'tin-tuc' leads to no page; give a path such as /tin-tuc/, or the address"
        " of a running portal such as http://127.0.0.1:8000/tin-tuc/",
    )


@pytest.mark.parametrize("command", [("explain",), ("stats",), ("purge", "--url")], ids=" ".join)
@pytest.mark.parametrize(
    "address",
    [
        "http://portal:{}@127.0.0.1:1/",
        "http://portal:{}/@127.0.0.1:1/",
        "http://portal:{}@@127.0.0.1:1/",
        "http://portal:{}@[127.0.0.1/",
        "ftp://portal:{}@127.0.0.1/",
        "portal:{}@127.0.0.1",
    ],
)
def test_an_address_with_a_password_is_refused_without_showing_it(
    migrated: RunCommand, command: tuple[str, ...], address: str
):
    answer = migrated("cache", *command, address.format("hunter2"))
    assert answer.code == 2
    assert "Invalid value: " in answer.errors
    assert "hunter2" not in answer.errors + answer.output


def test_an_address_in_the_query_of_a_path_is_no_server(migrated: RunCommand):
    address = "/tim-kiem?q=https://other.example"
    answer = migrated("cache", "explain", address)
    assert (answer.code, answer.errors) == (0, "")
    assert answer.output.startswith("/tim-kiem (vi): 200, ")
    assert migrated("cache", "purge", "--url", address).code == 0


@pytest.mark.parametrize("command", [("explain",), ("purge", "--url")], ids=" ".join)
@pytest.mark.parametrize(
    "address", ["/tim-kiem?q=\udcff", "http://127.0.0.1:1/\udcff"], ids=["path", "server"]
)
def test_an_address_with_bytes_that_are_no_text_is_refused(
    migrated: RunCommand, command: tuple[str, ...], address: str
):
    answer = migrated("cache", *command, address)
    assert answer.code == 2
    assert "\\udcff' " in answer.errors


@pytest.mark.parametrize(
    "server",
    ["ftp://portal.example", "http://", "portal.example", "http://[::1", "http://portal:port/"],
)
def test_what_is_no_address_is_not_asked(migrated: RunCommand, server: str):
    answer = migrated("cache", "stats", server)
    assert answer.code == 2
    assert answer.errors == usage(
        "stats",
        f"Invalid value: {server!r} is no address; give one such as http://127.0.0.1:8000",
    )


def test_a_server_that_is_not_there_is_said_so(migrated: RunCommand):
    place = f"http://127.0.0.1:{free_port()}"
    for arguments in (("explain", f"{place}/tin-tuc/"), ("stats", place)):
        answer = migrated("cache", *arguments)
        assert (answer.code, answer.output) == (1, "")
        assert answer.errors == (
            f"portal: {place}: nobody answers there (Connection refused); start the portal with"
            " portal serve, or give the address that it printed\n"
        )


def test_a_server_that_is_no_portal_is_said_so(migrated: RunCommand, stranger: str):
    answer = migrated("cache", "explain", f"{stranger}/")
    assert (answer.code, answer.output) == (1, "")
    assert answer.errors.startswith(f"portal: {stranger}: what answers there is no portal (")
    answer = migrated("cache", "stats", stranger)
    assert answer.errors == (
        f"portal: {stranger}: the portal there refuses the host name;"
        " set PORTAL_TRUSTED_HOSTS as it has it\n"
    )


def test_production_without_a_secret_asks_nobody(
    migrated: RunCommand, stranger: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv("PORTAL_SECRET_KEY")
    answer = migrated("cache", "stats", stranger)
    assert (answer.code, answer.output) == (1, "")
    assert answer.errors == (
        "portal: PORTAL_SECRET_KEY is not set; set the one that the portal runs with\n"
    )


@pytest.mark.parametrize(
    "arguments",
    [("explain", "/"), ("purge", "--all"), ("purge", "--url", "/"), ("stats",)],
    ids=lambda arguments: " ".join(arguments),
)
def test_a_database_that_is_not_migrated_is_refused_by_each(
    portal: RunCommand, arguments: tuple[str, ...]
):
    answer = portal("cache", *arguments)
    assert (answer.code, answer.output) == (1, "")
    assert answer.errors == (
        f"portal: the database schema is at nothing, this version needs {schema.head()};"
        " run: portal db upgrade\n"
    )


def test_settings_that_forbid_to_start_end_as_those_of_every_command(
    migrated: RunCommand, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("PORTAL_SECRET_KEY", "short")
    answer = migrated("cache", "stats")
    assert answer.code == os.EX_CONFIG
    assert "PORTAL_SECRET_KEY is shorter than 32 characters" in answer.errors


def test_a_page_of_which_nothing_is_shared_is_explained_all_the_same(migrated: RunCommand):
    answer = migrated("cache", "explain", "/")
    assert answer.code == 0
    lines = answer.output.splitlines()
    assert lines[0].startswith("/ (vi): 200, layout home, log at ")
    assert lines[1] == "address: not in the cache"
    assert lines[-1] == (
        "nothing is shared between processes; give the address of the running portal"
    )
    report = migrated("cache", "explain", "/", "--format", "json").data
    assert {block["where"] for block in report["blocks"]} == {"nowhere"}
    assert {block["reason"]["kind"] for block in report["blocks"]} <= {
        *("missed", "unshared", "not-shown", "deferred"),
    }


def test_what_a_process_finds_is_counted(migrated: RunCommand):
    values = migrated("cache", "stats", "--format", "json").data
    assert values["entries"] == 0
    assert values["log_position"] >= 1
    lines = migrated("cache", "stats").output.splitlines()
    assert lines[0].split("\t") == ["what", "number"]
