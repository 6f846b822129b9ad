"""Nothing that is shown has a password in it, whatever characters a password has."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies

from portal.masking import mask_url
from portal.settings import effective_settings

SPECIAL = "aZ09/@:?#&%=+;,.~!$*^|(){}[]<>'\"\\`_- "
MIDDLES = strategies.text(SPECIAL, max_size=8)


def mask_of(text: str) -> str:
    """The masked text, in which neither end of the password may be left."""
    masked = mask_url(text)
    assert "Begin" not in masked
    assert "End" not in masked
    return masked


@given(MIDDLES)
@settings(derandomize=True, max_examples=400, deadline=None)
def test_a_password_of_any_characters_is_masked_and_the_host_shown(middle: str):
    password = f"Begin{middle}End"
    for address in (
        "postgresql://portal:{}@db.example/portal",
        "redis://:{}@db.example:6379/0",
        "rediss://portal@tenant:{}@db.example,b.example:6379/0",
        "HTTPS://portal:{}@db.example/x?y=1",
        "portal:{}@db.example/portal",
    ):
        assert "********@db.example" in mask_of(address.format(password))


@given(MIDDLES)
@settings(derandomize=True, max_examples=400, deadline=None)
def test_a_password_among_the_parameters_is_masked(middle: str):
    password = f"Begin{middle.replace('&', '')}End"
    for address in (
        "postgresql:///portal?host=/run&password={}",
        "postgresql://db.example:5432/portal?sslpassword={}&sslmode=require",
        "redis://db.example?PASSWORD={}",
        "postgresql://portal:{0}@db.example/portal?password={0}",
    ):
        assert "********" in mask_of(address.format(password))


@given(strategies.lists(MIDDLES, min_size=2, max_size=4))
@settings(derandomize=True, max_examples=200, deadline=None)
def test_each_of_several_addresses_is_masked(middles: list[str]):
    for separator in (",", ", ", " ", ";"):
        text = separator.join(f"redis://:Begin{m}End@host-{n}" for n, m in enumerate(middles))
        masked = mask_of(text)
        assert [f"redis://:********@host-{n}" in masked for n in range(len(middles))] == [
            True for _ in middles
        ]


@given(MIDDLES)
@settings(derandomize=True, max_examples=400, deadline=None)
def test_an_address_in_a_sentence_is_masked_to_its_end_and_no_further(middle: str):
    password = f"Begin{middle.replace(' ', '')}End"
    text = f"cannot reach 'rediss://portal:{password}@db.example/0': ask admin@example"
    assert mask_of(text) == (
        "cannot reach 'rediss://portal:********@db.example/0': ask admin@example"
    )


@given(MIDDLES)
@settings(derandomize=True, max_examples=200, deadline=None)
def test_no_setting_is_shown_with_a_password(middle: str):
    password = f"Begin{middle}End"
    shown = repr(
        effective_settings(
            {
                "PORTAL_DATABASE_URL": f"postgresql://portal:{password}@db.example/portal",
                "PORTAL_CACHE_REDIS_URL": f"redis://:{password}@cache.example",
                "PORTAL_MEDIA_ENDPOINT": f"https://key:{password}@store.example",
            }
        )
    )
    assert "Begin" not in shown
    assert "End" not in shown


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("redis://:word@host/0", "redis://:********@host/0"),
        ("rediss://user:w%40rd@a,b:1/0", "rediss://user:********@a,b:1/0"),
        ("redis://:a@one,redis://:b@two", "redis://:********@one,redis://:********@two"),
        ("redis://h?password=a, redis://i", "redis://h?password=********, redis://i"),
        ("portal:a://b@host/x", "portal:********@host/x"),
        ("host=db password='of it' port=1", "host=db password=******** port=1"),
        ("postgresql://h/x?password=a&user=b", "postgresql://h/x?password=********&user=b"),
    ],
)
def test_all_but_the_password_is_shown(text: str, masked: str):
    assert mask_url(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://user@host:5432/x?sslmode=require&passfile=/p",
        "postgresql:///portal?host=/run/postgresql&port=5432",
        "sqlite:///var/portal.sqlite3",
        "sqlite:////home/a:b@c/portal.sqlite3",
        "http://127.0.0.1:8000/tin-tuc/",
        "the password is too weak: ask admin@example",
        "portal: nobody answers; ask admin@example",
        "127.0.0.1:26379, [::1]:26379",
    ],
)
def test_a_text_without_a_password_stays_as_it_is(text: str):
    assert mask_url(text) == text
