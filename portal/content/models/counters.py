"""Views, votes and visits: numbers with nobody in them."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint
from sqlalchemy import ForeignKey
from sqlalchemy import Index
from sqlalchemy import Text
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

from portal.content.columns import Long
from portal.content.models.fields import Key
from portal.content.models.fields import Name
from portal.content.models.fields import SiteKey
from portal.extensions import Model


class ArticleViews(Model):
    """How often an article was read on a day of the site's zone: sums, never who or from where.

    Counting must not end cache entries: this table has no part in the change log.
    """

    __tablename__ = "article_views"
    __table_args__ = (
        Index("article_views_day_index", "day", "article_id", "views"),
        CheckConstraint("views >= 0", name="views"),
    )

    article_id: Mapped[int] = mapped_column(
        ForeignKey("article.id", ondelete="CASCADE"), primary_key=True
    )
    day: Mapped[date] = mapped_column(primary_key=True)
    views: Mapped[int] = mapped_column(Long)


class Rating(Model):
    """One vote of a reader on an article: score, day and, if given, a comment; never who."""

    __tablename__ = "rating"
    __table_args__ = (
        CheckConstraint("score BETWEEN 1 AND 5", name="score"),
        CheckConstraint("length(comment) <= 500", name="comment"),
    )

    id: Mapped[Key]
    site: Mapped[SiteKey]
    article_id: Mapped[int] = mapped_column(
        ForeignKey("article.id", ondelete="CASCADE"), index=True
    )
    score: Mapped[int]
    day: Mapped[date]
    comment: Mapped[Name]


class SiteVisits(Model):
    """How many pages of a site readers opened on one of its days."""

    __tablename__ = "site_visits"

    site: Mapped[str] = mapped_column(Text, ForeignKey("site.key"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    visits: Mapped[int] = mapped_column(Long)
