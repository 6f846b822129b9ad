"""What changes the content. Every command works inside the caller's transaction.

A command takes the writer's session, the key of the site and the present moment; it normalises
and sanitises, keeps a revision, notes the tags of the old and the new state in the change log
and returns them. The caller commits. A refused command raises `ContentError`; its transaction is
to be rolled back.
"""

from __future__ import annotations

from portal.content.commands.articles import read_draft
from portal.content.commands.articles import save_article
from portal.content.commands.articles import save_articles
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
from portal.content.commands.sections import save_sections
from portal.content.commands.sections import save_site

__all__ = [
    "add_correction",
    "link_translation",
    "publish",
    "read_draft",
    "restore",
    "save_article",
    "save_articles",
    "save_attachment",
    "save_media",
    "save_redirect",
    "save_redirects",
    "save_sections",
    "save_site",
    "set_pins",
    "withdraw",
]
