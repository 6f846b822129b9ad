"""What changes the content. Every command works inside the caller's transaction.

A command takes the writer's session, the key of the site and the present moment; it normalises
and sanitises and keeps a revision. It writes only rows that change, because what is written ends
cache entries: triggers note it in the change log. The caller commits. A refused command raises
`ContentError`; its transaction is to be rolled back.
"""

from __future__ import annotations

from portal.content.commands.albums import save_album
from portal.content.commands.albums import save_video
from portal.content.commands.articles import read_draft
from portal.content.commands.articles import save_article
from portal.content.commands.articles import save_articles
from portal.content.commands.media import read_media
from portal.content.commands.media import save_media
from portal.content.commands.pins import set_pins
from portal.content.commands.publishing import add_correction
from portal.content.commands.publishing import link_translation
from portal.content.commands.publishing import publish
from portal.content.commands.publishing import restore
from portal.content.commands.publishing import save_attachment
from portal.content.commands.publishing import withdraw
from portal.content.commands.redirects import save_redirect
from portal.content.commands.redirects import save_redirects
from portal.content.commands.search_rebuild import count_searchable
from portal.content.commands.search_rebuild import rebuild_search
from portal.content.commands.sections import save_sections
from portal.content.commands.sections import save_site
from portal.content.commands.views import add_views
from portal.content.commands.voices import count_views
from portal.content.commands.voices import count_visits
from portal.content.commands.voices import save_rating

__all__ = [
    "add_correction",
    "add_views",
    "count_searchable",
    "count_views",
    "count_visits",
    "link_translation",
    "publish",
    "read_draft",
    "read_media",
    "rebuild_search",
    "restore",
    "save_album",
    "save_article",
    "save_articles",
    "save_attachment",
    "save_media",
    "save_rating",
    "save_redirect",
    "save_redirects",
    "save_sections",
    "save_site",
    "save_video",
    "set_pins",
    "withdraw",
]
