"""Settings of the list of newest articles."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pydantic import ValidationError

from blocks.latest import LatestSettings


def test_age_is_written_as_a_duration() -> None:
    settings = LatestSettings.model_validate({"max_age": "90d"})
    assert settings.max_age == timedelta(days=90)
    assert LatestSettings.model_validate_json(settings.model_dump_json()) == settings


@pytest.mark.parametrize(
    "values",
    [
        {"limit": 0},
        {"limit": 31},
        {"sections": ["Tin tức"]},
        {"sections": ["/tin-tuc/"]},
        {"max_age": "soon"},
        {"layout": "carousel"},
        {"limits": 3},
    ],
    ids=["none", "too many", "a name", "an address", "no duration", "unknown layout", "misspelt"],
)
def test_mistaken_settings_are_refused(values: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        LatestSettings.model_validate(values)


@pytest.mark.parametrize("key", ["thong-bao", "tin-tuc/cai-cach-hanh-chinh"])
def test_sections_are_named_by_slug_path(key: str) -> None:
    assert LatestSettings.model_validate({"sections": [key]}).sections == (key,)
