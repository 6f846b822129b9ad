"""Operators' settings are typed, and every problem is named at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from portal.cli.server import GRACE_SECONDS
from portal.errors import ConfigError
from portal.errors import SettingsError
from portal.settings import Settings
from portal.settings import effective_settings
from portal.settings import find_weakness
from portal.settings import load_settings
from portal.settings import require_secrets

DEPLOY = Path(__file__).parents[2] / "deploy"
STRONG = "b1946ac92492d2347c6235b4d2611184"


def test_defaults_run_on_sqlite_alone():
    settings = load_settings({})
    assert settings.database_url.startswith("sqlite:///")
    assert settings.config == Path("config")


def test_names_in_the_environment_are_read_and_others_are_left_alone():
    settings = load_settings({"PORTAL_BLOCKS_DISABLED": "poll, weather", "HOME": "/root"})
    assert settings.blocks_disabled == ("poll", "weather")


def test_all_problems_are_named_at_once_with_what_was_meant():
    with pytest.raises(ConfigError) as refused:
        load_settings(
            {
                "PORTAL_DATABASE_URI": "x",
                "PORTAL_CACHE_BYTES": "many",
                "PORTAL_DRAIN": "5",
                "PORTAL_SECRET_KEY": "short",
            }
        )
    message = str(refused.value)
    assert "PORTAL_DATABASE_URI: unknown setting; did you mean PORTAL_DATABASE_URL?" in message
    assert "PORTAL_CACHE_BYTES" in message
    assert "'many'" in message
    assert "PORTAL_DRAIN: Value error, '5' is not a duration" in message


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("DRAIN", "16s", "'16s' is not between 0s and 15s: with 30s for requests under way"),
        ("DRAIN", "9999d", "'9999d' is not between 0s and 15s"),
        ("DRAIN", "99999999999d", "'99999999999d' is longer than anything lasts"),
        ("RENDER_BUDGET", "0s", "'0s' is not between 1ms and 1m: without time no block is shown"),
        (
            "DATABASE_STATEMENT_TIMEOUT",
            "0s",
            "'0s' is not between 1ms and 1h: without time nothing",
        ),
        ("DATABASE_LOCK_TIMEOUT", "2h", "'2h' is not between 1ms and 1h"),
        ("DATABASE_PATIENCE", "0s", "'0s' is not between 1ms and 1m: without time no page is new"),
        ("RENDER_BUDGET", "61s", "'61s' is not between 1ms and 1m"),
    ],
)
def test_a_time_that_nobody_can_mean_is_refused_with_its_bounds(name: str, value: str, says: str):
    with pytest.raises(SettingsError) as refused:
        load_settings({f"PORTAL_{name}": value})
    assert f"PORTAL_{name}: Value error, {says}" in str(refused.value)


def test_the_longest_drain_and_what_is_under_way_fit_into_what_platforms_give():
    assert load_settings({"PORTAL_DRAIN": "15s"}).drain == "15s"
    unit = (DEPLOY / "systemd" / "portal@.service").read_text("utf-8")
    manifest = (DEPLOY / "kubernetes" / "portal.yaml").read_text("utf-8")
    compose = (DEPLOY.parent / "compose.yaml").read_text("utf-8")
    assert f"TimeoutStopSec={15 + GRACE_SECONDS}\n" in unit
    assert f"terminationGracePeriodSeconds: {15 + GRACE_SECONDS}\n" in manifest
    assert f"stop_grace_period: {15 + GRACE_SECONDS}s\n" in compose


def test_a_short_secret_is_refused_with_the_way_to_a_good_one_and_not_repeated():
    with pytest.raises(SettingsError, match="token_hex") as refused:
        load_settings({"PORTAL_SECRET_KEY": "hunter2hunter2"})
    assert "hunter2" not in str(refused.value)


def test_a_value_comes_from_the_file_that_a_variable_names(tmp_path: Path):
    """Container platforms hand out secrets as files; a line break at the end is not part of it."""
    file = tmp_path / "secret"
    file.write_text(STRONG + "\n", "utf-8")
    environ = {"PORTAL_SECRET_KEY_FILE": str(file)}
    assert load_settings(environ).secret_key == STRONG
    shown = {setting.name: setting for setting in effective_settings(environ)}
    assert shown["PORTAL_SECRET_KEY"].origin == "file"


@pytest.mark.parametrize(
    ("environ", "says"),
    [
        ({"PORTAL_SECRET_KEY_FILE": "/no/such/file"}, "/no/such/file cannot be read"),
        ({"PORTAL_SECRET_KEY_FILE": "/dev/zero"}, "larger than 65536 bytes"),
        (
            {"PORTAL_SECRET_KEY_FILE": "/x", "PORTAL_SECRET_KEY": STRONG},
            "PORTAL_SECRET_KEY is set as well",
        ),
        ({"PORTAL_NOTHING_FILE": "/x"}, "PORTAL_NOTHING_FILE: unknown setting"),
    ],
    ids=["missing", "endless", "both", "unknown"],
)
def test_a_file_that_cannot_give_a_value_is_a_problem(environ: dict[str, str], says: str):
    with pytest.raises(SettingsError, match=says):
        load_settings(environ)


def test_shown_settings_tell_their_origin_and_keep_secrets():
    environ = {
        "PORTAL_DATABASE_URL": "postgresql://portal:hunter2@db.example/portal",
        "PORTAL_SECRET_KEY": STRONG,
        "PORTAL_METRICS_TOKEN": STRONG[::-1],
    }
    shown = {setting.name: setting for setting in effective_settings(environ)}
    text = repr(shown)
    assert "hunter2" not in text
    assert STRONG not in text
    assert STRONG[::-1] not in text
    assert shown["PORTAL_DATABASE_URL"].value == "postgresql://portal:********@db.example/portal"
    assert shown["PORTAL_DATABASE_URL"].origin == "environment"
    assert shown["PORTAL_CONFIG"].origin == "default"
    assert all(setting.meaning for setting in shown.values())


@pytest.mark.parametrize("secret", ["short", "s" * 40, "abc" * 20])
def test_a_guessable_secret_is_weak(secret: str):
    assert find_weakness(secret)
    assert not find_weakness(STRONG)


def test_production_does_not_serve_without_strong_secrets():
    require_secrets(Settings(environment="development"))
    require_secrets(Settings(secret_key=STRONG))
    with pytest.raises(SettingsError, match="PORTAL_SECRET_KEY is not set"):
        require_secrets(Settings())
    with pytest.raises(SettingsError) as refused:
        require_secrets(Settings(secret_key="s" * 40, metrics_token="t" * 40))
    assert "PORTAL_SECRET_KEY has fewer than 8" in str(refused.value)
    assert "PORTAL_METRICS_TOKEN has fewer than 8" in str(refused.value)


def test_a_login_by_a_provider_names_all_that_it_needs():
    """Every missing part at once; without groups nobody would get in."""
    with pytest.raises(SettingsError) as refused:
        load_settings({"PORTAL_OPERATORS": "both", "PORTAL_OIDC_ISSUER": "http://sso.example"})
    for part in ("OIDC_CLIENT_ID is not set", "is no https address", "OIDC_OPERATOR_GROUPS"):
        assert part in str(refused.value)


@pytest.mark.parametrize(
    ("issuer", "taken"),
    [
        ("https://sso.example.gov.vn/realms/office", True),
        ("http://127.0.0.1:8080", True),
        ("http://localhost:8080/realm", True),
        ("http://127.0.0.1.evil.example", False),
        ("https://user@sso.example", False),
        ("https://sso.example?x=1", False),
        ("sso.example", False),
    ],
)
def test_an_issuer_is_reached_by_https_or_is_this_machine(issuer: str, taken: bool):
    environ = {
        "PORTAL_OPERATORS": "oidc",
        "PORTAL_OIDC_ISSUER": issuer,
        "PORTAL_OIDC_CLIENT_ID": "portal",
        "PORTAL_OIDC_BUILDER_GROUPS": "a, b",
    }
    if taken:
        assert load_settings(environ).oidc_builder_groups == ("a", "b")
    else:
        with pytest.raises(SettingsError, match="is no https address"):
            load_settings(environ)


def test_the_secret_of_the_provider_is_shown_nowhere():
    environ = {"PORTAL_OIDC_CLIENT_SECRET": "hunter2hunter2"}
    shown = {setting.name: setting.value for setting in effective_settings(environ)}
    assert "hunter2" not in str(shown)
    assert shown["PORTAL_OIDC_CLIENT_SECRET"]
