"""The write side of content: each command cleans, stores, keeps a revision and logs what changed.

A command works in the caller's session and flushes; the caller commits. The log rows are part of
the same transaction, so that no reader can see the change without its tags.
"""

from portal.content.commands.articles import add_correction
from portal.content.commands.articles import save_article
from portal.content.commands.articles import withdraw_article
from portal.content.commands.media import save_media
from portal.content.commands.places import save_redirect
from portal.content.commands.places import save_sections
from portal.content.commands.places import save_site
from portal.content.commands.places import set_pins

__all__ = [
    "add_correction",
    "save_article",
    "save_media",
    "save_redirect",
    "save_sections",
    "save_site",
    "set_pins",
    "withdraw_article",
]
