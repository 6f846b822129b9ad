"""Operators' settings are typed, and every problem is named at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from portal.errors import ConfigError
from portal.settings import load_settings


def test_defaults_run_on_sqlite_alone():
    settings = load_settings({})
    assert settings.database_url.startswith("sqlite:///")
    assert settings.config == Path("config")


def test_names_in_the_environment_are_read_and_others_are_left_alone():
    settings = load_settings({"PORTAL_BLOCKS_DISABLED": "poll, weather", "HOME": "/root"})
    assert settings.blocks_disabled == ("poll", "weather")


def test_all_problems_are_named_at_once_with_what_was_meant():
    with pytest.raises(ConfigError) as refused:
        load_settings({"PORTAL_DATABASE_URI": "x", "PORTAL_CACHE_BYTES": "many"})
    message = str(refused.value)
    assert "PORTAL_DATABASE_URI: unknown setting; did you mean PORTAL_DATABASE_URL?" in message
    assert "PORTAL_CACHE_BYTES" in message
    assert "'many'" in message


def test_a_short_secret_is_refused_with_the_way_to_a_good_one():
    with pytest.raises(ConfigError, match="token_hex"):
        load_settings({"PORTAL_SECRET_KEY": "short"})
