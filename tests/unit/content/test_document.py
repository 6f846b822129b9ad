"""What is indexed of an article: every word in both forms, bounded, numbers as a whole behind."""

from __future__ import annotations

import pytest

from portal.content.search.document import MOST_PLACES_OF_A_WORD
from portal.content.search.document import MOST_WORDS
from portal.content.search.document import describe_document
from portal.content.search.terms import spell_tsvector
from portal.content.search.words import find_numbers
from portal.content.search.words import list_forms
from portal.content.search.words import list_number_forms
from portal.content.search.words import split_words
from portal.text import normalise
from tests.naughty import TEXTS

NUMBERS = (
    "Quyết định số 1234/QĐ-UBND ngày 24.11.2026, thay 03 / CT - UBND và 5/2019/NĐ-CP",
    "1/2/3-4–5 6:7,8 9//10 ²3/4 x12/13 14/x15_16 17/18-",
    "Từ 7,5 % lên 10.000.000 đồng; giờ 08:30–11:45",
)


@pytest.mark.parametrize("texts", [NUMBERS, TEXTS], ids=["numbers", "odd texts"])
def test_words_without_their_places_are_those_with_them(texts: tuple[str, ...]):
    for text in map(normalise, texts):
        assert list_forms(text) == [(word.exact, word.folded) for word in split_words(text)]
        found = [number for _, _, number in find_numbers(text)]
        assert list_number_forms(text) == [(number.exact, number.folded) for number in found]


def test_a_number_is_found_as_a_whole_behind_the_words():
    document = describe_document("Chỉ thị 03/CT-UBND", "", "Hoà bình")
    assert document.exact["title"] == ("chỉ", "thị", "03", "ct", "ubnd", "03ctubnd")
    assert document.folded["title"] == ("chi", "thi", "03", "ct", "ubnd", "03ctubnd")
    assert (document.exact["body"], document.folded["body"]) == (("hòa", "bình"), ("hoa", "binh"))
    assert document.exact["lead"] == document.folded["lead"] == ()


def test_a_word_keeps_its_first_places_over_all_fields():
    """`bản` and `bán` are one word where marks do not count."""
    document = describe_document("Bản tin", "bản " * 200, "bán " * 100 + "hết")
    assert document.exact["body"] == ("bán",) * 100 + ("hết",)
    left = MOST_PLACES_OF_A_WORD - 201
    assert document.folded["lead"] == ("ban",) * 200
    assert document.folded["body"] == ("ban",) * left + ("het",)


def test_a_field_keeps_its_first_words():
    words = [f"w{place}" for place in range(20_000)]
    document = describe_document(" ".join(words), " ".join(words), " ".join(words))
    assert {field: len(found) for field, found in document.exact.items()} == MOST_WORDS
    assert document.folded["body"] == tuple(words[: MOST_WORDS["body"]])


def test_a_tsvector_has_every_place_and_a_gap_between_fields():
    fields = {"title": ("ban", "tin"), "lead": (), "body": ("ban", "ban", "moi")}
    assert spell_tsvector(fields, ("x1", "s2")) == (
        "'ban':1A,7C,8C 'tin':2A 'moi':9C '_x1':12D '_s2':13D"
    )
