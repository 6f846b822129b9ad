"""What readers, robots and attackers put into a search field, as the bytes of an address."""

from __future__ import annotations

import unicodedata

_OPERATORS = (
    '"', '""', '"unclosed', "'", "''", "`", "*", "a*", "*a", "^a", "-a", "+a", "--", "(", ")",
    "( (", "NEAR(", "NEAR(a b, 2)", "a NEAR b", "AND", "OR", "NOT", "a AND", "NOT a", "a OR OR b",
    "title:a", "title : a", "{title}: a", "- title : a", "rowid:1", "a & b", "a | b", "!a", "!!a",
    "a <-> b", "<->", "a <2> b", "a:*", "a:ABC", "':*", "' & '", "\\", "\\'", "a\\:b", "a ~ b",
    "a::tsquery", "_k", "_y2026", "y2026", "karticle", "x3b5bd90516d8",
)  # fmt: skip
_STATEMENTS = (
    "' OR 1=1 --", "'; DROP TABLE article; --", '" OR ""="', "1); SELECT pg_sleep(9) --", "%", "_",
    "%%", "$1", ":match", "?", "{{ 7 * 7 }}", "{% raw %}", "${7*7}", "#{7*7}", "%(match)s", "{0}",
)  # fmt: skip
_MARKUP = (
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "' autofocus onfocus='alert(1)",
    "</title><svg onload=alert(1)>", "<mark>", "&lt;b&gt;", "&#60;b>", "<!--", "]]>",
    "javascript:a", "</textarea><iframe src=//x>", "<a href=//x>",
)  # fmt: skip
_CHARACTERS = (
    "\x00", "a\x00b", "\x01\x1f\x7f", "\ufeff", "\u200b", "\u202eabc", "\u2028", "\ufffd",
    "\ufdfa", "\U0001f468\u200d\U0001f469\u200d\U0001f467", "\U000e0041", "a" + "\u0323\u0302" * 60,
    "\u0301a", "ﬀ", "İ", "ß", "٣", "Ⅷ", "𝒄𝒂̂𝒖", "日本語", "\r\nSet-Cookie: a=b", "a\tb", "   ", "/",
    "../../etc", unicodedata.normalize("NFD", "Cầu Bến Ngần"),
)  # fmt: skip
_LONG = ("a" * 10_000, "dài " * 2_500, "a-" * 5_000, "1/" * 5_000, '"' * 10_000, "ư" * 10_000)
# "Cầu" in TCVN3, VNI, VISCII and the Vietnamese code page, an overlong form, a lone surrogate, and
# what is none of them.
_BYTES = (
    b"C\xc7u", b"Ca\xe0u", b"C\xa5u", b"C\xe2\xccu", b"\xc0\xaf", b"\xed\xa0\x80", b"\xff\xfe",
    b"C\xc3\xa1\xc2\xba\xc2\xa7u", b"\xf0\x9f\x98",
)  # fmt: skip

QUERIES: tuple[bytes, ...] = (
    *(
        text.encode()
        for texts in (_OPERATORS, _STATEMENTS, _MARKUP, _CHARACTERS, _LONG)
        for text in texts
    ),
    *_BYTES,
)
TEXTS: tuple[str, ...] = tuple(query.decode("utf-8", "replace") for query in QUERIES)
