"""What can be read of the content. Every query takes a `Reader` and returns frozen values.

Readers see an article whose status is published, from its publication time on; withdrawn ones
answer with a reason, expired ones stay readable but leave every list. Lists hold articles in the
reader's language only. Each query records what its answer depends on and when it ends by itself.
"""

from __future__ import annotations

from portal.content.queries.addresses import home_path
from portal.content.queries.addresses import localise
from portal.content.queries.articles import find_article
from portal.content.queries.articles import find_page
from portal.content.queries.lists import latest
from portal.content.queries.lists import latest_with_lead
from portal.content.queries.lists import list_section
from portal.content.queries.lists import list_tag
from portal.content.queries.lists import newer_in_section
from portal.content.queries.lists import older_in_section
from portal.content.queries.lists import pins
from portal.content.queries.pages import page_paths
from portal.content.queries.redirects import find_redirect
from portal.content.queries.related import related_candidates
from portal.content.queries.related import same_topic
from portal.content.queries.related import sharing_tags
from portal.content.queries.related import similar_by_text
from portal.content.queries.sections import find_section
from portal.content.queries.sections import list_translations
from portal.content.queries.sections import section_tree
from portal.content.queries.summaries import summaries

__all__ = [
    "find_article",
    "find_page",
    "find_redirect",
    "find_section",
    "home_path",
    "latest",
    "latest_with_lead",
    "list_section",
    "list_tag",
    "list_translations",
    "localise",
    "newer_in_section",
    "older_in_section",
    "page_paths",
    "pins",
    "related_candidates",
    "same_topic",
    "section_tree",
    "sharing_tags",
    "similar_by_text",
    "summaries",
]
