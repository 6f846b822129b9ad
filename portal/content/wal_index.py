"""Whether anybody has committed to an SQLite database, told from memory that all processes share.

Every connection in WAL mode maps the wal-index, the file `-shm`. Its header counts commits, and a
commit is in it before it is acknowledged; a connection that finds the header as it was reads its
database as it was. So does this: 48 bytes are compared instead of a statement being run, which
costs several system calls, and as many times the interpreter's lock. See "The WAL-Index Header"
in https://www.sqlite.org/walformat.html.

The mapping is made from the descriptor that SQLite has open. With one of our own all locks of this
process on the file would be gone when it is closed (POSIX, `fcntl`), those of SQLite included; and
Python's own `mmap` would make one.
"""

from __future__ import annotations

import ctypes
import mmap
import os
import sys
import weakref
from functools import cache

HEADER_BYTES = 48
_FORMAT = 3_007_000
_DESCRIPTORS = "/proc/self/fd"


class WalIndex:
    """The header of a wal-index, mapped while a connection of this process has it open."""

    def __init__(self, address: int) -> None:
        mapped = (ctypes.c_ubyte * HEADER_BYTES).from_address(address)
        self._header = memoryview(mapped).cast("B")
        weakref.finalize(self, _library().munmap, address, mmap.PAGESIZE).atexit = False

    def header(self) -> bytes:
        """The header as it is now; another one after every commit, whoever makes it."""
        return bytes(self._header)


def map_index(database: str) -> WalIndex | None:
    """The wal-index of a database that a connection of this process has read, by its file's name.

    None where there is none (another journal), or where the system does not show descriptors.
    """
    descriptor = _find_descriptor(f"{database}-shm")
    if descriptor is None:
        return None
    address = _library().mmap(None, mmap.PAGESIZE, mmap.PROT_READ, mmap.MAP_SHARED, descriptor, 0)
    if address in {None, ctypes.c_void_p(-1).value}:
        return None
    index = WalIndex(address)
    # In the order of bytes of the machine, unlike all else that SQLite stores.
    known = int.from_bytes(index.header()[:4], sys.byteorder) == _FORMAT
    return index if known else None


def _find_descriptor(name: str) -> int | None:
    """The descriptor of this process for the file of that name."""
    try:
        wanted = os.stat(name)
        listed = os.listdir(_DESCRIPTORS)
    except OSError:
        return None
    for number in map(int, listed):
        try:
            found = os.fstat(number)
        except OSError:
            # Closed meanwhile, as the one that listed them.
            continue
        if (found.st_dev, found.st_ino) == (wanted.st_dev, wanted.st_ino):
            return number
    return None


@cache
def _library() -> ctypes.CDLL:
    """The system's library, with the two calls that are needed of it."""
    library = ctypes.CDLL(None)
    library.mmap.restype = ctypes.c_void_p
    library.mmap.argtypes = [
        ctypes.c_void_p,
        ctypes.c_size_t,
        ctypes.c_int,
        ctypes.c_int,
        ctypes.c_int,
        ctypes.c_long,
    ]
    library.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
    return library
