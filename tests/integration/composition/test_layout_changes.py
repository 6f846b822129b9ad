"""What a site builder changes in a YAML file changes on the page, and nothing else does."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from portal.block import Settings
from portal.layouts import LayoutErrors
from tests.integration.composition.small_site import SmallSite
from tests.integration.composition.small_site import compose
from tests.integration.composition.small_site import fragments


class SignSettings(Settings):
    """What the sign says."""

    words: str = "Default words"
    """Text of the sign."""


@pytest.fixture
def signs(site: SmallSite) -> SmallSite:
    """A home page `one, two` in main and `three` beside it."""
    site.block("sign", lambda ctx: {"words": ctx.settings.words}, settings=SignSettings)
    site.lay_out(
        "home",
        {"key": "one", "block": "sign"},
        {"key": "two", "block": "sign"},
        aside=[{"key": "three", "block": "sign"}],
    )
    return site


def shown(site: SmallSite) -> dict[str, str]:
    return fragments(compose(site.portal()))


def patch(site: SmallSite, *operations: dict[str, object]) -> None:
    """A home page that inherits from the former one and changes it by `operations`."""
    file = site.config / "layouts" / "home.yaml"
    parent = yaml.safe_load(file.read_text("utf-8"))
    site.write_file("layouts/parent.yaml", {**parent, "layout": "parent", "default": False})
    home = {"layout": "home", "extends": "parent", "for": "home", "default": True}
    site.write_file("layouts/home.yaml", {**home, "title": {"vi": "x"}, "patch": [*operations]})


def test_a_moved_placement_changes_its_place_and_no_bytes(signs: SmallSite):
    before = shown(signs)
    patch(signs, {"move": "two", "region": "main", "before": "one"})
    after = shown(signs)
    assert list(after) == ["two", "one", "three"]
    assert after == before


def test_a_placement_can_move_to_another_region(signs: SmallSite):
    before = shown(signs)
    patch(signs, {"move": "one", "region": "aside", "after": "three"})
    after = shown(signs)
    assert list(after) == ["two", "three", "one"]
    assert after == before


def test_a_removed_placement_is_gone_and_the_others_are_as_they_were(signs: SmallSite):
    before = shown(signs)
    patch(signs, {"remove": "two"})
    after = shown(signs)
    assert after == {key: html for key, html in before.items() if key != "two"}


def test_a_set_value_changes_only_its_placement(signs: SmallSite):
    before = shown(signs)
    patch(signs, {"set": "two.settings.words", "to": "Other words"})
    after = shown(signs)
    assert after.pop("two") == before.pop("two").replace("Default words", "Other words")
    assert after == before


def test_an_inserted_placement_stands_where_it_was_put(signs: SmallSite):
    before = shown(signs)
    new = {"key": "new", "block": "sign", "settings": {"words": "New"}}
    patch(signs, {"insert": new, "region": "main", "after": "one"})
    after = shown(signs)
    assert list(after) == ["one", "new", "two", "three"]
    assert "New" in after.pop("new")
    assert after == before


def test_a_patch_leaves_the_layout_it_inherits_from_alone(signs: SmallSite):
    patch(signs, {"remove": "one"})
    layouts = signs.portal().folder.layouts
    assert [item.key for item in layouts["parent"].placements] == ["title", "one", "two", "three"]
    assert [item.key for item in layouts["home"].placements] == ["title", "two", "three"]


def test_a_change_of_the_parent_reaches_the_child_that_did_not_override_it(signs: SmallSite):
    patch(signs, {"set": "one.settings.words", "to": "Own words"})
    parent = signs.config / "layouts" / "parent.yaml"
    layout = yaml.safe_load(parent.read_text("utf-8"))
    for placement in layout["regions"]["main"][1:]:
        placement["settings"] = {"words": "Words of the parent"}
    signs.write_file("layouts/parent.yaml", layout)
    after = shown(signs)
    assert "Own words" in after["one"]
    assert "Words of the parent" in after["two"]


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("block: sign", "block: sing", 14, "unknown-block"),
        ("words: Title home", "word: Title home", 12, "unknown-setting"),
        ("aside:", "side:", 17, "unknown-region"),
        ("key: two", "key: one", 15, "duplicate-key"),
        ("layout: home", "layout: [home", 2, "yaml-syntax"),
    ],
    ids=["block", "setting", "region", "key", "syntax"],
)
def test_a_broken_file_is_refused_with_file_and_line(
    signs: SmallSite, old: str, new: str, line: int, says: str
):
    file: Path = signs.config / "layouts" / "home.yaml"
    file.write_text(file.read_text("utf-8").replace(old, new, 1), "utf-8")
    with pytest.raises(LayoutErrors) as refused:
        signs.app()
    [message] = [text for text in str(refused.value).splitlines() if f"[{says}]" in text]
    assert message.startswith(f"{file}:{line}:")


def test_every_problem_of_every_file_is_named_at_once(signs: SmallSite):
    signs.lay_out("home", {"key": "one", "block": "sing"}, {"key": "two", "block": "sogn"})
    signs.lay_out("section", {"key": "one", "block": "sign", "settings": {"wrods": "x"}})
    with pytest.raises(LayoutErrors) as refused:
        signs.app()
    assert [problem.code for problem in refused.value.problems] == [
        "unknown-block",
        "unknown-block",
        "unknown-setting",
    ]
