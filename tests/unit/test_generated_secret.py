"""The secret that a development machine makes for itself."""

from __future__ import annotations

import multiprocessing
import stat
from pathlib import Path

import pytest

from portal.errors import SettingsError
from portal.generated_secret import secret_file
from portal.generated_secret import secret_of
from portal.settings import Settings


def development(folder: Path) -> Settings:
    return Settings(environment="development", media=folder / "var" / "media")


def read_secret(folder: Path, gate: object, answers: object) -> None:
    """One of several processes that start at the same moment."""
    gate.wait()  # type: ignore[attr-defined]  # a barrier of whichever context
    answers.put(secret_of(development(folder)))  # type: ignore[attr-defined]  # a queue likewise


def test_processes_that_start_together_make_one_secret(tmp_path: Path):
    context = multiprocessing.get_context("fork")
    gate, answers = context.Barrier(8), context.Queue()
    processes = [
        context.Process(target=read_secret, args=(tmp_path, gate, answers)) for _ in range(8)
    ]
    for process in processes:
        process.start()
    found = {answers.get(timeout=20) for _ in processes}
    for process in processes:
        process.join(20)
    assert len(found) == 1
    # Nothing is left of those that lost.
    assert [file.name for file in (tmp_path / "var").iterdir()] == ["development-secret"]


def test_the_file_is_for_its_owner_alone_and_holds_64_random_digits(tmp_path: Path):
    settings = development(tmp_path)
    secret = secret_of(settings)
    file = secret_file(settings)
    assert file == tmp_path / "var" / "development-secret"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.read_text("ascii") == secret + "\n"
    assert len(bytes.fromhex(secret)) == 32
    assert secret_of(settings) == secret
    assert secret_of(development(tmp_path / "other")) != secret


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_a_file_that_others_can_read_is_refused(tmp_path: Path, mode: int):
    settings = development(tmp_path)
    secret_of(settings)
    file = secret_file(settings)
    file.chmod(mode)
    with pytest.raises(SettingsError) as refused:
        secret_of(settings)
    assert str(refused.value) == (
        f"{file}: the secret of this portal has mode {mode:04o}, so others can read it;"
        " delete the file, and the next start makes a new one with mode 0600"
    )
    file.unlink()
    assert secret_of(settings)


def test_a_file_that_somebody_emptied_is_refused(tmp_path: Path):
    settings = development(tmp_path)
    secret_of(settings)
    secret_file(settings).write_text("short", "ascii")
    with pytest.raises(SettingsError, match="is shorter than 32 characters; delete the file"):
        secret_of(settings)


def test_a_link_is_not_followed(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    """What it leads to may be read or written by somebody else."""
    settings = development(tmp_path)
    target = tmp_path / "elsewhere"
    target.write_text("e" * 64, "ascii")
    target.chmod(0o600)
    (tmp_path / "var").mkdir()
    secret_file(settings).symlink_to(target)
    assert secret_of(settings) != "e" * 64
    assert "no secret is shared with other processes" in caplog.text


def test_a_secret_that_is_set_is_used_and_nothing_is_written(tmp_path: Path):
    settings = development(tmp_path).model_copy(update={"secret_key": "k" * 32})
    assert secret_of(settings) == "k" * 32
    assert not (tmp_path / "var").exists()


def test_production_shares_no_secret_that_nobody_set(tmp_path: Path):
    settings = Settings(media=tmp_path / "var" / "media")
    assert secret_of(settings) != secret_of(settings)
    assert not (tmp_path / "var").exists()
