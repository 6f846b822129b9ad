"""What an article is about, as weighted pairs of syllables, and how alike two articles are.

Vietnamese is written in syllables and most of its words have two, so pairs of neighbouring
syllables stand for words without a dictionary. Pure functions; the tables are the commands'.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from datetime import timedelta
from functools import lru_cache
from hashlib import blake2b

from portal.text import fold
from portal.text import normalise

TERMS_PER_ARTICLE = 12
STORED = 20
NEWEST_PER_TERM = 200

_HALF_LIFE = timedelta(days=180)
_SAME_SECTION = 1.2
_LEAST_SCORE = 0.08
_MANY = 1000.0
_HEADLINE, _LEAD, _BODY = 3, 2, 1

# Function words, and words that every article of a public office has. With their marks: folded,
# half of them would be names of people and places (`năm` is `nam`, but so is `nậm`).
_STOP = frozenset(
    (
        "ai anh ấy bà bị bởi các cách cái càng cần chỉ cho chưa chúng có còn cũng của cùng cuộc"
        " dù dưới đã đang đây để đến đều đi điều đó được gì giữa hay hoặc họ hơn khác khi không là"
        " lại lên lúc luôn mà mỗi mới một này nào năm nên nếu ngày ngoài nhằm nhất nhiều như những"
        " nhưng nó nơi ở ông phải qua ra rằng rất rồi sau sẽ số sự tại theo thì thêm tháng thứ trên"
        " trong trước từ từng tôi vào vẫn về vì việc với vừa và"
        " ban bộ cán chính công hành hội huyện nhân phường quốc sở tác tỉnh ủy uỷ xã"
        " a about after all also an and are as at be been but by can for from had has have he her"
        " his if in into is it its more new no not of on one or our out over said she so than that"
        " the their them there they this to two up was were what when which who will with would"
    ).split()
)
_SENTENCE = re.compile(r"[.,;:!?…()\[\]“”\"'«»/\n]+")
_SYLLABLE = re.compile(r"[^\W\d_]+")


def weigh_terms(headline: str, lead: str, body_text: str) -> Mapping[str, float]:
    """The pairs an article is most about, with weights whose squares add up to one."""
    counts: Counter[str] = Counter()
    for text, factor in ((headline, _HEADLINE), (lead, _LEAD), (body_text, _BODY)):
        for pair in _pairs(text):
            counts[pair] += factor
    chosen = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:TERMS_PER_ARTICLE]
    weights = {pair: 1 + math.log(count) for pair, count in chosen}
    length = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
    return {pair: weight / length for pair, weight in weights.items()}


def _pairs(text: str) -> list[str]:
    pairs = []
    for sentence in _SENTENCE.split(normalise(text).casefold()):
        syllables = [
            "" if syllable in _STOP else _fold_syllable(syllable)
            for syllable in _SYLLABLE.findall(sentence)
        ]
        pairs += [
            f"{first} {second}"
            for first, second in zip(syllables, syllables[1:], strict=False)
            if first and second
        ]
    return pairs


# There are some seven thousand syllables in all, and each of them comes up again and again.
_fold_syllable = lru_cache(maxsize=8192)(fold)


def digest_term(site: str, locale: str, pair: str) -> int:
    """A pair of one site and language as a signed 64-bit number, the same on every machine."""
    name = f"{site}\0{locale}\0{pair}".encode()
    return int.from_bytes(blake2b(name, digest_size=8).digest(), "big", signed=True)


def rarity(articles: int) -> float:
    """How much a shared term says that this many articles have (counted up to the newest 200)."""
    return math.log(1 + _MANY / (1 + articles)) / math.log(1 + _MANY)


def adjust(score: float, same_section: bool, first: datetime, second: datetime) -> float:
    """A score with the nearness of two articles in the tree and in time; 0 if it is too low."""
    apart = abs(first - second) / _HALF_LIFE
    adjusted = score * (_SAME_SECTION if same_section else 1.0) * 0.5**apart
    return round(adjusted, 6) if score >= _LEAST_SCORE else 0.0
