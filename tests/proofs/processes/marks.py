"""Versions that a page shows: words such as `A3V17C5d1f00aa` in headline, lead and body.

The last part is a checksum of the other two, so bytes that went wrong are no mark of anything.
"""

from __future__ import annotations

import re
import zlib

_MARK = re.compile(r"A(\d+)V(\d+)C([0-9a-f]{8})(?![0-9a-f])")
_END = "</html>"


class WrongPage(AssertionError):
    """A page that nobody should ever have seen."""


def mark(article: int, version: int) -> str:
    """The word for one version of an article."""
    return f"A{article}V{version}C{_sum(article, version)}"


def read_marks(body: bytes) -> dict[int, int]:
    """The version of every article on a page; raise `WrongPage` unless each has just one."""
    html = body.decode()
    if not html.rstrip().endswith(_END):
        raise WrongPage(f"the page does not end with {_END}: {html[-60:]!r}")
    shown: dict[int, int] = {}
    for article, version, checksum in _MARK.findall(html):
        found = int(article), int(version)
        if checksum != _sum(*found):
            raise WrongPage(f"a mark that nobody wrote: A{article}V{version}C{checksum}")
        if shown.setdefault(*found) != found[1]:
            raise WrongPage(
                f"a torn page: article {article} in versions {shown[found[0]]} and {version}"
            )
    return shown


def _sum(article: int, version: int) -> str:
    return f"{zlib.crc32(f'{article}:{version}'.encode()):08x}"
