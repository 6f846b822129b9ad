"""Layouts extend each other: what a base says reaches every page that does not say otherwise."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from datetime import timedelta

import pytest

from portal.errors import ConfigError
from portal.layouts import Binding
from portal.layouts import CacheOverride
from portal.layouts import Layout
from portal.layouts import LayoutErrors
from portal.layouts import OnError
from portal.layouts import Placement
from portal.layouts import SiteFolder
from portal.layouts import plan_for
from portal.layouts.conditions import Between
from portal.layouts.conditions import InSection
from portal.layouts.conditions import Not

LoadSite = Callable[[dict[str, str]], SiteFolder]

ARTICLE = """
layout: article
extends: base
for: article
default: true
title: {vi: Trang tin bài, en: Article page}
regions:
  main:
    - {key: tools, block: toolbar}
    - {key: body, block: viewdata, required: true}
  aside:
    - key: related
      block: related
      settings: {limit: 6, methods: [pinned], topic: {title: Cùng chủ đề, limit: 4}}
      cache: {fresh: 10m, stale: 1h}
      show: {section: tin-tuc}
"""


def find(layout: Layout, key: str) -> Placement:
    return next(item for item in layout.placements if item.key == key)


def keys(layout: Layout) -> dict[str, list[str]]:
    return {
        region: [item.key for item in items] for region, items in layout.regions.items() if items
    }


def test_regions_follow_the_template_and_placements_the_file(load_site: LoadSite) -> None:
    layout = load_site({}).layouts["article"]

    assert list(layout.regions) == ["header", "top", "main", "aside", "footer"]
    assert keys(layout) == {
        "header": ["identity"],
        "main": ["tools", "body"],
        "aside": ["related"],
    }
    assert [item.key for item in layout.placements] == ["identity", "tools", "body", "related"]


def test_placement_is_typed(load_site: LoadSite) -> None:
    site = load_site(
        {
            "layouts/article.yaml": ARTICLE
            + """
      required: true
      budget: 150ms
      deliver: esi
      min_height: 320
      dedupe: false
      on_error: {use: last_good, for: 2d, else: hide}
      bind: {exclude: news.shown}
    - {key: news, block: latest, on_error: hide, cache: {off: true}}
""",
        }
    )

    related = find(site.layouts["article"], "related")
    assert related.settings.model_dump(include={"limit", "methods"}) == {
        "limit": 6,
        "methods": ("pinned",),
    }
    assert related.required
    assert related.budget == timedelta(milliseconds=150)
    assert related.deliver == "esi"
    assert related.min_height == 320
    assert not related.dedupe
    assert related.on_error == OnError("last_good", timedelta(days=2))
    assert related.bind == (Binding("exclude", "news", "shown"),)
    assert related.cache == CacheOverride(timedelta(minutes=10), timedelta(hours=1))
    assert related.show == InSection(("tin-tuc",))
    news = find(site.layouts["article"], "news")
    assert news.on_error.use == "hide"
    assert news.cache == CacheOverride(off=True)


def test_patch_changes_only_what_it_names(load_site: LoadSite) -> None:
    site = load_site(
        {
            "layouts/article.yaml": ARTICLE,
            "layouts/article/tin-tet.yaml": """
layout: article/tin-tet
extends: article
patch:
  - {set: related.settings.topic.limit, to: 9}
  - {set: related.cache.fresh, to: 5m}
  - {insert: {key: banner, block: banner}, before: tools}
  - {move: related, region: main, after: body}
  - {remove: identity}
""",
        }
    )

    layout = site.layouts["article/tin-tet"]
    assert keys(layout) == {"main": ["banner", "tools", "body", "related"]}
    related = find(layout, "related")
    assert related.region == "main"
    assert related.settings.model_dump()["topic"] == {"title": "Cùng chủ đề", "limit": 9}
    assert related.cache == CacheOverride(timedelta(minutes=5), timedelta(hours=1))
    assert keys(site.layouts["article"])["header"] == ["identity"]


@pytest.mark.parametrize(
    ("before", "after", "reaches"),
    [
        ("methods: [pinned]", "methods: [tags]", True),
        ("title: Cùng chủ đề", "title: Chủ đề", True),
        ("stale: 1h", "stale: 3h", True),
        ("section: tin-tuc", "section: thong-bao", True),
        ("limit: 6", "limit: 7", False),
        ("fresh: 10m", "fresh: 20m", False),
    ],
)
def test_change_of_the_base_reaches_what_a_child_does_not_override(
    load_site: LoadSite, before: str, after: str, reaches: bool
) -> None:
    child = """
layout: article/tin-tet
extends: article
regions:
  aside:
    - {key: related, settings: {limit: 8}, cache: {fresh: 1m}}
"""
    files = {"layouts/article/tin-tet.yaml": child}

    old = load_site({**files, "layouts/article.yaml": ARTICLE}).layouts
    new = load_site({**files, "layouts/article.yaml": ARTICLE.replace(before, after)}).layouts

    assert find(old["article"], "related") != find(new["article"], "related")
    changed = find(old["article/tin-tet"], "related") != find(new["article/tin-tet"], "related")
    assert changed is reaches


def test_new_placement_of_the_base_reaches_its_children(load_site: LoadSite) -> None:
    added = ARTICLE + "    - {key: news, block: latest}\n"

    site = load_site({"layouts/article.yaml": added})

    assert keys(site.layouts["article/tin-tet"])["aside"] == ["related", "news"]


def test_condition_of_a_child_replaces_the_inherited_one(load_site: LoadSite) -> None:
    site = load_site(
        {
            "layouts/article.yaml": ARTICLE,
            "layouts/article/tin-tet.yaml": """
layout: article/tin-tet
extends: article
regions:
  aside:
    - key: related
      show: {not: {between: [null, 2027-02-15]}}
""",
        }
    )

    assert find(site.layouts["article/tin-tet"], "related").show == Not(
        Between(None, date(2027, 2, 15), "Asia/Ho_Chi_Minh")
    )


def test_condition_on_the_page_type_is_decided_at_load(load_site: LoadSite) -> None:
    base = """
layout: base
title: {vi: Khung chung}
template: page
regions:
  header:
    - {key: identity, block: site_header}
  footer:
    - {key: tools_below, block: toolbar, show: {page_type: [article, page]}}
"""

    site = load_site({"layouts/base.yaml": base})

    assert find(site.layouts["article"], "tools_below").show is None
    assert "footer" not in keys(site.layouts["home"])


def test_removed_key_can_be_given_to_another_block(load_site: LoadSite) -> None:
    child = """
layout: article/tin-tet
extends: article
patch:
  - {remove: related}
  - {insert: {key: related, block: latest}, region: aside}
  - {set: related.settings.limit, to: 2}
"""

    site = load_site({"layouts/article/tin-tet.yaml": child})

    assert find(site.layouts["article/tin-tet"], "related").block == "latest"


def test_old_settings_of_a_patch_are_brought_up_to_date(load_site: LoadSite) -> None:
    site = load_site(
        {
            "layouts/article.yaml": ARTICLE
            + "    - {key: news, block: latest, settings: {count: 4}}\n",
            "layouts/article/tin-tet.yaml": """
layout: article/tin-tet
extends: article
patch:
  - {set: news.settings.count, to: 3}
""",
        }
    )

    assert find(site.layouts["article"], "news").settings.model_dump()["limit"] == 4
    assert find(site.layouts["article/tin-tet"], "news").settings.model_dump()["limit"] == 3
    assert [problem.code for problem in site.warnings] == ["old-settings", "old-settings"]


def test_new_settings_with_their_version_are_taken_as_they_are(load_site: LoadSite) -> None:
    files = {
        "layouts/article.yaml": ARTICLE
        + "    - {key: news, block: latest, version: 2, settings: {limit: 4}}\n"
    }

    assert load_site(files).warnings == ()


@pytest.mark.parametrize(
    ("page_type", "section", "name"),
    [
        ("article", "tin-tuc", "article/tin-tet"),
        ("article", "tin-tuc/cai-cach-hanh-chinh", "article/tin-tet"),
        ("article", "thong-bao", "article"),
        ("article", None, "article"),
        ("section", "tin-tuc", "section"),
        ("home", None, "home"),
    ],
)
def test_section_or_its_nearest_ancestor_chooses_the_layout(
    load_site: LoadSite, page_type: str, section: str | None, name: str
) -> None:
    assert plan_for(load_site({}), page_type, section).name == name


def test_error_pages_are_chosen_by_name(load_site: LoadSite) -> None:
    site = load_site({})

    assert site.layouts["404"].page_type == "error"
    with pytest.raises(ConfigError, match="no default layout for page type 'error'"):
        plan_for(site, "error", None)


def test_layout_knows_the_sections_that_choose_it(load_site: LoadSite) -> None:
    site = load_site({})

    assert site.layouts["article/tin-tet"].sections == ("tin-tuc",)
    assert site.layouts["article"].sections == ()


def test_section_tree_is_as_declared(load_site: LoadSite) -> None:
    sections = load_site({}).sections

    assert [section.key for root in sections for section in root.walk()] == [
        "tin-tuc",
        "tin-tuc/cai-cach-hanh-chinh",
        "thong-bao",
    ]
    assert sections[0].name == {"vi": "Tin tức", "en": "News"}


def test_abstract_layout_is_no_page(load_site: LoadSite) -> None:
    site = load_site({})

    assert "base" in site.outlines
    assert "base" not in site.layouts


def test_abstract_layout_is_checked_without_children(load_site: LoadSite) -> None:
    files = {
        "layouts/frame.yaml": "layout: frame\nregions:\n  main:\n    - {key: a, block: bannner}\n"
    }

    with pytest.raises(LayoutErrors, match=r"frame\.yaml:4:23: error\[unknown-block\]"):
        load_site(files)


def test_all_errors_are_told_at_once(load_site: LoadSite) -> None:
    with pytest.raises(LayoutErrors) as caught:
        load_site({"layouts/home.yaml": "layout: home\n\tx\n", "layouts/page.yaml": "- page\n"})

    assert str(caught.value).startswith("2 errors in the site's files\nconfig/layouts/home.yaml:2")
    assert {problem.code for problem in caught.value.problems} == {"yaml-tab", "wrong-type"}
