"""The tables. Rows stay inside `portal.content`: queries return values, commands take drafts.

All text is NFC, all times are UTC. Names by locale are JSON objects `{"vi": …, "en": …}`.
Every index serves a query of `portal.content.queries` at 100,000 articles; the columns of the
list indexes stand in the order: what must be equal, then the order of the list, then what is
only looked at.
"""

from __future__ import annotations

from portal.content.models.articles import UNSEEN_OF_ARTICLE
from portal.content.models.articles import Article
from portal.content.models.articles import ArticleAuthor
from portal.content.models.articles import ArticleTag
from portal.content.models.articles import Attachment
from portal.content.models.articles import Pin
from portal.content.models.articles import Revision
from portal.content.models.counters import ArticleViews
from portal.content.models.counters import Rating
from portal.content.models.counters import SiteVisits
from portal.content.models.fields import ByLocale
from portal.content.models.fields import Key
from portal.content.models.fields import Moment
from portal.content.models.fields import Name
from portal.content.models.fields import OptionalMoment
from portal.content.models.fields import OptionalName
from portal.content.models.fields import Records
from portal.content.models.fields import SiteKey
from portal.content.models.log import CacheLog
from portal.content.models.log import CacheMeta
from portal.content.models.media import Album
from portal.content.models.media import AlbumPicture
from portal.content.models.media import Media
from portal.content.models.media import Video
from portal.content.models.search import ArticleTerm
from portal.content.models.search import SearchDocument
from portal.content.models.search import SearchWord
from portal.content.models.search import Similar
from portal.content.models.sites import Redirect
from portal.content.models.sites import Section
from portal.content.models.sites import Site
from portal.content.models.sites import Tag
from portal.content.models.sites import Topic

__all__ = [
    "Album",
    "AlbumPicture",
    "Article",
    "ArticleAuthor",
    "ArticleTag",
    "ArticleTerm",
    "ArticleViews",
    "Attachment",
    "ByLocale",
    "CacheLog",
    "CacheMeta",
    "Key",
    "Media",
    "Moment",
    "Name",
    "OptionalMoment",
    "OptionalName",
    "Pin",
    "Rating",
    "Records",
    "Redirect",
    "Revision",
    "SearchDocument",
    "SearchWord",
    "Section",
    "Similar",
    "Site",
    "SiteKey",
    "SiteVisits",
    "Tag",
    "Topic",
    "UNSEEN_OF_ARTICLE",
    "Video",
]
