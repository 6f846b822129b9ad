"""What an article is about, and how alike two are."""

from __future__ import annotations

import math
from datetime import UTC
from datetime import datetime
from datetime import timedelta

from portal.content.similarity import TERMS_PER_ARTICLE
from portal.content.similarity import adjust
from portal.content.similarity import digest_term
from portal.content.similarity import rarity
from portal.content.similarity import weigh_terms

TODAY = datetime(2026, 11, 23, tzinfo=UTC)


def test_terms_are_pairs_of_folded_syllables_without_function_words() -> None:
    terms = weigh_terms("Lũ quét ở Nậm Lụa", "", "Cầu treo Nậm Lụa của xã. Sạt lở, taluy")
    assert set(terms) == {"lu quet", "nam lua", "cau treo", "treo nam", "sat lo"}


def test_headline_counts_more_than_body() -> None:
    terms = weigh_terms("Cầu treo", "", "Sạt lở. Taluy dương")
    assert max(terms, key=lambda term: terms[term]) == "cau treo"


def test_weights_have_unit_length_and_a_bound() -> None:
    text = " ".join(f"abc{chr(97 + number)} xyz{chr(97 + number)}." for number in range(26))
    terms = weigh_terms("", "", text)
    assert len(terms) == TERMS_PER_ARTICLE
    assert math.isclose(sum(weight**2 for weight in terms.values()), 1.0)
    assert weigh_terms("", "", "") == {}


def test_terms_of_other_sites_and_languages_are_others() -> None:
    digests = {
        digest_term("a", "vi", "cau treo"),
        digest_term("b", "vi", "cau treo"),
        digest_term("a", "en", "cau treo"),
    }
    assert len(digests) == 3
    assert all(-(2**63) <= digest < 2**63 for digest in digests)


def test_rare_terms_say_more() -> None:
    assert 1.0 >= rarity(0) > rarity(5) > rarity(200) > 0


def test_nearness_in_tree_and_time_raises_a_score() -> None:
    near = adjust(0.5, True, TODAY, TODAY)
    assert near == 0.6
    assert adjust(0.5, False, TODAY, TODAY - timedelta(days=180)) == 0.25
    assert adjust(0.01, True, TODAY, TODAY) == 0.0
