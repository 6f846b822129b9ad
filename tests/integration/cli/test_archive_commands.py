"""What an operator types to keep a site and to bring it back: backup and restore."""

from __future__ import annotations

import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from PIL import Image as Pillow

from tests.integration.cli.conftest import RunCommand


@pytest.fixture
def migrated(portal: RunCommand) -> RunCommand:
    """The command line with an empty, migrated database."""
    portal("db", "upgrade")
    return portal


def run_without_rights(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a command as somebody who may read only what the files' modes say, even for root."""
    return subprocess.run(
        ["unshare", "--user", sys.executable, "-m", "portal.cli", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


# --- backup -------------------------------------------------------------------------------------


def test_a_backup_counts_the_files_of_each_folder(migrated: RunCommand, tmp_path: Path):
    (tmp_path / "media").mkdir()
    (tmp_path / "media" / "a.pdf").write_bytes(b"%PDF-")
    files = sum(1 for path in (tmp_path / "config").rglob("*") if path.is_file())
    answer = migrated("backup", tmp_path / "site.tar")
    assert answer.code == 0
    assert f"tables, 1 files of media, {files} of config, made " in answer.output


@pytest.mark.parametrize("wrong", ["missing", "file"])
def test_a_backup_without_the_sites_files_is_refused(
    migrated: RunCommand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrong: str
):
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("PORTAL_CONFIG", str(tmp_path / wrong))
    answer = migrated("backup", tmp_path / "site.tar")
    assert answer.code == 1
    assert answer.errors.startswith(f"portal: {tmp_path / wrong}: ")
    assert "the archive would lack files of config; nothing was written" in answer.errors
    assert f"set PORTAL_CONFIG to the folder, which is {tmp_path / wrong} now" in answer.errors
    assert not (tmp_path / "site.tar").exists()


@pytest.mark.parametrize("wrong", ["missing", "empty"])
def test_a_backup_without_the_media_that_rows_are_about_is_refused(
    migrated: RunCommand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrong: str
):
    Pillow.new("RGB", (700, 700), "#1f5a3c").save(tmp_path / "cau.png")
    assert migrated("media", "add", tmp_path / "cau.png", "--alt", "Cầu").code == 0
    assert migrated("backup", tmp_path / "whole.tar").code == 0
    (tmp_path / "empty").mkdir()
    monkeypatch.setenv("PORTAL_MEDIA", str(tmp_path / wrong))
    answer = migrated("backup", tmp_path / "site.tar")
    assert answer.code == 1
    assert answer.errors.startswith(f"portal: {tmp_path / wrong}: ")
    assert f"set PORTAL_MEDIA to the folder, which is {tmp_path / wrong} now" in answer.errors
    assert not (tmp_path / "site.tar").exists()

    monkeypatch.setenv("PORTAL_MEDIA_STORE", "s3://bucket/portal")
    assert migrated("backup", tmp_path / "site.tar").code == 0


def test_a_site_without_media_needs_no_folder_of_them(migrated: RunCommand, tmp_path: Path):
    assert not (tmp_path / "media").exists()
    assert migrated("backup", tmp_path / "site.tar").code == 0


@pytest.mark.parametrize("folder", ["config", "media"])
def test_a_backup_that_cannot_look_into_a_folder_is_refused(
    migrated: RunCommand, tmp_path: Path, folder: str
):
    closed = tmp_path / folder / "closed"
    closed.mkdir(parents=True)
    (closed / "file").write_bytes(b"")
    closed.chmod(0)
    done = run_without_rights("backup", tmp_path / "site.tar")
    closed.chmod(0o700)
    assert done.returncode == 1
    assert done.stderr.startswith(
        f"portal: {closed}: Permission denied, so the archive would lack files of {folder};"
    )
    assert not (tmp_path / "site.tar").exists()


def test_a_backup_needs_a_name_that_the_disk_takes(migrated: RunCommand, tmp_path: Path):
    answer = migrated("backup", "")
    assert answer.code == 2
    assert "FILE has no name; give one such as site.tar.gz" in answer.errors
    answer = migrated("backup", tmp_path / f"{'a' * 240}.tar")
    assert answer.code == 1
    assert answer.errors.endswith(": File name too long; give a shorter name\n")
    assert answer.errors.count("\n") == 1


def members(archive: Path) -> set[str]:
    """The names of what is in an archive."""
    with tarfile.open(archive) as tar:
        return set(tar.getnames())


@pytest.mark.parametrize("place", ["elsewhere", "config/..2026_11_30"])
def test_a_backup_has_the_files_behind_links_to_folders(
    migrated: RunCommand, config: Path, tmp_path: Path, place: str
):
    """As Kubernetes mounts a volume with `items`, too: links into one that it exchanges."""
    assert migrated("backup", tmp_path / "plain.tar").code == 0
    target = tmp_path / place
    target.mkdir()
    (config / "..data").symlink_to(target)
    (config / "layouts").rename(target / "layouts")
    (config / "layouts").symlink_to("..data/layouts")
    for name, back in {"round": ".", "up": config, "above": tmp_path}.items():
        (target / "layouts" / name).symlink_to(back)
    (config / "ring").symlink_to("ring")
    assert migrated("backup", tmp_path / "linked.tar").code == 0
    assert members(tmp_path / "linked.tar") == members(tmp_path / "plain.tar")


def test_a_backup_into_the_folder_of_config_holds_neither_archives_nor_database_nor_media_twice(
    portal: RunCommand, config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("PORTAL_DATABASE_URL", f"sqlite:///{config / 'portal.db'}")
    monkeypatch.setenv("PORTAL_MEDIA", str(config / "stored"))
    files = {path for path in config.rglob("*") if path.is_file()}
    assert portal("db", "upgrade").code == 0
    for name in ("stored/a.pdf", "backups/daily/c.tar", "backups/.old.tar.1.unfinished"):
        (config / name).parent.mkdir(parents=True, exist_ok=True)
        (config / name).write_bytes(b"")
    for name in ("monday.tar", "tuesday.tar.gz", "site.backup", "site.backup"):
        assert portal("backup", config / "backups" / name).code == 0
    found = members(config / "backups" / "site.backup")
    expected = {f"config/{file.relative_to(config).as_posix()}" for file in files}
    assert {name for name in found if name.startswith(("config/", "media/"))} == {
        *expected,
        "config/backups/daily/c.tar",
        "media/a.pdf",
    }


# --- restore ------------------------------------------------------------------------------------


def test_a_restore_on_an_empty_machine_keeps_media_and_database_among_the_sites_files(
    migrated: RunCommand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    Pillow.new("RGB", (700, 700), "#1f5a3c").save(tmp_path / "cau.png")
    assert migrated("media", "add", tmp_path / "cau.png", "--alt", "Cầu").code == 0
    assert migrated("backup", tmp_path / "site.tar").code == 0
    site = tmp_path / "new"
    monkeypatch.setenv("PORTAL_MEDIA", str(site / "media"))
    monkeypatch.setenv("PORTAL_DATABASE_URL", f"sqlite:///{site / 'portal.db'}")
    answer = migrated("restore", tmp_path / "site.tar", "--config-to", site)
    assert (answer.code, answer.errors) == (0, "")
    assert any(path.is_file() for path in (site / "media").rglob("*"))
    assert (site / "portal.db").exists()
    assert migrated("db", "check").code == 0


def test_a_restore_keeps_the_archive_that_it_reads(
    migrated: RunCommand, config: Path, tmp_path: Path
):
    archive = config / "backups" / "site.tar"
    archive.parent.mkdir()
    assert migrated("backup", tmp_path / "site.tar").code == 0
    (tmp_path / "site.tar").rename(archive)
    assert migrated("restore", archive, "--config-to", config, "--force").code == 0
    assert archive.exists()


@pytest.mark.parametrize("content", [b"root:x:0:0:root:/root:/bin/sh\n", b"", b"\x1f\x8b\x08\0"])
@pytest.mark.parametrize("option", ["--check", "--force"])
def test_a_file_that_is_no_archive_is_told_in_one_line(
    migrated: RunCommand, tmp_path: Path, content: bytes, option: str
):
    file = tmp_path / "passwd"
    file.write_bytes(content)
    answer = migrated("restore", file, option)
    assert answer.code == 1
    assert answer.errors == (
        f"portal: {file} is no archive of a portal, but something else or damaged from its"
        " beginning; name a file that portal backup has written\n"
    )
