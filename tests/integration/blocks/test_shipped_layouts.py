"""The layouts that ship with the portal: complete, in order, and what they promise."""

from __future__ import annotations

from pathlib import Path

import pytest

from portal.compose import make_environment
from portal.compose import shell_regions
from portal.layouts import Layout
from portal.layouts import SiteFolder
from portal.layouts import load_site_folder
from portal.registry import find_blocks

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def folder() -> SiteFolder:
    """The site folder of the repository, as the portal loads it."""
    registry = find_blocks()
    templates = ROOT / "templates"
    shells = shell_regions(make_environment(templates, registry.values()), templates)
    return load_site_folder(ROOT / "config", registry.specifications(), templates=shells)


def keys(layout: Layout, region: str) -> list[str]:
    return [placement.key for placement in layout.regions[region]]


def parts(layout: Layout, key: str) -> tuple[str, ...]:
    placement = next(item for item in layout.placements if item.key == key)
    return tuple(placement.settings.model_dump()["show"])


@pytest.mark.parametrize("page_type", ["home", "section", "article", "print", "page"])
def test_every_kind_of_page_has_a_layout(folder: SiteFolder, page_type: str):
    assert page_type in folder.defaults


def test_banners_of_the_home_page_speak_the_language_of_the_page(folder: SiteFolder):
    placements = folder.layouts["home"].placements
    settings = next(item for item in placements if item.key == "campaigns").settings.model_dump()
    for banner in settings["items"]:
        assert sorted(banner["alt"]) == sorted(folder.site.locales)
        names = {"vi": banner["image"], **banner["images"]}
        assert len(set(names.values())) == len(folder.site.locales)
        assert all((ROOT / "config" / "media" / name).is_file() for name in names.values())


def test_article_puts_the_tools_between_lead_and_story(folder: SiteFolder):
    layout = folder.layouts["article"]
    assert keys(layout, "main") == ["story", "tools", "body", "story_line", "rating", "related"]
    assert parts(layout, "story") == ("kicker", "headline", "lead")
    assert "body" in parts(layout, "body")
    assert len(layout.placements) == 16


def test_classic_article_keeps_the_order_of_the_old_portal(folder: SiteFolder):
    layout = folder.layouts["article-classic"]
    assert keys(layout, "main") == ["tools", "body", "related"]
    assert parts(layout, "tools")[:4] == ("date", "size", "headline", "lead")
    assert parts(layout, "body")[:4] == ("notices", "body", "hero", "authors")


def test_patch_for_notices_changes_what_it_names_and_nothing_else(folder: SiteFolder):
    article, notice = folder.layouts["article"], folder.layouts["article/thong-bao"]
    changed = {
        placement.key for placement in article.placements if placement not in notice.placements
    }
    assert changed == {"related", "body", "notices"}


def test_print_shows_no_navigation_and_stays_out_of_search_engines(folder: SiteFolder):
    layout = folder.layouts["print"]
    assert [placement.block for placement in layout.placements] == ["viewdata", "site_footer"]
    assert layout.placements[0].settings.model_dump()["noindex"] == "always"


def test_page_for_outages_has_no_block_that_reads_the_database(folder: SiteFolder):
    blocks = {placement.block for placement in folder.layouts["503"].placements}
    assert blocks == {"site_header", "error_message", "outage_banner", "site_footer"}
