"""Tags of large changes are folded into their class."""

from __future__ import annotations

from portal.content import tags


def test_few_tags_are_kept_in_order_without_doubles() -> None:
    assert tags.folded(["list:site", "article:2", "article:1", "article:2"]) == (
        "article:1",
        "article:2",
        "list:site",
    )


def test_more_than_a_thousand_of_a_class_become_the_class() -> None:
    many = [tags.article(number) for number in range(1001)]
    assert tags.folded([*many, tags.section(5)]) == ("article", "section:5")
    assert len(tags.folded(many[:1000])) == 1000
