"""Packs: the entries that live under one key of the shared tier, sealed together.

The MAC covers that key, so a value copied to another key, from another epoch or from another
portal is refused like a forged one. A replayed older value is genuine; the stamps of its entries
betray it.

    magic 3 · version 1 · total length 4 · length of the key 4 · key · entry… · MAC 16
                                                                                  (little-endian)
Packs are not compressed: zlib would cost more than all the rest of reading a 4 KiB block.
"""

from __future__ import annotations

import hashlib
import hmac
import struct
from collections.abc import Sequence
from enum import StrEnum
from hmac import compare_digest

from portal.cache.entry import Entry
from portal.cache.reason import Kind
from portal.cache.sealing.layout import ERRORS
from portal.cache.sealing.layout import FORMAT
from portal.cache.sealing.reading import read_entry
from portal.cache.sealing.writing import write_entry

LARGEST_PACK = 512 * 1024
"""Bytes; a larger pack is not stored, and a larger value not read."""

_MAGIC = b"PBC"
_BEGINNING = _MAGIC + bytes([FORMAT])
_HEADER = struct.Struct("<3sBII")
_LENGTH_OF_KEY = _HEADER.size - 4
_MAC_SIZE = 16


class Refusal(StrEnum):
    """Why a stored value is not shown. Each is counted; each is a miss."""

    FOREIGN = "foreign"
    """Not one of our packs at all."""
    FORMAT = "format"
    """A pack of another format version, or one whose fields this version does not know."""
    TRUNCATED = "truncated"
    """Fewer bytes than it announces."""
    OVERSIZED = "oversized"
    """More bytes than a pack may have."""
    FORGED = "forged"
    """The MAC does not fit: other secret, other key, damaged or made up."""

    @property
    def kind(self) -> Kind:
        """The refusal as a reason."""
        return self.value


def derive_key(secret: str, info: bytes, length: int = 32) -> bytes:
    """HKDF-SHA256 without salt (RFC 5869); `length` is at most 8160 bytes."""
    master = hmac.digest(bytes(32), secret.encode(), "sha256")
    material = block = b""
    for counter in range(1, -(-length // 32) + 1):
        block = hmac.digest(master, block + info + bytes([counter]), "sha256")
        material += block
    return material[:length]


class Sealer:
    """Seals and unseals packs with a key derived from the portal's secret. Safe for threads."""

    def __init__(self, secret: str) -> None:
        self._keyed = hashlib.blake2b(
            digest_size=_MAC_SIZE, key=derive_key(secret, b"portal cache"), person=b"portal pack"
        )

    def seal(self, key: str, entries: Sequence[Entry]) -> bytes:
        """One pack of `entries` for `key`; its length may exceed `LARGEST_PACK`."""
        name = key.encode(errors=ERRORS)
        body = name + b"".join(map(write_entry, entries))
        size = _HEADER.size + len(body) + _MAC_SIZE
        data = _HEADER.pack(_MAGIC, FORMAT, size, len(name)) + body
        return data + self._mac(data)

    def unseal(self, key: str, data: object) -> tuple[Entry, ...] | Refusal:
        """The entries of a pack, or why it is none. Never raises, whatever `data` is."""
        if not isinstance(data, bytes) or not data.startswith(_BEGINNING):
            return Refusal.FORMAT if _is_of_other_format(data) else Refusal.FOREIGN
        size = len(data)
        if size > LARGEST_PACK:
            return Refusal.OVERSIZED
        end = size - _MAC_SIZE
        if not compare_digest(self._mac(memoryview(data)[:end]), data[end:]):
            return Refusal.TRUNCATED if _is_truncated(data) else Refusal.FORGED
        name = key.encode(errors=ERRORS)
        start = _HEADER.size + len(name)
        # With the length before it no other key can look like this one.
        if data[_LENGTH_OF_KEY:start] != len(name).to_bytes(4, "little") + name:
            return Refusal.FORGED
        try:
            entry, start = read_entry(data, start)
            if start == end:
                return (entry,)
            entries = [entry]
            while start < end:
                entry, start = read_entry(data, start)
                entries.append(entry)
            return tuple(entries) if start == end else Refusal.FORMAT
        except (ValueError, TypeError, KeyError, AttributeError, struct.error):
            # Genuine bytes of a program that used the same version for another layout.
            return Refusal.FORMAT

    def _mac(self, data: bytes | memoryview) -> bytes:
        mac = self._keyed.copy()
        mac.update(data)
        return mac.digest()


def _is_of_other_format(data: object) -> bool:
    return isinstance(data, bytes) and data.startswith(_MAGIC) and len(data) > len(_MAGIC)


def _is_truncated(data: bytes) -> bool:
    return len(data) < _HEADER.size or len(data) < _HEADER.unpack_from(data)[2]
