"""Nothing is lost: backup, restore and copies between databases, compared byte by byte."""

from __future__ import annotations

import io
import os
import signal
import sqlite3
import subprocess
import sys
import tarfile
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy import NullPool
from sqlalchemy import inspect
from sqlalchemy.exc import OperationalError

from portal.archive import copy_database
from portal.archive import verify_archive
from portal.archive import write_archive
from portal.cli.running import ending_properly
from portal.cli.trouble import describe
from portal.content import log
from portal.content import schema
from portal.content.downgrading import downgrade
from portal.content.receiving import open_destination
from portal.content.receiving import write_lines
from portal.content.transfer import open_source
from portal.content.transfer import site_tables
from portal.content.triggers import find_differences
from portal.errors import ArchiveError
from portal.extensions import make_engine
from portal.extensions import show_address
from tests.operation.conftest import NOW
from tests.operation.conftest import StoredSite
from tests.operation.conftest import back_up
from tests.operation.conftest import bring_back
from tests.operation.conftest import silence

SITE = next(table for table in site_tables() if table.name == "site")


@pytest.mark.parametrize("name", ["site.tar", "site.tar.gz"])
def test_a_restored_site_is_the_one_that_was_backed_up(
    stored: StoredSite, empty: StoredSite, tmp_path: Path, name: str
):
    """The drill: every table, every file, from either database into either."""
    archive = back_up(stored, tmp_path / name)
    bring_back(archive, empty)

    assert empty.digests() == stored.digests()
    assert sum(digest.rows for digest in empty.digests().values()) > 50
    assert empty.files() == stored.files() != {}
    assert (empty.config / "layouts" / "home.yaml").read_text("utf-8") == "layout: home\n"
    assert empty.epoch != stored.epoch
    # Made again, the archive is the same in every byte, whichever database it came from.
    again = back_up(empty, tmp_path / f"again-{name}")
    assert contents(again) == contents(archive)
    if name.endswith(".tar"):
        assert again.read_bytes() == archive.read_bytes()


def contents(archive: Path) -> dict[str, bytes]:
    with tarfile.open(archive) as tar:
        return {member.name: tar.extractfile(member).read() for member in tar}  # type: ignore[union-attr]  # all are files


def test_a_copy_has_the_same_rows_and_numbers_new_ones_above_them(
    stored: StoredSite, empty: StoredSite
):
    digests = copy_database(stored.url, empty.url, force=False, step=silence)

    assert digests == stored.digests() == empty.digests()
    assert empty.epoch != stored.epoch
    assert empty.execute("SELECT successor_id FROM article WHERE id = 1") == stored.execute(
        "SELECT max(id) FROM article"
    )
    greatest = stored.execute("SELECT max(id) FROM tag")[0][0]
    empty.execute("INSERT INTO tag (site, slug, name) VALUES ('mau', 'new', '{}')")
    assert empty.execute("SELECT id FROM tag WHERE slug = 'new'") == [(int(str(greatest)) + 1,)]


def test_a_site_that_went_there_and_back_is_unchanged(
    stored: StoredSite, empty: StoredSite, tmp_path: Path
):
    before = stored.digests()
    copy_database(stored.url, empty.url, force=False, step=silence)
    copy_database(empty.url, stored.url, force=True, step=silence)
    assert stored.digests() == before


def assert_refused(archive: Path, source: StoredSite, destination: StoredSite) -> None:
    """Neither a restore nor a copy goes where something is."""
    with pytest.raises(ArchiveError, match="not empty"):
        bring_back(archive, destination)
    with pytest.raises(ArchiveError, match="not empty"):
        copy_database(source.url, destination.url, force=False, step=silence)


def test_what_is_there_is_replaced_only_by_force(
    stored: StoredSite, empty: StoredSite, tmp_path: Path
):
    archive = back_up(stored, tmp_path / "site.tar")
    schema.upgrade(empty.url)
    empty.execute("INSERT INTO site (key) VALUES ('other')")

    assert_refused(archive, stored, empty)
    assert empty.execute("SELECT key FROM site") == [("other",)]
    assert not empty.media.exists()

    bring_back(archive, empty, force=True)
    assert empty.digests() == stored.digests()


def test_a_refusal_leaves_an_older_schema_as_it_is(
    sqlite_site: StoredSite, empty: StoredSite, tmp_path: Path
):
    """Its own release goes on with it."""
    archive = back_up(sqlite_site, tmp_path / "site.tar")
    schema.upgrade(empty.url)
    downgrade(empty.url, "0004")
    empty.execute("INSERT INTO site (key) VALUES ('other')")
    assert_refused(archive, sqlite_site, empty)
    assert schema.current(empty.url) == "0004"

    copy_database(sqlite_site.url, empty.url, force=True, step=silence)
    assert schema.current(empty.url) == schema.head()
    assert empty.execute("SELECT key FROM site") == [("mau",)]


def test_by_force_a_folder_has_the_sites_files_of_the_archive_and_no_others(
    sqlite_site: StoredSite, tmp_path: Path
):
    (sqlite_site.config / "layouts").mkdir()
    for name in ("site.yaml", "layouts/home.yaml"):
        (sqlite_site.config / name).write_text("", "utf-8")
    archive = back_up(sqlite_site, tmp_path / "site.tar")
    (sqlite_site.config / "layouts" / "stale.yaml").write_text("layout: stale\n", "utf-8")
    (sqlite_site.config / ".git").mkdir()
    for hidden in (".git/HEAD", ".gitignore"):
        (sqlite_site.config / hidden).write_text("", "utf-8")
    bring_back(archive, sqlite_site, force=True)
    left = {path for path in sqlite_site.config.rglob("*") if path.is_file()}
    assert {path.relative_to(sqlite_site.config).as_posix() for path in left} == {
        "site.yaml",
        "layouts/home.yaml",
        ".git/HEAD",
        ".gitignore",
    }


def test_a_restore_takes_away_what_stands_behind_a_linked_folder_of_layouts(
    sqlite_site: StoredSite, tmp_path: Path
):
    """Under whatever other name a link leads there, and nothing behind links to elsewhere."""
    layouts, elsewhere = tmp_path / "layouts", tmp_path / "elsewhere"
    for folder in (sqlite_site.config / "layouts", elsewhere):
        folder.mkdir()
    for name in ("site.yaml", "layouts/home.yaml"):
        (sqlite_site.config / name).write_text("", "utf-8")
    archive = back_up(sqlite_site, tmp_path / "site.tar")
    (sqlite_site.config / "layouts").rename(layouts)
    (sqlite_site.config / "layouts").symlink_to(layouts)
    for file in (layouts / "stale.yaml", layouts / "stale.yml", elsewhere / "compose.yaml"):
        file.write_text("", "utf-8")
    (layouts / "twice.yaml").symlink_to("home.yaml")
    (layouts / "round").symlink_to(sqlite_site.config)
    for name, place in {"again": layouts, "other": elsewhere, "up": tmp_path}.items():
        (sqlite_site.config / name).symlink_to(place)
    bring_back(archive, sqlite_site, force=True)
    assert {file.name for file in layouts.iterdir()} == {"home.yaml", "round"}
    assert (elsewhere / "compose.yaml").exists()


def test_a_restore_takes_away_nothing_but_yaml_and_nothing_of_media(
    sqlite_site: StoredSite, tmp_path: Path
):
    site = StoredSite(sqlite_site.url, sqlite_site.config / "media", sqlite_site.config)
    (site.config / "site.yaml").write_text("", "utf-8")
    archive = back_up(sqlite_site, tmp_path / "site.tar")
    kept = {site.config / name for name in ("notes.txt", "backups/old.tar.gz", "media/b.yaml")}
    for file in kept:
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(b"")
    bring_back(archive, site, force=True)
    assert all(file.exists() for file in kept)


def test_a_file_in_an_archive_replaces_neither_the_database_nor_the_archive(
    sqlite_site: StoredSite, tmp_path: Path
):
    """Archives of before may hold both, when they lay among the site's files."""
    config = tmp_path / "whole"
    site = StoredSite(f"sqlite:///{config / 'portal.db'}", sqlite_site.media, config)
    for name in ("site.yaml", "portal.db", "site.tar"):
        (sqlite_site.config / name).write_text("old", "utf-8")
    config.mkdir()
    archive = back_up(sqlite_site, config / "site.tar")
    (config / "site.yaml").write_text("", "utf-8")
    before = archive.read_bytes()
    bring_back(archive, site, force=True)
    assert archive.read_bytes() == before
    assert site.execute("SELECT key FROM site") == [("mau",)]


def test_an_archive_without_a_sites_files_takes_none_away(sqlite_site: StoredSite, tmp_path: Path):
    archive = back_up(sqlite_site, tmp_path / "site.tar")
    (sqlite_site.config / "site.yaml").write_text("", "utf-8")
    bring_back(archive, sqlite_site, force=True)
    assert (sqlite_site.config / "site.yaml").exists()


def test_a_folder_of_something_else_is_not_replaced_by_force(
    sqlite_site: StoredSite, tmp_path: Path
):
    archive = back_up(sqlite_site, tmp_path / "site.tar")
    (sqlite_site.config / "letter.txt").write_text("Dear colleagues", "utf-8")
    with pytest.raises(ArchiveError, match="has no site.yaml, so it is no folder of a site"):
        bring_back(archive, sqlite_site, force=True)
    assert (sqlite_site.config / "letter.txt").exists()


def test_a_backup_is_one_state_of_the_database(stored: StoredSite, tmp_path: Path):
    """An editor who saves while it runs is in the next one."""
    before = stored.digests()

    def save() -> None:
        stored.execute("UPDATE article SET headline = 'Đã sửa' WHERE id = 2")

    manifest = write_archive(
        tmp_path / "site.tar",
        database_url=stored.url,
        media=stored.media,
        config=stored.config,
        now=NOW,
        step=save,
    )
    assert stored.digests()["article"] != before["article"]
    assert {name: entry.sha256 for name, entry in manifest.tables.items()} == {
        name: digest.sha256 for name, digest in before.items()
    }


def test_an_archive_is_for_its_owner_only_and_appears_when_it_is_whole(
    sqlite_site: StoredSite, tmp_path: Path
):
    target = tmp_path / "backups" / "site.tar"
    back_up(sqlite_site, target)
    assert target.stat().st_mode & 0o777 == 0o600

    kept = target.read_bytes()
    with pytest.raises(ZeroDivisionError):
        write_archive(
            target,
            database_url=sqlite_site.url,
            media=sqlite_site.media,
            config=sqlite_site.config,
            now=NOW,
            step=break_off,
        )
    assert target.read_bytes() == kept
    assert [file.name for file in target.parent.iterdir()] == ["site.tar"]


def break_off() -> None:
    raise ZeroDivisionError


def test_an_archive_that_is_ended_by_a_signal_leaves_nothing(
    sqlite_site: StoredSite, tmp_path: Path
):
    target = tmp_path / "backups" / "site.tar"
    with pytest.raises(SystemExit) as ended, ending_properly():
        write_archive(
            target,
            database_url=sqlite_site.url,
            media=sqlite_site.media,
            config=sqlite_site.config,
            now=NOW,
            step=lambda: os.kill(os.getpid(), signal.SIGTERM),
        )
    assert ended.value.code == 128 + signal.SIGTERM
    assert list(target.parent.iterdir()) == []


KILLED = """
import os, signal, sys
from pathlib import Path
from portal.archive import write_archive
from portal.cli.running import ending_properly
from portal.cli.trouble import describe
from tests.operation.conftest import NOW
target, url, media, config = sys.argv[1:]
write_archive(
    Path(target), database_url=url, media=Path(media), config=Path(config), now=NOW,
    step=lambda: os.kill(os.getpid(), signal.SIGKILL),
)
"""


def test_what_a_killed_backup_left_is_removed_by_the_next_of_that_name(
    sqlite_site: StoredSite, tmp_path: Path
):
    target = tmp_path / "backups" / "site.tar"
    places = (target, sqlite_site.url, sqlite_site.media, sqlite_site.config)
    done = subprocess.run([sys.executable, "-c", KILLED, *map(str, places)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert len(list(target.parent.iterdir())) == 1
    foreign = {target.with_name(".site.tar.copy"), target.with_name(".other.tar.1.unfinished")}
    for file in foreign:
        file.write_bytes(b"")
    back_up(sqlite_site, target)
    assert set(target.parent.iterdir()) == {target, *foreign}


def test_two_backups_of_one_name_leave_each_other_alone(sqlite_site: StoredSite, tmp_path: Path):
    target = tmp_path / "backups" / "site.tar"

    def meanwhile() -> None:
        back_up(sqlite_site, target)
        assert len(list(target.parent.iterdir())) == 2

    write_archive(
        target,
        database_url=sqlite_site.url,
        media=sqlite_site.media,
        config=sqlite_site.config,
        now=NOW,
        step=meanwhile,
    )
    assert list(target.parent.iterdir()) == [target]
    verify_archive(target)


@pytest.fixture
def sqlite_site(sqlite_url: str, tmp_path: Path) -> StoredSite:
    """A site without articles, with one file."""
    site = StoredSite(sqlite_url, tmp_path / "media", tmp_path / "config")
    for folder in (site.media, site.config):
        folder.mkdir()
    (site.media / "a.pdf").write_bytes(b"%PDF-" + bytes(100_000))
    site.execute("INSERT INTO site (key) VALUES ('mau')")
    return site


def flip(archive: Path) -> None:
    """One byte in the middle of a stored file."""
    content = bytearray(archive.read_bytes())
    content[content.index(b"%PDF-") + 50_000] ^= 1
    archive.write_bytes(content)


def cut(archive: Path) -> None:
    archive.write_bytes(archive.read_bytes()[:60_000])


def empty_it(archive: Path) -> None:
    archive.write_bytes(b"")


def add_member(name: str, kind: bytes = tarfile.REGTYPE) -> Callable[[Path], None]:
    def add(archive: Path) -> None:
        members = contents(archive)
        with tarfile.open(archive, "w") as tar:
            entry = tarfile.TarInfo(name)
            entry.type, entry.size, entry.linkname = kind, 0, "/etc/passwd"
            tar.addfile(entry)
            for inner, content in members.items():
                entry = tarfile.TarInfo(inner)
                entry.size = len(content)
                tar.addfile(entry, io.BytesIO(content))

    return add


@pytest.mark.parametrize(
    "damage",
    [
        flip,
        cut,
        empty_it,
        add_member("media/more.txt"),
        add_member("media/../../escaped"),
        add_member("/tmp/escaped"),  # noqa: S108 - must not be written
        add_member("media/link", tarfile.SYMTYPE),
        add_member("media/device", tarfile.CHRTYPE),
        add_member("other/file"),
    ],
    ids="flipped cut empty more outside absolute link device unknown".split(),
)
def test_a_damaged_archive_changes_nothing(
    sqlite_site: StoredSite, tmp_path: Path, damage: Callable[[Path], None]
):
    archive = back_up(sqlite_site, tmp_path / "site.tar")
    damage(archive)
    empty = StoredSite(f"sqlite:///{tmp_path / 'new.sqlite3'}", tmp_path / "m", tmp_path / "c")
    with pytest.raises(ArchiveError):
        verify_archive(archive)
    with pytest.raises(ArchiveError):
        bring_back(archive, empty)
    assert not (tmp_path / "new.sqlite3").exists()
    assert not empty.media.exists()
    assert not empty.config.exists()


def test_an_archive_of_another_schema_names_the_way(sqlite_site: StoredSite, tmp_path: Path):
    archive = back_up(sqlite_site, tmp_path / "site.tar")
    members = contents(archive)
    members["manifest.json"] = members["manifest.json"].replace(
        f'"schema_version": "{schema.head()}"'.encode(), b'"schema_version": "0000"'
    )
    with tarfile.open(archive, "w") as tar:
        for name, content in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    with pytest.raises(ArchiveError, match="then upgrade: portal db upgrade"):
        bring_back(archive, StoredSite(f"sqlite:///{tmp_path / 'n'}", tmp_path / "m", tmp_path))


def test_a_database_of_an_older_schema_is_upgraded_first(tmp_path: Path):
    with pytest.raises(ArchiveError, match="run: portal db upgrade"):
        back_up(StoredSite(f"sqlite:///{tmp_path / 'none'}", tmp_path, tmp_path), tmp_path / "a")
    with pytest.raises(ArchiveError, match="run there: portal db upgrade"):
        copy_database(
            f"sqlite:///{tmp_path / 'none'}",
            f"sqlite:///{tmp_path / 'other'}",
            force=False,
            step=silence,
        )


def test_a_backup_may_pause_for_as_long_as_its_disk_does(postgres_url: str):
    """What limits a page's snapshot would end one that writes a hundred thousand articles."""
    limits = ("idle_in_transaction_session_timeout", "statement_timeout", "lock_timeout")
    with open_source(postgres_url) as connection:
        told = {name: connection.exec_driver_sql(f"SHOW {name}").scalar() for name in limits}
    assert told == dict.fromkeys(limits, "0")


def index_names(engine: Engine) -> set[tuple[str, str | None]]:
    return {
        (table.name, index["name"])
        for table in site_tables()
        for index in inspect(engine).get_indexes(table.name)
    }


def test_a_database_that_received_a_site_lacks_nothing(stored: StoredSite, empty: StoredSite):
    """What is left off while rows come is there again: triggers and indexes."""
    schema.upgrade(empty.url)
    engine = make_engine(empty.url, poolclass=NullPool)
    indexes = index_names(engine)
    copy_database(stored.url, empty.url, force=False, step=silence)

    assert find_differences(engine) == ()
    assert index_names(engine) == indexes
    assert len(indexes) > 20
    before = log.count_rows(engine)
    empty.execute("UPDATE article SET headline = 'Đã sửa' WHERE id = 2")
    assert log.count_rows(engine) > before


def test_rows_that_come_are_not_logged_one_by_one(
    stored: StoredSite, empty: StoredSite, tmp_path: Path
):
    """A hundred thousand articles would take as long for the log as for themselves."""
    copy_database(stored.url, empty.url, force=False, step=silence)

    logged = (
        "SELECT seq FROM sqlite_sequence WHERE name = 'cache_log'"
        if empty.url.startswith("sqlite")
        else "SELECT last_value FROM cache_pending_id_seq"
    )
    rows = sum(digest.rows for digest in empty.digests().values())
    assert int(str(empty.execute(logged)[0][0])) < 2 * len(site_tables()) < rows


def test_a_row_that_refers_to_none_is_refused_with_everything(
    sqlite_site: StoredSite, empty: StoredSite
):
    with closing(sqlite3.connect(sqlite_site.url.removeprefix("sqlite:///"))) as database, database:
        database.execute("PRAGMA foreign_keys = OFF")
        database.execute(
            "INSERT INTO rating (site, article_id, score, day, comment)"
            " VALUES ('mau', 999, 5, '2026-11-23', '')"
        )
    archive = back_up(sqlite_site, empty.media.parent / "site.tar")
    with pytest.raises(ArchiveError, match=r"rating[^$]*nothing was kept"):
        bring_back(archive, empty)
    assert empty.execute("SELECT key FROM site") == []


def test_a_server_that_ends_the_copy_of_rows_is_told_as_one_message(postgres_url: str):
    engine = make_engine(postgres_url, poolclass=NullPool)
    cancel_others = (
        "SELECT pg_cancel_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )

    def rows() -> Iterator[bytes]:
        yield b'["one"]'
        with engine.connect() as connection:
            connection.exec_driver_sql(cancel_others)
        yield b'["two"]'

    with pytest.raises(OperationalError) as raised, open_destination(postgres_url) as connection:
        write_lines(connection, SITE, rows())
    message = describe(raised.value) or ""
    assert message.startswith("the database cannot be used: ")
    assert "\n" not in message
    assert message.endswith(f"its address is {show_address(postgres_url)}")


def test_a_row_that_the_server_cannot_read_is_refused(postgres_url: str):
    with (
        pytest.raises(ArchiveError, match=r"site: .*nothing was kept"),
        open_destination(postgres_url) as connection,
    ):
        write_lines(connection, SITE, [b'["one\\u0000"]'])
