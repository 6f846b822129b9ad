"""The block cache: which stored fragment may be shown on which page, and nothing else decides it.

Every content change is a row of the log in the database (`portal.content`). An entry carries the
stamp of the snapshot it was rendered in; a process keeps the table `tag → last position`;
`usable` compares the two. No clock and no other system takes part in that judgement.
"""

from portal.cache.bounding import BoundedSource
from portal.cache.bounding import OncePerProcess
from portal.cache.entry import CHOSEN
from portal.cache.entry import RENDERED
from portal.cache.entry import WHOLE_PAGE
from portal.cache.entry import Entry
from portal.cache.entry import Resolution
from portal.cache.entry import seal_digest
from portal.cache.flights import Flight
from portal.cache.flights import Flights
from portal.cache.follower import Follower
from portal.cache.judgement import explain
from portal.cache.judgement import is_true
from portal.cache.judgement import may_be_renewed_behind
from portal.cache.judgement import usable
from portal.cache.keys import block_tag
from portal.cache.keys import document_key
from portal.cache.keys import fragment_key
from portal.cache.keys import fragment_prefix
from portal.cache.keys import key_tag
from portal.cache.keys import page_key
from portal.cache.keys import route_key
from portal.cache.memory import Held
from portal.cache.memory import MemoryTier
from portal.cache.memory import early_renewal
from portal.cache.reason import KINDS
from portal.cache.reason import MISSED
from portal.cache.reason import Kind
from portal.cache.reason import Reason
from portal.cache.sharing import Found
from portal.cache.sharing import NothingShared
from portal.cache.sharing import Shared
from portal.cache.table import LogTable
from portal.cache.table import View

__all__ = [
    "CHOSEN",
    "KINDS",
    "MISSED",
    "RENDERED",
    "WHOLE_PAGE",
    "BoundedSource",
    "Entry",
    "Flight",
    "Flights",
    "Follower",
    "Found",
    "Held",
    "Kind",
    "LogTable",
    "MemoryTier",
    "NothingShared",
    "OncePerProcess",
    "Reason",
    "Resolution",
    "Shared",
    "View",
    "block_tag",
    "document_key",
    "early_renewal",
    "explain",
    "fragment_key",
    "fragment_prefix",
    "is_true",
    "key_tag",
    "may_be_renewed_behind",
    "page_key",
    "route_key",
    "seal_digest",
    "usable",
]
