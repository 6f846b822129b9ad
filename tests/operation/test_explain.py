"""What operators ask and order of running portals: `portal cache …` beside real servers."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import ExitStack
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from sqlalchemy import NullPool
from sqlalchemy import make_url
from sqlalchemy.orm import Session

from portal.content import commands
from portal.content.drafts import ArticleDraft
from portal.content.drafts import SectionDraft
from portal.extensions import make_engine
from portal.web.operators import HEADER
from portal.web.operators import ROOT
from portal.web.operators import sign
from tests.operation.running import GRANIAN
from tests.operation.running import HOST
from tests.operation.running import REPOSITORY
from tests.operation.running import SECRET
from tests.operation.running import RunningServer
from tests.operation.running import environment
from tests.operation.running import run_server
from tests.servers import RedisServer

SITE = "bach_tra"
OLD, NEW = "Thông xe cầu Bến Ngần", "Cầu Bến Ngần thông xe sớm một tháng"
TRUST_SECONDS = 1.0
ONE_WORKER = ("--workers", "1")


@dataclass(frozen=True, slots=True)
class Answer:
    """How a command ended, and what it said."""

    code: int
    output: str
    errors: str

    @property
    def data(self) -> Any:
        """Its output as JSON."""
        return json.loads(self.output)


def run_portal(environ: Mapping[str, str], *arguments: str) -> Answer:
    """`portal …` as a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "portal.cli", *arguments],
        cwd=REPOSITORY,
        env=dict(environ),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return Answer(done.returncode, done.stdout, done.stderr)


def fill(url: str) -> list[int]:
    """Three articles of the shipped site, the newest first; returns their ids."""
    now = datetime.now(UTC)
    engine = make_engine(url, poolclass=NullPool)
    with Session(engine) as session, session.begin():
        commands.save_site(session, SITE)
        commands.save_sections(session, SITE, [SectionDraft("tin-tuc", {"vi": "Tin tức"})])
        drafts = [
            ArticleDraft(
                locale="vi",
                headline=headline,
                lead="Sáng nay.",
                body="<p>Sáng nay.</p>",
                section="tin-tuc",
                status="published",
                published=now - timedelta(hours=hours),
            )
            for hours, headline in enumerate((OLD, "Họp chợ phiên", "Lịch tiêm chủng"), start=1)
        ]
        return [commands.save_article(session, SITE, draft, now=now).article_id for draft in drafts]


def execute(url: str, statement: str, *values: object) -> list[Any]:
    """One statement by the driver alone, as a person with psql or sqlite3 gives it; its rows."""
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        with closing(sqlite3.connect(str(address.database))) as plain, plain:
            return plain.execute(statement, values).fetchall()
    conninfo = address.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(conninfo) as connection:
        done = connection.execute(statement.replace("?", "%s"), values)
        return done.fetchall() if done.description else []


def start_two(stack: ExitStack, environ: Mapping[str, str], folder: Path) -> list[RunningServer]:
    """Two servers of one worker each: two processes that share nothing but what `environ` says."""
    servers = []
    for name in ("one", "two"):
        own = folder / name
        own.mkdir(exist_ok=True)
        servers.append(stack.enter_context(run_server(GRANIAN, environ, own, *ONE_WORKER)))
    return servers


def page(server: RunningServer, path: str = "/") -> str:
    answer = server.ask(path)
    assert answer.status == 200
    body: bytes = answer.body  # type: ignore[attr-defined]  # kept by the runner
    return body.decode()


def address(server: RunningServer, path: str = "/") -> str:
    return f"http://127.0.0.1:{server.port}{path}"


def explain(server: RunningServer, path: str = "/") -> Any:
    """What the worker says of a page, asked as the command line asks it."""
    asked = f"{ROOT}/explain?path={quote(path, safe='')}"
    answer = server.ask(asked, **{HEADER: sign(SECRET, asked)})
    assert answer.status == 200
    return json.loads(answer.body)  # type: ignore[attr-defined]  # kept by the runner


def made(server: RunningServer, path: str = "/") -> dict[str, int]:
    """At which position of the log the worker's copy of each block was made."""
    return {
        f"{block['placement']} {block['block']}": block["position"]
        for block in explain(server, path)["blocks"]
        if block["position"] is not None
    }


# --- the promise --------------------------------------------------------------------------------


def test_a_headline_changed_by_raw_sql_is_seen_in_both_workers_and_explained(
    database_url: str, tmp_path: Path
):
    number = fill(database_url)[0]
    environ = environment(database_url, tmp_path, TRUSTED_HOSTS=HOST)
    with ExitStack() as stack:
        servers = start_two(stack, environ, tmp_path)
        for server in servers:
            assert OLD in page(server)
        before = datetime.now(UTC).replace(microsecond=0)
        execute(database_url, "UPDATE article SET headline = ? WHERE id = ?", NEW, number)
        committed = time.monotonic()
        after = datetime.now(UTC)
        for server in servers:
            while True:
                asked = time.monotonic()
                if NEW in page(server):
                    break
                # SQLite is asked by every page; a follower of PostgreSQL is believed for a second.
                assert database_url.startswith("postgresql")
                assert asked - committed <= TRUST_SECONDS
        tag = f"article:{number}"
        newest = "SELECT max(position) FROM cache_log WHERE tag = ?"
        position = execute(database_url, newest, tag)[0][0]
        reports = [explain(server) for server in servers]
        text = run_portal(environ, "cache", "explain", address(servers[1]))
        assert text.code == 0, text.errors
        for report in reports:
            causes = {block["block"]: block["cause"] for block in report["blocks"]}
            rebuilt = [cause for cause in causes.values() if cause and cause["tag"] == tag]
            assert rebuilt
            for cause in rebuilt:
                assert (cause["kind"], cause["position"]) == ("ended", position)
                assert before <= datetime.fromisoformat(cause["at"]) <= after
                assert cause["at"].endswith("+07:00")
            assert causes["site_footer"]["kind"] == "missed"
        at = rebuilt[0]["at"]
        assert f"last made because: ended by {tag} at position {position} ({at})" in text.output


# --- purging and warming --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Pair:
    """Two workers of one portal with a Redis, and the surroundings of its commands."""

    environ: Mapping[str, str]
    servers: list[RunningServer]
    folder: Path
    folder: Path


@pytest.fixture(scope="module")
def pair(
    sqlite_template: Path, redis_server: RedisServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Pair]:
    """For tests that leave the content as it is."""
    folder = tmp_path_factory.mktemp("pair")
    shutil.copyfile(sqlite_template, folder / "portal.sqlite3")
    url = f"sqlite:///{folder / 'portal.sqlite3'}"
    fill(url)
    environ = environment(
        url,
        folder,
        TRUSTED_HOSTS=HOST,
        CACHE_REDIS_URL=redis_server.url,
        CACHE_KEY_PREFIX=f"{folder.name}:",
        CACHE_OPTIONS='{"socket_timeout": 2.0, "socket_connect_timeout": 2.0}',
        CACHE_STATUS="true",
    )
    with ExitStack() as stack:
        yield Pair(environ, start_two(stack, environ, folder), folder)


def test_a_purge_ends_in_every_worker_what_it_names_and_nothing_else(pair: Pair):
    for server in pair.servers:
        page(server)
        page(server, "/tin-tuc/")
    home = [made(server) for server in pair.servers]

    done = run_portal(pair.environ, "cache", "purge", "--block", "latest", "--format", "json")
    assert done.code == 0, done.errors
    position = done.data["position"]
    assert done.data == {"ended": ["block:latest"], "position": position}
    for server, before in zip(pair.servers, home, strict=True):
        page(server)
        after = made(server)
        anew = {name for name, at in after.items() if at >= position}
        assert anew == {name for name in after if name.endswith(" latest")}
        assert anew
        assert {name: after[name] for name in after.keys() - anew} == {
            name: before[name] for name in before.keys() - anew
        }

    done = run_portal(pair.environ, "cache", "purge", "--url", "/tin-tuc/", "--format", "json")
    position = done.data["position"]
    assert all(tag.startswith("key:") for tag in done.data["ended"])
    server = pair.servers[0]
    page(server)
    page(server, "/tin-tuc/")
    section = made(server, "/tin-tuc/")
    assert section
    assert all(at >= position for at in section.values())
    # What the home page shares with it is made anew; what it alone shows is not.
    kept = {name: at for name, at in made(server).items() if at < position}
    assert any(name.endswith(" latest") for name in kept)

    done = run_portal(pair.environ, "cache", "purge", "--all")
    assert done.code == 0
    assert done.output.startswith("1 rows appended to the log, which stands at ")
    position = int(done.output.split("stands at ")[1].split(":")[0])
    for server in pair.servers:
        page(server)
        assert min(made(server).values()) >= position


@pytest.mark.parametrize("way", ["--from-log", "--sitemap"])
def test_after_warming_a_fresh_worker_renders_no_block(pair: Pair, tmp_path: Path, way: str):
    execute(pair.environ["PORTAL_DATABASE_URL"], "INSERT INTO cache_log (tag) VALUES ('*')")
    asked = [way]
    if way == "--from-log":
        line = '192.0.2.1 - - [24/Nov/2026:09:30:00 +0700] "GET {} HTTP/1.1" 200 4096\n'
        log = tmp_path / "access.log"
        log.write_text("".join(map(line.format, ["/?utm_source=x", "/", "/-/x", "/tin-tuc/"])))
        asked.append(str(log))
    done = run_portal(pair.environ, "cache", "warm", *asked, "--format", "json")
    assert done.code == 0, done.errors
    assert done.data["stored"] > 0
    if way == "--from-log":
        assert (done.data["pages"], done.data["statuses"]) == (2, {"200": 2})
    else:
        assert set(done.data["statuses"]) == {"200"}
        assert done.data["pages"] >= 5
    with run_server(GRANIAN, pair.environ, tmp_path, *ONE_WORKER) as fresh:
        for path in ("/", "/tin-tuc/"):
            status = fresh.ask(path).headers["Cache-Status"]
            ready, _, all_of_them = status.partition('detail="')[2].partition(" ")[0].partition("/")
            assert ready == all_of_them != "0"
        asked_at = f"{ROOT}/statistics"
        answer = fresh.ask(asked_at, **{HEADER: sign(SECRET, asked_at)})
        counts = json.loads(answer.body)  # type: ignore[attr-defined]  # kept by the runner
        assert counts["shared_hits"] > 0
        # Nothing was rendered, so nothing was to be shared.
        assert counts.get("shared_stored", 0) == 0
        assert counts.get("shared_claimed", 0) == 0


# --- the secret of a development machine --------------------------------------------------------


def test_a_development_server_and_the_command_line_share_a_secret_nobody_set(
    sqlite_url: str, tmp_path: Path
):
    environ = environment(sqlite_url, tmp_path, SECRET_KEY="", ENVIRONMENT="development")
    assert "PORTAL_SECRET_KEY" not in environ
    secret = tmp_path / "development-secret"
    with run_server(GRANIAN, environ, tmp_path, *ONE_WORKER) as server:
        kept = secret.read_bytes()
        told = run_portal(environ, "cache", "explain", address(server), "--format", "json")
        assert told.code == 0, told.errors
        assert told.data["layout"] == "home"
        assert secret.read_bytes() == kept
        # A command that found another secret is told so by the server.
        other = {**environ, "PORTAL_SECRET_KEY": "0123456789abcdef" * 4}
        refused = run_portal(other, "cache", "stats", address(server, ""))
        assert (refused.code, refused.output) == (1, "")
        assert refused.errors == (
            f"portal: http://127.0.0.1:{server.port}: what answers there does not know our"
            " signature; it runs with another secret than this command (PORTAL_SECRET_KEY),"
            " or it is no portal\n"
        )
        secret.chmod(0o644)
        refused = run_portal(environ, "cache", "stats", address(server, ""))
        assert refused.code == os.EX_CONFIG
        assert refused.errors.endswith(
            f"portal: {secret}: the secret of this portal has mode 0644, so others can read it;"
            " delete the file, and the next start makes a new one with mode 0600\n"
        )
