"""Whether a word can be a Vietnamese syllable: the yardstick for guessing a text's encoding.

Orthography allows about 6,600 syllables of the millions that random letters make, so a text
decoded with the wrong table fails this test almost everywhere and a right one almost nowhere.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_TONES = "\u0300\u0301\u0303\u0309\u0323"
_ACUTE, _DOT_BELOW = "\u0301", "\u0323"

_RHYMES = """
a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây
e ec em en eng eo ep et ê êch êm ên êng ênh êp êt êu
i ia ich im in inh ip it iu iêc iêm iên iêng iêp iêt iêu
o oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oc oe oen oeo oet
oi om on ong ooc oong op ot ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt
u ua uân uâng uât uây uc uê uêch uênh uêu ui um un ung uơ up ut uôc uôi uôm uôn uông uôt
uy uya uych uyên uyêt uyn uynh uyp uyt uyu
ư ưa ưc ưi ưm ưn ưng ưt ưu ươc ươi ươm ươn ương ươp ươt ươu
y ych yêm yên yêng yêt yêu ym yn ynh yt
""".split()

_SYLLABLE = re.compile(
    f"(?:b|c|ch|d|đ|g|gh|gi|h|k|kh|l|m|n|ng|ngh|nh|p|ph|qu|r|s|t|th|tr|v|x)?(?:{'|'.join(_RHYMES)})"
)
_STOPPED = re.compile(r"(?:c|ch|p|t)$")


@lru_cache(maxsize=32_768)
def is_syllable(word: str) -> bool:
    """Say whether `word` (one word, any case, any normal form) is spelled like a syllable.

    Eth and African D, typed for đ in many old texts, count as đ. A syllable closed by c, ch, p
    or t bears the acute or the dot-below tone; others bear any.
    """
    if len(word) > 14:  # the longest, nghiêng in NFD with tone and case marks, is shorter
        return False
    marked = unicodedata.normalize("NFD", word.lower())
    tones = [mark for mark in marked if mark in _TONES]
    if len(tones) > 1:
        return False
    if marked[:1] in ("\u00f0", "\u0256"):
        marked = "đ" + marked[1:]
    plain = unicodedata.normalize("NFC", "".join(mark for mark in marked if mark not in _TONES))
    if _SYLLABLE.fullmatch(plain) is None:
        return False
    return not (_STOPPED.search(plain) and tones and tones[0] not in (_ACUTE, _DOT_BELOW))
