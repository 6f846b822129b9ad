"""Layout files are brought up to date in place; nothing else of them changes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from portal.errors import ConfigError
from portal.layouts import SiteFolder
from portal.layouts import load_site_folder
from portal.layouts.migrate import migrate_folder
from portal.layouts.migrate import rewrite
from tests.unit.layouts.layout_site import SPECS
from tests.unit.layouts.layout_site import TEMPLATES

LoadSite = Callable[[dict[str, str]], SiteFolder]

OLD = """\
# Trang tin bài: the order is that of the old portal.
layout: article
extends: base
for: article
default: true
title: {vi: Trang tin bài, en: "Article page"}   # both languages

regions:
  main:
    # Tools first.
    - {key: tools, block: Block_BanTin_Toolbar}
    - {key: body, block: viewdata}   # the story
  aside:
    - key: news
      block: latest
      settings:
        # Four fit beside the story.
        count: 4   # not more
        sections: all
        first: 1
"""

NEW = """\
# Trang tin bài: the order is that of the old portal.
layout: article
extends: base
for: article
default: true
title: {vi: Trang tin bài, en: "Article page"}   # both languages

regions:
  main:
    # Tools first.
    - {key: tools, block: toolbar}
    - {key: body, block: viewdata}   # the story
  aside:
    - key: news
      block: latest
      version: 2
      settings:
        # Four fit beside the story.
        limit: 4   # not more
        sections: []
        first: 1
"""

CHILD = """\
layout: article/tin-tet
extends: article
patch:
- {set: news.settings.count, to: 3}  # fewer at Tết
- {insert: {key: more, block: latest, settings: {count: 2}}, after: body}
"""


def test_names_and_settings_change_and_everything_else_stays(tmp_path: Path) -> None:
    file = tmp_path / "article.yaml"
    file.write_text(OLD, encoding="utf-8")

    result = rewrite(file, SPECS)

    assert result.text == NEW
    assert [(change.line, change.text) for change in result.changes] == [
        (11, "block: Block_BanTin_Toolbar → toolbar"),
        (18, "latest: setting count → limit"),
        (19, "latest: setting sections rewritten"),
    ]
    assert file.read_text(encoding="utf-8") == OLD


def test_folder_is_written_only_when_asked(load_site: LoadSite) -> None:
    files = {"layouts/article.yaml": OLD, "layouts/article/tin-tet.yaml": CHILD}
    before = load_site(files)
    child = Path("config/layouts/article/tin-tet.yaml")

    planned = migrate_folder(before, SPECS, write=False)
    assert child.read_text(encoding="utf-8") == CHILD
    done = migrate_folder(before, SPECS, write=True)

    assert planned == done
    assert (
        child.read_text(encoding="utf-8")
        == """\
layout: article/tin-tet
extends: article
patch:
- {set: news.settings.limit, version: 2, to: 3} # fewer at Tết
- {insert: {key: more, block: latest, version: 2, settings: {limit: 2}}, after: body}
"""
    )
    after = load_site_folder(Path("config"), SPECS, templates=TEMPLATES)
    assert len(before.warnings) == 5
    assert after.warnings == ()
    assert after.layouts == before.layouts


def test_rewritten_folder_needs_no_second_rewrite(load_site: LoadSite) -> None:
    site = load_site({"layouts/article.yaml": OLD, "layouts/article/tin-tet.yaml": CHILD})
    migrate_folder(site, SPECS, write=True)

    again = load_site_folder(Path("config"), SPECS, templates=TEMPLATES)
    assert migrate_folder(again, SPECS, write=True) == ()


def test_file_without_old_names_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    odd = "layout:   a\nregions: { main: [ {key: b,block: banner} ] }\n"
    file.write_text(odd, encoding="utf-8")

    assert rewrite(file, SPECS).text == odd


def test_unknown_blocks_and_settings_are_kept(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(
        "layout: a\nregions:\n  main:\n    - {key: w, block: weather, settings: {count: 1}}\n"
        "    - {key: n, block: latest, settings: {count: 1, colour: red}}\n",
        encoding="utf-8",
    )

    assert rewrite(file, SPECS).text == (
        "layout: a\nregions:\n  main:\n    - {key: w, block: weather, settings: {count: 1}}\n"
        "    - {key: n, block: latest, version: 2, settings: {limit: 1, colour: red}}\n"
    )


def test_broken_file_and_unreadable_settings_are_refused(tmp_path: Path) -> None:
    broken = tmp_path / "a.yaml"
    broken.write_text("layout: a\nlayout: b\n", encoding="utf-8")
    unreadable = tmp_path / "b.yaml"
    unreadable.write_text(
        "layout: b\nregions:\n  main:\n    - {key: p, block: poll, settings: {text: x}}\n",
        encoding="utf-8",
    )

    with pytest.raises(ConfigError, match="duplicate-yaml-key"):
        rewrite(broken, SPECS)
    with pytest.raises(ConfigError, match="no migration from version 2 to 3"):
        rewrite(unreadable, SPECS)
