"""The repository works anywhere: it names no folder of one machine and no package server."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
# Made here by tools, or by running the portal; none of it is part of the repository.
MADE = {".cache", ".git", ".hypothesis", ".venv", "__pycache__", "build", "var"}
TEXT = {".css", ".html", ".in", ".js", ".json", ".lock", ".md", ".py", ".svg", ".toml", ".txt"}
TEXT |= {".yaml", ".yml", ""}
LARGEST_FILE = 1_000_000

# The parts are joined here so that this file does not contain what it looks for.
HOME_FOLDERS = "|".join(("home", "root", "Users", "work"))
MACHINE_PATH = re.compile(rf"(?<![\w.:/}}>-])/(?:{HOME_FOLDERS})/\w")
PACKAGE_SERVER = re.compile(
    "|".join(
        (
            r"https?://[\w.-]*" + r"(?:pypi|pythonhosted|npmjs|npm\.registry)",
            r"--(?:extra-)?index" + r"-url",
            r"\bregistry\s*=\s*[\"']?https?:",
        )
    )
)


def files() -> Iterator[Path]:
    """Every file of the repository."""
    folders = [REPOSITORY]
    while folders:
        for item in sorted(folders.pop().iterdir()):
            made = item.name in MADE or item.name.endswith((".egg-info", "_cache"))
            if made:
                continue
            if item.is_dir():
                folders.append(item)
            else:
                yield item


def texts() -> Iterator[tuple[str, str]]:
    """The path and the content of every text file, but the input of tests: some is broken."""
    for file in files():
        name = str(file.relative_to(REPOSITORY))
        if file.suffix in TEXT and not name.startswith(("tests/layout_corpus", "tests/data")):
            yield name, file.read_text(encoding="utf-8")


def places(pattern: re.Pattern[str]) -> list[str]:
    """Where the pattern occurs."""
    return [f"{name}: {match[0]}" for name, text in texts() for match in pattern.finditer(text)]


def test_no_file_names_a_folder_of_one_machine() -> None:
    assert places(MACHINE_PATH) == []


def test_no_file_names_a_package_server() -> None:
    assert places(PACKAGE_SERVER) == []


def test_no_lock_names_an_address() -> None:
    locks = [text for name, text in texts() if name.endswith((".lock", "package-lock.json"))]
    assert len(locks) > 4
    assert [text for text in locks if re.search(r"https?://", text)] == []


def test_text_is_composed_and_ends_with_a_line_break() -> None:
    wrong = [
        name
        for name, text in texts()
        if text
        and not (
            unicodedata.is_normalized("NFC", text) and text.endswith("\n") and "\r" not in text
        )
    ]
    assert wrong == []


def test_files_are_small() -> None:
    assert [file.name for file in files() if file.stat().st_size > LARGEST_FILE] == []
