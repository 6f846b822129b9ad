"""A composed layout explains itself: who set each value, and what it was before."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from portal.errors import ConfigError
from portal.layouts import SiteFolder
from portal.layouts.explain import Sourced
from portal.layouts.explain import as_data
from portal.layouts.explain import effective
from portal.layouts.explain import render
from portal.layouts.explain import values
from portal.layouts.explain import why

LoadSite = Callable[[dict[str, str]], SiteFolder]

FILES = {
    "layouts/article.yaml": """\
layout: article
extends: base
for: article
default: true
title: {vi: Trang tin bài, en: Article page}
regions:
  main:
    - {key: body, block: viewdata}
    - {key: tools, block: Block_BanTin_Toolbar}
  aside:
    - key: related
      block: related
      settings:
        limit: 6
        topic: {title: Cùng chủ đề}
      cache: {fresh: 10m}
""",
    "layouts/article/tin-tet.yaml": """\
layout: article/tin-tet
extends: article
title: {vi: Tin Tết}
patch:
  - {set: related.settings.limit, to: 8}
  - {set: related.settings.topic.limit, to: 2}
  - {remove: identity}
""",
    "layouts/article/mung-1.yaml": """\
layout: article/mung-1
extends: article/tin-tet
regions:
  aside:
    - {key: related, settings: {limit: 9}}
""",
}


def test_each_value_names_the_line_that_set_it(load_site: LoadSite) -> None:
    data = as_data(effective(load_site(FILES), "article/tin-tet"))

    assert isinstance(data, dict)
    assert data["for"] == {"value": "article", "from": "config/layouts/article.yaml:3"}
    assert data["title"] == {
        "vi": {"value": "Tin Tết", "from": "config/layouts/article/tin-tet.yaml:3"},
        "en": {"value": "Article page", "from": "config/layouts/article.yaml:5"},
    }
    assert data["template"] == {"value": "page", "from": "config/layouts/base.yaml:3"}
    assert list(data["regions"]) == ["main", "aside"]
    related = data["regions"]["aside"][0]
    assert related["block"] == {"value": "related", "from": "config/layouts/article.yaml:12"}
    assert related["settings"]["limit"] == {
        "value": 8,
        "from": "config/layouts/article/tin-tet.yaml:5",
    }
    assert related["settings"]["topic"] == {
        "title": {"value": "Cùng chủ đề", "from": "config/layouts/article.yaml:15"},
        "limit": {"value": 2, "from": "config/layouts/article/tin-tet.yaml:6"},
    }
    assert related["settings"]["methods"] == {
        "value": ["pinned", "topic"],
        "from": "default of block 'related'",
    }
    assert related["cache"]["fresh"]["from"] == "config/layouts/article.yaml:16"
    assert related["cache"]["stale"] == {"value": None, "from": "policy of block 'related'"}
    assert related["deliver"] == {"value": "inline", "from": "engine default"}
    assert related["on_error"]["for"] == {"value": "1d", "from": "engine default"}


def test_legacy_name_is_shown_as_the_present_one(load_site: LoadSite) -> None:
    tree = values(effective(load_site(FILES), "article"), defaults=False)

    assert isinstance(tree, dict)
    assert tree["regions"]["main"][1] == {"key": "tools", "block": "toolbar"}


def test_reason_of_a_value_is_its_whole_history(load_site: LoadSite) -> None:
    assert why(load_site(FILES), "article/mung-1", "related.settings.limit") == (
        Sourced(6, "default of block 'related'"),
        Sourced(6, "config/layouts/article.yaml:14"),
        Sourced(8, "config/layouts/article/tin-tet.yaml:5"),
        Sourced(9, "config/layouts/article/mung-1.yaml:5"),
    )


@pytest.mark.parametrize(
    ("path", "last"),
    [
        ("related", Sourced("related", "config/layouts/article.yaml:11")),
        ("related.settings.methods", Sourced(["pinned", "topic"], "default of block 'related'")),
        ("related.settings.topic.limit", Sourced(3, "default of block 'related'")),
        ("related.cache.fresh", Sourced("10m", "config/layouts/article.yaml:16")),
        ("related.cache.stale", Sourced(None, "policy of block 'related'")),
        ("related.required", Sourced(False, "engine default")),
        (
            "related.on_error",
            Sourced({"use": "last_good", "for": "1d", "else": "hide"}, "engine default"),
        ),
    ],
)
def test_reason_ends_with_what_holds(load_site: LoadSite, path: str, last: Sourced) -> None:
    assert why(load_site(FILES), "article", path)[-1] == last


@pytest.mark.parametrize(
    ("name", "path", "message"),
    [
        ("artikle", "related", "no layout is called 'artikle'.*did you mean 'article'?"),
        ("article", "relatd.budget", "is called 'relatd'.*did you mean 'related'?"),
        ("article/tin-tet", "identity.show", r"tin-tet\.yaml:7 removed it"),
        ("article", "related.settings.limt", "set nowhere and has no default.*settings.limit"),
    ],
)
def test_question_about_nothing_is_answered_with_what_there_is(
    load_site: LoadSite, name: str, path: str, message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        why(load_site(FILES), name, path)


def test_layout_is_shown_as_yaml_with_sources(load_site: LoadSite) -> None:
    lines = render(effective(load_site(FILES), "404")).splitlines()

    by_text = {line.split("  # ")[0].rstrip(): line.split("  # ")[-1] for line in lines}
    assert by_text['layout: "404"'] == "config/layouts/404.yaml:1"
    assert by_text['  vi: "Lỗi"'] == "config/layouts/404.yaml:3"
    assert by_text['    - key: "failure"'] == "config/layouts/404.yaml:7"
    assert by_text['      deliver: "inline"'] == "engine default"
    assert len({line.index("  # ") for line in lines if "  # " in line}) == 1


def test_parts_of_a_setting_that_no_file_names_have_their_default_as_source(
    load_site: LoadSite,
) -> None:
    tree = as_data(effective(load_site(FILES), "article"))

    assert isinstance(tree, dict)
    assert tree["regions"]["aside"][0]["settings"]["topic"] == {
        "title": {"value": "Cùng chủ đề", "from": "config/layouts/article.yaml:15"},
        "limit": {"value": 3, "from": "default of block 'related'"},
    }
