"""What programs read of a site: feeds, site maps and the small files they look for.

Everything here is a pure function of a reader and the site: it asks the content and returns
bytes. Who asks, how often, and what is remembered is the business of other rooms.
"""

from __future__ import annotations

from portal.feeds.atom import write_atom
from portal.feeds.json_feed import write_json_feed
from portal.feeds.rss import write_rss
from portal.feeds.site_documents import write_manifest
from portal.feeds.site_documents import write_open_search
from portal.feeds.site_documents import write_robots
from portal.feeds.site_documents import write_security
from portal.feeds.site_maps import write_map
from portal.feeds.site_maps import write_map_index
from portal.feeds.site_maps import write_news_map
from portal.feeds.stream import Stream
from portal.feeds.stream import read_stream

__all__ = [
    "Stream",
    "read_stream",
    "write_atom",
    "write_json_feed",
    "write_manifest",
    "write_map",
    "write_map_index",
    "write_news_map",
    "write_open_search",
    "write_robots",
    "write_rss",
    "write_security",
]
