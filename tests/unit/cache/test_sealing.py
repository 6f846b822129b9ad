"""Sealed packs: all of an entry comes back, and nothing comes from bytes that we did not make."""

from __future__ import annotations

import dataclasses
import pickle
import random
from datetime import UTC
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from portal.block import Failure
from portal.block import Group
from portal.block import HeadPart
from portal.block import ListKey
from portal.block import Subject
from portal.cache import KINDS
from portal.cache import Reason
from portal.cache.entry import Entry
from portal.cache.entry import Resolution
from portal.cache.sealing import LARGEST_PACK
from portal.cache.sealing import SEALED_FIELDS
from portal.cache.sealing import Refusal
from portal.cache.sealing import Sealer
from portal.cache.sealing import derive_key
from portal.cache.sealing import sealer
from portal.cache.sealing import writing
from portal.content.stamps import Stamp
from portal.content.values import ArticleSummary
from portal.content.values import Image
from portal.content.values import Moment
from portal.content.values import Rendition
from portal.content.values import SearchQuery
from portal.content.values import SectionReference

SEALER = Sealer("s" * 32)
PLAIN = Entry(
    stamp=Stamp("0f3a", 41),
    tags=frozenset({"article", "article:7"}),
    created=1000.0,
    fresh_until=1060.5,
    stale_until=90000.25,
    digest="d" * 32,
    html="<p>Tiếng Việt</p>".encode(),
    cost=0.0125,
)
SUCCESSOR = ArticleSummary(
    id=9,
    kind="article",
    locale="vi",
    headline="Quy định mới",
    lead="",
    path="/tin-tuc/quy-dinh-moi",
    published=Moment(datetime(2026, 11, 23, 2, 30, tzinfo=UTC), "minute", "Asia/Ho_Chi_Minh"),
    section=SectionReference(3, "tin-tuc", "Tin tức", "/tin-tuc"),
    image=Image(5, "Trụ sở", False, "", "", 800, 600, (Rendition("/m/a.avif", 800, 600, "avif"),)),
)
FULL = PLAIN._replace(
    head=(HeadPart("meta", "meta robots", (("name", "robots"), ("content", "noindex"))),),
    assets=("latest/latest.css",),
    groups=(Group("latest", (3, 1, 2), 2), Group("more", (), 0)),
    resolution=Resolution(
        410,
        Subject("failure", "/cũ", None, "tin-tuc", 2, Failure(410, "Đã gỡ", "cũ", SUCCESSOR)),
        "tin-tuc",
        frozenset({"route:x"}),
        "/mới",
    ),
    ends=2000.0,
    label="1,2,3\x1f\nvà",
    cause=Reason("ended", "list:tag:đường\n", 40),
)

text = st.text(max_size=12)
moments = st.floats(allow_nan=False)
entries = st.builds(
    Entry,
    stamp=st.builds(Stamp, text, st.integers(-(2**63), 2**63 - 1)),
    tags=st.frozensets(text, max_size=5),
    created=moments,
    fresh_until=moments,
    stale_until=moments,
    digest=text,
    html=st.binary(max_size=200),
    head=st.lists(
        st.builds(
            HeadPart,
            st.sampled_from(["title", "meta", "link", "json"]),
            text,
            st.lists(st.tuples(text, text), max_size=3).map(tuple),
            text,
        ),
        max_size=2,
    ).map(tuple),
    assets=st.lists(text, max_size=2).map(tuple),
    groups=st.lists(
        st.builds(Group, text, st.lists(st.integers(), max_size=3).map(tuple), st.integers()),
        max_size=2,
    ).map(tuple),
    resolution=st.none()
    | st.builds(
        Resolution,
        st.sampled_from([200, 301, 308, 404, 410]),
        st.none()
        | st.builds(
            Subject,
            text,
            text,
            st.none() | st.integers(),
            st.none() | text,
            st.integers(),
            st.none()
            | st.builds(
                Failure,
                st.sampled_from([404, 410, 503]),
                text,
                text,
                st.none() | st.just(SUCCESSOR),
            ),
            st.none()
            | st.builds(
                SearchQuery,
                text,
                st.none() | text,
                st.none() | st.integers(),
                st.none() | st.sampled_from(["article", "page"]),
                st.none() | text,
            ),
            st.none() | st.builds(ListKey, st.sampled_from(["tag", "topic", "archive"]), text),
            st.none() | text,
        ),
        st.none() | text,
        st.frozensets(text, max_size=3),
        st.none() | text,
    ),
    cost=moments,
    ends=st.none() | moments,
    label=text,
    cause=st.builds(
        Reason, st.sampled_from(KINDS), text, st.integers(-(2**63), 2**63 - 1), moments
    ),
)


@given(text, st.lists(entries, min_size=1, max_size=3))
@settings(max_examples=300, deadline=None)
def test_whatever_an_entry_holds_comes_back(key: str, pack: list[Entry]):
    """Hypothesis makes entries of every shape."""
    assert SEALER.unseal(key, SEALER.seal(key, pack)) == tuple(pack)


def test_a_resolution_with_its_failure_and_successor_comes_back():
    """The deepest nesting there is, with Vietnamese text and separators in the label."""
    assert SEALER.unseal("k", SEALER.seal("k", [FULL, PLAIN])) == (FULL, PLAIN)


def names(kind: Any) -> tuple[str, ...]:
    """The fields of a named tuple or a dataclass."""
    found = getattr(kind, "_fields", None)
    return found or tuple(field.name for field in dataclasses.fields(kind))


def test_every_field_of_every_sealed_class_is_known():
    """A field added to one of these classes must be sealed too, and the format raised."""
    classes = {kind: names(kind) for kind in SEALED_FIELDS}
    assert classes == SEALED_FIELDS


def test_a_key_holds_half_a_surrogate_pair_and_does_no_harm():
    """Addresses come from outside; such a character must not end a request."""
    odd = PLAIN._replace(label="\udc80")
    assert SEALER.unseal("\udc80", SEALER.seal("\udc80", [odd])) == (odd,)


@pytest.mark.parametrize("pack", [[PLAIN], [FULL, PLAIN]], ids=["plain", "full"])
def test_no_flipped_bit_passes(pack: list[Entry]):
    """Every bit of every byte."""
    data = SEALER.seal("k", pack)
    for place in range(len(data)):
        for bit in range(8):
            changed = bytearray(data)
            changed[place] ^= 1 << bit
            assert isinstance(SEALER.unseal("k", bytes(changed)), Refusal)


def test_no_shortened_or_lengthened_pack_passes():
    """Cut at every length; what begins like a pack is recognised as cut."""
    data = SEALER.seal("k", [FULL])
    for size in range(len(data)):
        assert isinstance(SEALER.unseal("k", data[:size]), Refusal)
    assert SEALER.unseal("k", data[:-1]) is Refusal.TRUNCATED
    assert SEALER.unseal("k", data[:6]) is Refusal.TRUNCATED
    assert SEALER.unseal("k", data + b"\0") is Refusal.FORGED


def test_a_pack_of_another_key_or_another_secret_is_forged():
    """A swap of two genuine values in Redis is seen, and so is a portal with another secret."""
    data = SEALER.seal("one", [PLAIN])
    assert SEALER.unseal("two", data) is Refusal.FORGED
    assert Sealer("t" * 32).unseal("one", data) is Refusal.FORGED


def test_key_and_content_do_not_run_into_one_another():
    """Bytes moved from the key to the content change the MAC."""
    data = SEALER.seal("a", [PLAIN])
    assert isinstance(SEALER.unseal("aP", data[1:]), Refusal)
    assert isinstance(SEALER.unseal("", b"a" + data), Refusal)


def test_a_pack_of_another_format_version_is_refused(monkeypatch: pytest.MonkeyPatch):
    """Genuine, but written by a version that lays fields out otherwise."""
    monkeypatch.setattr(sealer, "FORMAT", sealer.FORMAT + 1)
    data = SEALER.seal("k", [PLAIN])
    assert SEALER.unseal("k", data) is Refusal.FORMAT


def test_a_genuine_pack_with_an_unknown_field_is_refused(monkeypatch: pytest.MonkeyPatch):
    """A program that forgot to raise the format version must not be half understood."""
    monkeypatch.setattr(writing, "_write_extra", lambda entry, with_tags: b'{"colour":"red"}')
    assert SEALER.unseal("k", SEALER.seal("k", [PLAIN])) is Refusal.FORMAT
    monkeypatch.setattr(writing, "_write_extra", lambda entry, with_tags: b'{"groups":[[1]]}')
    assert SEALER.unseal("k", SEALER.seal("k", [PLAIN])) is Refusal.FORMAT
    monkeypatch.setattr(writing, "_write_extra", lambda entry, with_tags: b"7")
    assert SEALER.unseal("k", SEALER.seal("k", [PLAIN])) is Refusal.FORMAT
    assert SEALER.unseal("k", SEALER.seal("k", [])) is Refusal.FORMAT


class Planted:
    """Would run code when unpickled."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (pytest.fail, ("unpickled",))


@pytest.mark.parametrize(
    "value",
    [
        None,
        "PBC",
        7,
        b"",
        b"P",
        bytearray(SEALER.seal("k", [PLAIN])),
        ["a", b"b"],
        b"!" + pickle.dumps(Planted()),
        pickle.dumps(PLAIN),
    ],
    ids=["none", "str", "int", "empty", "short", "bytearray", "list", "flask", "pickle"],
)
def test_what_is_no_pack_is_foreign(value: object):
    """Whatever type a client gives back."""
    assert SEALER.unseal("k", value) is Refusal.FOREIGN


def test_ten_thousand_random_values_are_refused():
    """With and without the right beginning."""
    chance = random.Random(20261123)  # noqa: S311 - noise that repeats, no secret
    for _ in range(5000):
        blob = chance.randbytes(chance.randrange(300))
        assert isinstance(SEALER.unseal("k", blob), Refusal)
        assert isinstance(SEALER.unseal("k", sealer._BEGINNING + blob), Refusal)


def test_a_value_beyond_the_limit_is_not_even_checked():
    """A huge planted value costs no hashing."""
    data = SEALER.seal("k", [PLAIN._replace(html=bytes(LARGEST_PACK))])
    assert SEALER.unseal("k", data) is Refusal.OVERSIZED


def test_keys_are_derived_as_rfc_5869_says():
    """Test case 3 of the RFC: no salt, no info, 42 bytes, hence two blocks."""
    assert derive_key("\x0b" * 22, b"", 42).hex() == (
        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"
    )
