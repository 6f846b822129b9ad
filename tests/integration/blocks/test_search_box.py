"""The search field on real pages: some word says what it is for, wherever it stands."""

from __future__ import annotations

import pytest

from tests.integration.blocks.pages import Look
from tests.integration.composition.small_site import SmallSite
from tests.integration.composition.small_site import compose

EXAMPLE = {"vi": "Ví dụ: khai sinh", "en": "Such as: a birth"}


@pytest.mark.parametrize(
    ("settings", "inside"),
    [
        ({}, None),
        ({"hide_label": True}, "Tìm trên cổng"),
        ({"hide_label": True, "label": {"vi": "Tìm văn bản"}}, "Tìm văn bản"),
        ({"placeholder": EXAMPLE}, "Ví dụ: khai sinh"),
        ({"hide_label": True, "placeholder": EXAMPLE}, "Ví dụ: khai sinh"),
    ],
    ids=["seen label", "hidden label", "own hidden label", "example", "example for a hidden label"],
)
def test_a_hidden_label_stands_in_the_empty_field(
    site: SmallSite, settings: dict[str, object], inside: str | None
):
    site.lay_out("home", {"key": "search", "block": "search_box", "settings": settings})
    page = Look(compose(site.portal()))
    if inside is None:
        assert page.has("input[type=search]:not([placeholder])")
    else:
        assert page.has(f'input[type=search][placeholder="{inside}"]')
    assert page.has("label.visually-hidden") == ("hide_label" in settings)
