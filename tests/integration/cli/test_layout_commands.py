"""What a site builder types: check, layout show, layout why, layout migrate, schema."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.cli.conftest import RunCommand


def break_home(config: Path) -> Path:
    """Name a block in the home page that does not exist."""
    file = config / "layouts" / "home.yaml"
    file.write_text(file.read_text("utf-8").replace("block: latest", "block: latset", 1), "utf-8")
    return file


def test_check_counts_what_is_sound(portal: RunCommand, config: Path):
    answer = portal("check")
    assert answer.code == 0
    assert answer.output.startswith(f"{config}: ")
    assert answer.output.endswith(" layouts are sound\n")
    assert answer.errors == ""


def test_check_takes_another_folder(portal: RunCommand, config: Path, tmp_path: Path):
    other = config.rename(tmp_path / "other")
    assert portal("check", other).code == 0
    assert portal("check").code != 0


def test_check_names_file_line_and_way_out(portal: RunCommand, config: Path):
    file = break_home(config)
    lines = file.read_text("utf-8").splitlines()
    line = next(number for number, text in enumerate(lines, 1) if "latset" in text)
    answer = portal("check")
    assert answer.code == 1
    assert f"{file}:{line}:" in answer.errors
    assert "did you mean 'latest'?" in answer.errors
    assert answer.output == f"{config}: 1 error\n"


def test_check_speaks_json_to_programs(portal: RunCommand, config: Path):
    assert portal("check", "--format", "json").data == {"ok": True, "problems": []}
    break_home(config)
    answer = portal("check", "--format", "json")
    assert answer.code == 1
    assert answer.data["ok"] is False
    assert [problem["code"] for problem in answer.data["problems"]] == ["unknown-block"]


def test_layout_show_lists_all_layouts(portal: RunCommand):
    answer = portal("layout", "show", "--format", "json")
    assert answer.code == 0
    assert {"home", "section", "article", "404", "410", "503"} <= {
        item["layout"] for item in answer.data
    }
    assert "article" in portal("layout", "show").output


def test_layout_show_gives_placements_and_with_effective_every_value(portal: RunCommand):
    short = portal("layout", "show", "article")
    long = portal("layout", "show", "article", "--effective")
    assert (short.code, long.code) == (0, 0)
    assert "main: related (related)" in short.output
    assert "related" in long.output
    assert "base.yaml" in long.output
    assert len(long.output) > len(short.output)
    assert portal("layout", "show", "article", "--effective", "--format", "json").data


def test_layout_why_names_the_file_that_set_a_value(portal: RunCommand):
    answer = portal("layout", "why", "article", "related.settings.limit")
    assert answer.code == 0
    last = answer.output.splitlines()[-1]
    assert last.startswith("6\t")
    assert "article.yaml:" in last


def test_layout_migrate_says_that_there_is_nothing_to_do(portal: RunCommand):
    answer = portal("layout", "migrate")
    assert (answer.code, answer.output) == (0, "every layout is up to date\n")


def test_layout_migrate_writes_only_when_told(portal: RunCommand, config: Path):
    file = config / "layouts" / "article.yaml"
    old = file.read_text("utf-8").replace("block: related", "block: Block_BanTin_Related")
    file.write_text(old, "utf-8")
    answer = portal("layout", "migrate")
    assert answer.code == 0
    assert "nothing was written; add --write" in answer.output
    assert file.read_text("utf-8") == old
    assert portal("layout", "migrate", "--write").code == 0
    assert "Block_BanTin_Related" not in file.read_text("utf-8")
    assert portal("layout", "migrate").output == "every layout is up to date\n"


def test_schema_is_checked_written_and_printed(portal: RunCommand, config: Path):
    before = portal("schema", "--check")
    file = config / "schema" / "layout.json"
    assert before.code == 1
    assert before.errors == f"portal: {file} is out of date; run: portal schema --write\n"
    assert portal("schema", "--write").output == f"written: {file}\n"
    assert portal("schema", "--check").code == 0
    assert portal("schema").output == file.read_text("utf-8")
    assert "related" in str(portal("schema").data)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("check", "/no/such/folder"), "does not exist"),
        (("check", "--format", "xml"), "'xml' is not one of 'text', 'json'"),
        (("layout", "show", "artikel"), "article"),
        (("layout", "why", "article"), "PATH"),
        (("layout", "why", "artikel", "x"), "article"),
        (("layout", "why", "article", "relatde.settings.limit"), "related"),
        (("layout", "shwo"), "No such command"),
        (("chekc",), "No such command"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_wrong_call_is_one_message_with_a_way_out(
    portal: RunCommand, arguments: tuple[str, ...], says: str
):
    answer = portal(*arguments)
    assert answer.code != 0
    assert says in answer.errors
    assert "Traceback" not in answer.errors + answer.output


@pytest.mark.parametrize("arguments", [("layout", "show"), ("layout", "migrate"), ("doctor",)])
def test_a_broken_site_is_a_message_for_every_command(
    portal: RunCommand, config: Path, arguments: tuple[str, ...]
):
    break_home(config)
    answer = portal(*arguments)
    assert answer.code == 1
    assert "Traceback" not in answer.errors
    assert "home.yaml" in answer.errors or "portal check" in answer.output
