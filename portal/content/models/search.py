"""What is computed of articles when they are saved: search and similar ones."""

from __future__ import annotations

from sqlalchemy import ForeignKey
from sqlalchemy import Index
from sqlalchemy import Text
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

from portal.content.columns import Long
from portal.content.models.fields import Name
from portal.content.models.fields import OptionalMoment
from portal.content.tracking import Ends
from portal.content.tracking import ends
from portal.extensions import Model


class ArticleTerm(Model):
    """A word pair an article is about. `term` is a 64-bit digest of site, locale and pair."""

    __tablename__ = "article_term"
    __table_args__ = (Index("article_term_article_id_index", "article_id"),)

    term: Mapped[int] = mapped_column(Long, primary_key=True, autoincrement=False)
    article_id: Mapped[int] = mapped_column(
        ForeignKey("article.id", ondelete="CASCADE"), primary_key=True
    )
    weight: Mapped[float]


class Similar(Model):
    """An article that reads like another one; found when either was published."""

    __tablename__ = "similar"
    __table_args__ = ends(Ends("similar:{article_id}"))

    article_id: Mapped[int] = mapped_column(
        ForeignKey("article.id", ondelete="CASCADE"), primary_key=True
    )
    other_id: Mapped[int] = mapped_column(
        ForeignKey("article.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    score: Mapped[float]


class SearchDocument(Model):
    """What search finds: one row for each article or page that readers may see some day.

    `number` orders by publication, then by article (`portal.content.search.document`). The words
    stand under the same number in `search_text`, which is no model: an FTS5 table on SQLite,
    tsvector columns on PostgreSQL.
    """

    __tablename__ = "search_document"
    __table_args__ = (
        Index("search_document_article_id_index", "article_id"),
        Index("search_document_site_locale_year_index", "site", "locale", "year"),
        Index("search_document_site_locale_title_digest_index", "site", "locale", "title_digest"),
        ends(Ends("search")),
    )

    number: Mapped[int] = mapped_column(Long, primary_key=True, autoincrement=False)
    article_id: Mapped[int] = mapped_column(ForeignKey("article.id", ondelete="CASCADE"))
    site: Mapped[Name]
    locale: Mapped[Name]
    kind: Mapped[Name]
    section_id: Mapped[int | None] = mapped_column(Long)
    year: Mapped[int]
    expires_at: Mapped[OptionalMoment]
    title_digest: Mapped[int] = mapped_column(Long)
    title_folded: Mapped[Name]
    title_exact: Mapped[Name]


class SearchWord(Model):
    """A folded word that stood in a title; what a mistyped word may have meant."""

    __tablename__ = "search_word"

    site: Mapped[str] = mapped_column(Text, primary_key=True)
    locale: Mapped[str] = mapped_column(Text, primary_key=True)
    word: Mapped[str] = mapped_column(Text, primary_key=True)
