"""Cache keys: everything a fragment can depend on, so that two different ones never share a key.

The prefix of a placement is made once per locale; a request only appends the identities of the
page values that its block declares. Block code, templates, texts and settings are in the prefix:
a deploy or a changed layout never mixes with the old one and needs no flush.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import lru_cache


def fragment_prefix(
    *,
    site: str,
    site_digest: str,
    locale: str,
    block: str,
    block_digest: str,
    settings: str,
    placement: str,
    region: str,
    heading_level: int,
) -> str:
    """The constant part of a placement's keys (32 hexadecimal digits)."""
    parts = (
        site,
        site_digest,
        locale,
        block,
        block_digest,
        settings,
        placement,
        region,
        str(heading_level),
    )
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        data = part.encode()
        digest.update(len(data).to_bytes(4, "big"))
        digest.update(data)
    return digest.hexdigest()


def fragment_key(prefix: str, identities: Iterable[str]) -> str:
    """The key of a placement's entries on one page; identities in declared order."""
    return "\x1f".join((prefix, *identities))


def route_key(
    site: str, site_digest: str, locale: str, path: str, variant: str, page_number: int
) -> str:
    """The key of an address's resolution."""
    return f"route\x1f{site}\x1f{site_digest}\x1f{locale}\x1f{path}\x1f{variant}\x1f{page_number}"


@lru_cache(maxsize=4096)
def key_tag(key: str) -> str:
    """The tag by which the entries of one key can be purged."""
    return f"key:{hashlib.blake2b(key.encode(), digest_size=8).hexdigest()}"


def block_tag(name: str) -> str:
    """The tag by which every fragment of a block can be purged."""
    return f"block:{name}"


def page_key(
    site: str, page_digest: str, locale: str, path: str, variant: str, page_number: int
) -> str:
    """The key of a page as a whole; `page_digest` stands for all that pages are put together by."""
    return f"page\x1f{site}\x1f{page_digest}\x1f{locale}\x1f{path}\x1f{variant}\x1f{page_number}"


def document_key(site: str, page_digest: str, locale: str, name: str) -> str:
    """The key of a document for programs: a feed, a site map, an answer of the API."""
    return f"document\x1f{site}\x1f{page_digest}\x1f{locale}\x1f{name}"
