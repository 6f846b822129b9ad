"""Vietnamese text: the stored form and the keys made of it."""

from __future__ import annotations

import unicodedata
from itertools import pairwise
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.text import count_syllables
from portal.text import excerpt
from portal.text import fold
from portal.text import match_key
from portal.text import normalise
from portal.text import one_line
from portal.text import similar_titles
from portal.text import slugify
from portal.text import vi_sort_key

LETTERS = (
    "aàảãáạăằẳẵắặâầẩẫấậbcdđeèẻẽéẹêềểễếệghiìỉĩíịklmnoòỏõóọôồổỗốộơờởỡớợpqrstuùủũúụưừửữứựvxyỳỷỹýỵ"
)


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_every_vietnamese_letter_is_stored_composed(form: Literal["NFC", "NFD"]) -> None:
    for letter in LETTERS + LETTERS.upper():
        written = unicodedata.normalize(form, letter)
        assert normalise(written) == letter
        assert fold(written) in "abcdeghiklmnopqrstuvxy"


@pytest.mark.parametrize(
    ("given_text", "stored"),
    [
        ("a\x00b\x07c\x9fd", "abcd"),
        ("a\tb\nc", "a\tb\nc"),
        ("a\r\nb\rc\u2028d", "a\nb\nc\nd"),
        ("hỏng \ud83d", "hỏng \ufffd"),
        ("\ufeffĐầu", "Đầu"),
        ("Ðường Ɖông, ðường", "Đường Đông, đường"),
        ("tên\u202etxt.exe", "têntxt.exe"),
        ("👩‍🌾 nông dân", "👩‍🌾 nông dân"),
        ("Bám sát\xa0các", "Bám sát\xa0các"),
    ],
    ids=[
        "controls",
        "tab_and_newline",
        "line_ends",
        "lone_surrogate",
        "byte_order_mark",
        "lookalikes",
        "direction_override",
        "joined_emoji",
        "no_break_space",
    ],
)
def test_stored_form_of_unusual_characters(given_text: str, stored: str) -> None:
    assert normalise(given_text) == stored


def test_every_character_that_is_not_stored_goes_where_it_stands_alone() -> None:
    controls = {*range(0x20), *range(0x7F, 0xA0)} - set(map(ord, "\t\n\r\x85"))
    gone = controls | {*range(0x202A, 0x202F), 0xFEFF}
    assert {normalise(f"cầu {chr(code)}cạn") for code in gone} == {"cầu cạn"}
    assert {normalise(chr(code)) for code in range(0xD800, 0xE000)} == {"\ufffd"}


@given(st.text(alphabet=st.characters(codec=None)))
def test_stored_form_is_stable_and_can_be_encoded(text: str) -> None:
    stored = normalise(text)
    assert normalise(stored) == stored
    assert stored.encode().decode() == stored
    assert unicodedata.is_normalized("NFC", stored)


def test_one_line_collapses_every_white_space() -> None:
    assert one_line("  Bám sát\xa0 \n các\t") == "Bám sát các"


@pytest.mark.parametrize("text", ["Đường", "ĐƯỜNG", "Ðường", "duong", "Đu\u031bơ\u0300ng"])
def test_fold_is_what_is_typed_without_vietnamese_keys(text: str) -> None:
    assert fold(text) == "duong"


@pytest.mark.parametrize(
    ("one", "other"),
    [("hoà", "hòa"), ("khoẻ", "khỏe"), ("thuỷ", "thủy"), ("uỷ", "ủy"), ("Hoà Bình!", "hòa bình")],
)
def test_tone_placement_does_not_count_in_match_keys(one: str, other: str) -> None:
    assert match_key(one) == match_key(other)


@pytest.mark.parametrize(
    "word", ["quý", "quỳ", "hoàng", "toán", "khoái", "huỳnh", "loét", "hoà-bình"[4:]]
)
def test_tones_of_closed_syllables_and_after_q_stay(word: str) -> None:
    assert match_key(word) == word.strip("-")


def test_match_keys_keep_tones_apart() -> None:
    assert match_key("hoa bình") != match_key("hòa bình")
    assert match_key("má") != match_key("mà")


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("Đường về bản Nậm Lụa", "duong-ve-ban-nam-lua"),
        (unicodedata.normalize("NFD", "Đổi mới"), "doi-moi"),
        ("  100% -- 12/14 xã  ", "100-12-14-xa"),
        ("日本語", ""),
        ("một hai ba", "mot-hai"),
        ("x" * 30, "x" * 10),
    ],
    ids=["vietnamese", "decomposed", "signs", "nothing_left", "cut_between_words", "one_long_word"],
)
def test_slugs_are_ascii_words(text: str, slug: str) -> None:
    limit = {"một hai ba": 9, "x" * 30: 10}.get(text, 80)
    assert slugify(text, limit) == slug


DICTIONARY = "an Ăn ân ba bà da dê Đà đá e ê o ô ơ u ư".split()


def test_words_are_sorted_as_in_a_dictionary() -> None:
    for first, second in pairwise(DICTIONARY):
        assert vi_sort_key(first) < vi_sort_key(second)
    assert sorted(reversed(DICTIONARY), key=vi_sort_key) == DICTIONARY
    decomposed = [unicodedata.normalize("NFD", word) for word in reversed(DICTIONARY)]
    assert [unicodedata.normalize("NFC", word) for word in sorted(decomposed, key=vi_sort_key)] == (
        DICTIONARY
    )


def test_tones_decide_after_letters_and_case_last() -> None:
    tones = ["ma", "mà", "mả", "mã", "má", "mạ", "mac"]
    assert sorted(reversed(tones), key=vi_sort_key) == tones
    assert sorted(["An", "an", "ăn"], key=vi_sort_key) == ["an", "An", "ăn"]


def test_syllables_are_counted_without_signs() -> None:
    assert count_syllables("Bạch Trà – 12 thôn, bản …") == 5
    assert count_syllables(" ") == 0


@pytest.mark.parametrize(
    ("one", "other", "similar"),
    [
        ("Cầu Bến Ngần thông xe", "CẦU BẾN NGẦN THÔNG XE!", True),
        ("Hoà Bình", "hoa binh", True),
        (
            "Sáng nay cầu Bến Ngần chính thức thông xe sau gần ba năm",
            "Sáng nay: cầu Bến Ngần chính thức thông xe sau gần ba năm (cập nhật ảnh)",
            False,
        ),
        (
            "Một hai ba bốn năm sáu bảy tám chín mười",
            "Một hai ba bốn năm sáu bảy tám chín mười mốt",
            True,
        ),
        ("Cầu mới", "Đường mới", False),
        ("", "", True),
    ],
    ids=["case", "marks", "three_more_of_fifteen", "one_more_of_eleven", "other", "empty"],
)
def test_near_duplicate_titles_are_recognised(one: str, other: str, similar: bool) -> None:
    assert similar_titles(one, other) is similar
    assert similar_titles(other, one) is similar


@pytest.mark.parametrize("mark", ["./.", " ./.", "/.", "./"])
def test_excerpt_drops_the_end_mark_of_official_texts(mark: str) -> None:
    assert excerpt(f"Thi hành từ hôm nay{mark}") == "Thi hành từ hôm nay"


def test_excerpt_is_cut_between_words() -> None:
    assert excerpt("Ủy ban nhân dân xã, họp", 20) == "Ủy ban nhân dân xã…"
    assert excerpt("x" * 60, 20) == "x" * 19 + "…"


@given(st.text(max_size=300), st.integers(min_value=5, max_value=200))
def test_excerpt_is_never_longer_than_asked(text: str, limit: int) -> None:
    assert len(excerpt(text, limit)) <= limit + 1
