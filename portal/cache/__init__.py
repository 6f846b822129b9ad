"""The block cache: which stored fragment may be shown on which page, and nothing else decides it.

Every content change is a row of the log in the database (`portal.content.log`). An entry carries
the stamp of the snapshot it was rendered in; a process keeps the table `tag → last position`;
`usable` compares the two. No clock and no other system takes part in that judgement.
"""

from portal.cache.entry import Entry
from portal.cache.entry import Resolution
from portal.cache.entry import seal_digest
from portal.cache.judgement import usable
from portal.cache.keys import fragment_key
from portal.cache.keys import fragment_prefix
from portal.cache.keys import route_key
from portal.cache.memory import MemoryTier
from portal.cache.table import LogTable
from portal.cache.table import View

__all__ = [
    "Entry",
    "LogTable",
    "MemoryTier",
    "Resolution",
    "View",
    "fragment_key",
    "fragment_prefix",
    "route_key",
    "seal_digest",
    "usable",
]
