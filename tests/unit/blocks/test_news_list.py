"""Settings and addresses of a section's list."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from blocks.news_list import NewsListSettings
from blocks.news_list import block
from portal.block import page_path


@pytest.mark.parametrize(
    ("number", "expected"),
    [(1, "/tin-tuc/"), (2, "/tin-tuc/?page=2"), (10, "/tin-tuc/?page=10")],
    ids=["first", "second", "tenth"],
)
def test_first_page_has_the_plain_address(number: int, expected: str) -> None:
    assert page_path("/tin-tuc/", number) == expected


def test_list_has_the_page_title_unless_told_otherwise() -> None:
    assert block.headline(NewsListSettings())
    assert not block.headline(NewsListSettings(headline=False))


@pytest.mark.parametrize("per_page", [0, 101, "nhiều"], ids=["none", "too many", "no number"])
def test_page_size_has_bounds(per_page: object) -> None:
    with pytest.raises(ValidationError):
        NewsListSettings.model_validate({"per_page": per_page})
