"""Every block folder has all that a site builder and a translator look for in it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from portal.cli.running import group
from portal.gallery.shelf import read_accessibility
from portal.i18n import Catalog
from portal.scaffold import write_block

REPOSITORY = Path(__file__).parents[2]
FOLDERS = sorted(file.parent for file in (REPOSITORY / "blocks").glob("*/__init__.py"))
SHELL = REPOSITORY / "portal"

# A text asked for by its whole key, `t("minutes")`, or by its beginning, `t("name_" ~ locale)`.
_OWN = re.compile(r"\b(?:t|text)\(\s*(['\"])(\w+)\1(\s*~)?")
_SHELL = re.compile(r"\b(?:shell_text|_?catalog\.text)\(\s*(['\"])(\w+)\1(\s*~)?")
# Keys also stand in tables and names: any word in quotes may be one, `f"group_{name}"` begins one.
_WORD = re.compile(r"(['\"])(\w+)(?:\1|(\{))")


def read(folder: Path, *patterns: str) -> str:
    """All files below `folder` that match, in one text."""
    files = sorted(file for pattern in patterns for file in folder.rglob(pattern))
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


def asked(pattern: re.Pattern[str], text: str) -> tuple[set[str], tuple[str, ...]]:
    """The keys that `text` asks for, and the beginnings of keys."""
    found = [(match[2], bool(match[3])) for match in pattern.finditer(text)]
    whole = {key for key, joined in found if not joined}
    return whole, tuple(sorted({key for key, joined in found if joined}))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_block_folder_is_complete(folder: Path) -> None:
    module = ast.parse((folder / "__init__.py").read_text(encoding="utf-8"))
    readme = (folder / "README.md").read_text(encoding="utf-8")
    examples = sorted((folder / "examples").glob("*.yaml"))

    assert ast.get_docstring(module)
    assert readme.startswith(f"# {folder.name}\n")
    assert "<!-- settings -->" in readme
    assert f"block: {folder.name}" in readme
    assert (folder / "templates" / "blocks" / folder.name).is_dir()
    assert len(examples) >= 2
    assert "normal" in {file.stem for file in examples}


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_block_tells_the_gallery_how_everybody_can_use_it(folder: Path, tmp_path: Path) -> None:
    paragraphs = read_accessibility(folder / "README.md")
    write_block(folder.name, tmp_path)
    skeleton = read_accessibility(tmp_path / folder.name / "README.md")
    script = any((folder / "static").glob("*.js"))

    assert 1 <= len(paragraphs) <= 5
    # What a new block says of its greeting is not true of any other.
    assert skeleton
    assert set(paragraphs) & set(skeleton) == set()
    assert not script or "without scripts" in " ".join(paragraphs).lower()


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_block_asks_for_texts_it_has_and_has_no_others(folder: Path) -> None:
    has = Catalog.load(folder.name, folder / "catalog.yaml").keys
    whole, beginnings = asked(_OWN, read(folder, "*.html"))
    words, more = asked(_WORD, read(folder, "*.html", "*.py"))
    unknown_beginnings = [
        part for part in beginnings if not any(key.startswith(part) for key in has)
    ]

    assert whole - has == set()
    assert unknown_beginnings == []
    assert {key for key in has - words if not key.startswith(beginnings + more)} == set()


def test_shell_asks_for_texts_it_has_and_has_no_others() -> None:
    has = Catalog.load("portal", SHELL / "catalog.yaml").keys
    templates = read(REPOSITORY / "templates", "*.html") + read(REPOSITORY / "blocks", "*.html")
    pages, _ = asked(_OWN, read(REPOSITORY / "templates" / "layouts", "*.html"))
    macros, _ = asked(_SHELL, templates)
    code, _ = asked(_SHELL, read(SHELL, "*.py"))
    needed = pages | macros | code

    assert needed - has == set()
    assert has - needed == set()


@pytest.mark.parametrize(
    ("room", "pattern"),
    [
        ("web/api", "api.html"),
        ("gallery", "gallery*.html"),
        ("web/operating", "operating*.html"),
    ],
    ids=["api", "gallery", "operating"],
)
def test_pages_for_builders_ask_for_texts_they_have_and_have_no_others(
    room: str, pattern: str
) -> None:
    has = Catalog.load(room, SHELL / room / "catalog.yaml").keys
    pages = REPOSITORY / "templates" / "programs"
    html = read(pages, pattern) + read(pages, "page.html")
    whole, beginnings = asked(_OWN, html)
    # Messages are chosen by the views of the room.
    words, _ = asked(_WORD, html + read(SHELL / room, "*.py"))

    assert whole - has == set()
    assert {key for key in has - words if not key.startswith(beginnings)} == set()


@pytest.mark.parametrize(
    "file",
    [*sorted(SHELL.rglob("catalog.yaml")), *(folder / "catalog.yaml" for folder in FOLDERS)],
    ids=lambda file: f"{file.parents[1].name}/{file.parent.name}",
)
def test_texts_have_the_same_places_in_every_language(file: Path) -> None:
    for key, texts in (yaml.safe_load(file.read_text(encoding="utf-8")) or {}).items():
        # Where Vietnamese numbers its months, English names them: `{month}`, `{month_name}`.
        places = [set(re.findall(r"\{(\w+?)(?:_name)?\}", str(texts[locale]))) for locale in texts]
        assert places.count(places[0]) == len(places), key


def test_settings_tables_of_the_readmes_are_current(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(REPOSITORY)
    done = CliRunner().invoke(group, ["block", "readme", "--check"])

    assert done.exit_code == 0, done.output
