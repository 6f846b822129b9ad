"""What can be read of the content. Every query takes a `Reader` and returns frozen values.

Readers see an article whose status is published, from its publication time on; withdrawn ones
answer with a reason, expired ones stay readable but leave every list. Lists hold articles in the
reader's language only. Each query records what its answer depends on and when it ends by itself.
"""

from __future__ import annotations

from portal.content.queries.addresses import collection_path
from portal.content.queries.addresses import home_path
from portal.content.queries.addresses import localise
from portal.content.queries.addresses import place_path
from portal.content.queries.addresses import search_arguments
from portal.content.queries.addresses import search_path
from portal.content.queries.addresses import search_translations
from portal.content.queries.albums import find_album
from portal.content.queries.albums import find_video
from portal.content.queries.albums import list_albums
from portal.content.queries.albums import list_videos
from portal.content.queries.archive import count_days
from portal.content.queries.archive import count_months
from portal.content.queries.archive import count_years
from portal.content.queries.archive import is_period
from portal.content.queries.articles import find_article
from portal.content.queries.articles import find_page
from portal.content.queries.collections import collection_translations
from portal.content.queries.collections import find_collection
from portal.content.queries.collections import list_collection
from portal.content.queries.inventory import address_parts
from portal.content.queries.inventory import addresses_of_part
from portal.content.queries.inventory import latest_addresses
from portal.content.queries.inventory import section_addresses
from portal.content.queries.lists import beside_in_section
from portal.content.queries.lists import latest
from portal.content.queries.lists import latest_with_lead
from portal.content.queries.lists import list_section
from portal.content.queries.lists import list_tag
from portal.content.queries.lists import newer_in_section
from portal.content.queries.lists import older_in_section
from portal.content.queries.lists import pins
from portal.content.queries.pages import list_pages
from portal.content.queries.pages import page_paths
from portal.content.queries.pages import public_paths
from portal.content.queries.popular_terms import popular_authors
from portal.content.queries.popular_terms import popular_tags
from portal.content.queries.popular_terms import popular_topics
from portal.content.queries.popularity import most_read
from portal.content.queries.redirects import find_redirect
from portal.content.queries.related import related_candidates
from portal.content.queries.related import same_topic
from portal.content.queries.related import sharing_tags
from portal.content.queries.related import similar_by_text
from portal.content.queries.search import search
from portal.content.queries.sections import find_section
from portal.content.queries.sections import list_translations
from portal.content.queries.sections import section_tree
from portal.content.queries.selections import Selection
from portal.content.queries.selections import find_tag
from portal.content.queries.selections import select_articles
from portal.content.queries.suggestions import suggest_searches
from portal.content.queries.summaries import summaries
from portal.content.queries.system_pages import system_addresses
from portal.content.queries.topics import find_topic
from portal.content.queries.topics import list_topic
from portal.content.queries.voices import rating_totals
from portal.content.queries.voices import visit_totals

__all__ = [
    "Selection",
    "address_parts",
    "addresses_of_part",
    "collection_path",
    "collection_translations",
    "count_days",
    "count_months",
    "count_years",
    "find_album",
    "beside_in_section",
    "find_article",
    "find_collection",
    "find_page",
    "find_redirect",
    "find_section",
    "find_tag",
    "find_topic",
    "find_video",
    "home_path",
    "is_period",
    "latest",
    "latest_addresses",
    "latest_with_lead",
    "list_albums",
    "list_collection",
    "list_pages",
    "list_section",
    "list_tag",
    "list_topic",
    "list_translations",
    "list_videos",
    "localise",
    "most_read",
    "newer_in_section",
    "older_in_section",
    "page_paths",
    "pins",
    "public_paths",
    "place_path",
    "popular_authors",
    "popular_tags",
    "popular_topics",
    "rating_totals",
    "related_candidates",
    "same_topic",
    "section_addresses",
    "system_addresses",
    "search",
    "search_arguments",
    "search_path",
    "search_translations",
    "section_tree",
    "select_articles",
    "sharing_tags",
    "similar_by_text",
    "suggest_searches",
    "summaries",
    "visit_totals",
]
