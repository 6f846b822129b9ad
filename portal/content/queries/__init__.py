"""The read side of content: functions of a `Reader` that return frozen values.

Each records the rows and lists it read, and the next moment its answer changes by itself.
"""

from portal.content.queries.articles import find_article
from portal.content.queries.articles import find_page
from portal.content.queries.articles import list_translations
from portal.content.queries.lists import latest
from portal.content.queries.lists import list_section
from portal.content.queries.lists import pins
from portal.content.queries.lists import summaries
from portal.content.queries.redirects import Redirect
from portal.content.queries.redirects import find_redirect
from portal.content.queries.related import RelatedLimits
from portal.content.queries.related import related_candidates
from portal.content.queries.sections import find_section
from portal.content.queries.sections import home_path
from portal.content.queries.sections import localise
from portal.content.queries.sections import section_tree

__all__ = [
    "Redirect",
    "RelatedLimits",
    "find_article",
    "find_page",
    "find_redirect",
    "find_section",
    "home_path",
    "latest",
    "list_section",
    "list_translations",
    "localise",
    "pins",
    "related_candidates",
    "section_tree",
    "summaries",
]
