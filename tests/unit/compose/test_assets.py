"""Static files are served under names that change with their content."""

from __future__ import annotations

from pathlib import Path

import pytest

from portal.compose import AssetCatalog
from portal.errors import ConfigError


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "fonts").mkdir()
    (tmp_path / "fonts" / "a.woff2").write_bytes(b"font")
    (tmp_path / "style.css").write_text("a{src:url(fonts/a.woff2) url('data:x') url(#f)}")
    return tmp_path


def test_a_name_carries_a_hash_of_its_content(folder):
    first = AssetCatalog({"portal": folder}, {}).url("portal/style.css")
    (folder / "style.css").write_text("b{}")
    second = AssetCatalog({"portal": folder}, {}).url("portal/style.css")
    assert first != second
    assert first.startswith("/-/assets/portal/style.")


def test_a_stylesheet_points_at_the_hashed_names_of_its_neighbours(folder):
    catalog = AssetCatalog({"portal": folder}, {})
    found = catalog.find(catalog.url("portal/style.css"))
    font = catalog.url("portal/fonts/a.woff2")
    assert found is not None
    assert found.content.decode() == f"a{{src:url({font}) url('data:x') url(#f)}}"
    assert catalog.find(font).content == b"font"


def test_a_changed_font_changes_the_name_of_its_stylesheet(folder):
    first = AssetCatalog({"portal": folder}, {}).url("portal/style.css")
    (folder / "fonts" / "a.woff2").write_bytes(b"other")
    assert AssetCatalog({"portal": folder}, {}).url("portal/style.css") != first


def test_an_unknown_file_is_refused_with_the_known_ones(folder):
    with pytest.raises(ConfigError, match=r"portal/fonts/a\.woff2"):
        AssetCatalog({"portal": folder}, {}).url("portal/styles.css")


def test_an_unhashed_or_foreign_name_is_not_served(folder):
    catalog = AssetCatalog({"portal": folder}, {})
    assert catalog.find("/-/assets/portal/style.css") is None
    assert catalog.find("/-/assets/../pyproject.toml") is None


def test_the_styles_of_shipped_blocks_are_one_file_and_those_of_others_stay_apart(tmp_path: Path):
    folders = {}
    for owner in ("list", "menu", "weather"):
        folders[owner] = tmp_path / owner
        folders[owner].mkdir()
        (folders[owner] / f"{owner}.css").write_text(f".{owner} {{ color: red }}\n")
        (folders[owner] / f"{owner}.js").write_text("export {};\n")
    catalog = AssetCatalog(folders, {}, ("list", "menu"))
    assert catalog.read("portal/blocks.css").decode() == (
        ".list { color: red }\n\n.menu { color: red }\n"
    )
    bundled = [name for name in folders if catalog.is_bundled(catalog.url(f"{name}/{name}.css"))]
    assert bundled == ["list", "menu"]
    assert not catalog.is_bundled(catalog.url("list/list.js"))
