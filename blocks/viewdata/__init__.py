"""The article itself: headline, lead, picture, body, byline, files, corrections and metadata."""

from __future__ import annotations

from datetime import date
from datetime import datetime
from datetime import time
from pathlib import PurePosixPath
from zoneinfo import ZoneInfo

from blocks.viewdata.body import Body
from blocks.viewdata.body import BodyWriter
from blocks.viewdata.metadata import add_article_metadata
from blocks.viewdata.metadata import describe
from blocks.viewdata.metadata import news_article
from blocks.viewdata.metadata import serialise
from blocks.viewdata.metadata import web_page
from blocks.viewdata.settings import Part
from blocks.viewdata.settings import ViewDataSettings
from portal.block import Block
from portal.block import BlockContext
from portal.block import CachePolicy
from portal.block import slugify
from portal.content import queries
from portal.content.values import Article
from portal.content.values import Attachment
from portal.content.values import Author
from portal.content.values import CollectionKind
from portal.content.values import FigurePart
from portal.content.values import HtmlPart
from portal.content.values import Image
from portal.content.values import Moment
from portal.content.values import Source
from portal.content.values import Translation

CONTENTS_FROM = 4

block = Block(
    "viewdata",
    __name__,
    settings=ViewDataSettings,
    needs={"article": Article, "translations": tuple[Translation, ...]},
    cache=CachePolicy(fresh="1d", stale="1d"),
    aliases=("Block_BanTin_ViewData",),
    headline=lambda settings: "headline" in settings.show,
)

Context = BlockContext[ViewDataSettings]


@block.render
def render(ctx: Context) -> dict[str, object] | None:
    """The parts of the article that have content, in the order of `show`."""
    article, settings = ctx.article, ctx.settings
    expired = article.expires is not None and ctx.clock.has_passed(article.expires)
    _write_head(ctx, article, expired)
    writer = BodyWriter(
        key=ctx.key,
        level=ctx.heading_level,
        base_url=ctx.site.base_url,
        table_mode=settings.table_mode,
        keep_end_mark=settings.end_mark == "keep",
        translate=ctx.text,
    )
    body = writer.write(article.body)
    values: dict[str, object] = {
        "article": article,
        "tags": [(term, _path(ctx, "tag", term.slug)) for term in article.tags],
        "topic": article.topic,
        "topic_path": _path(ctx, "topic", article.topic.slug) if article.topic else "",
        "authors": [(author, _author_path(ctx, author)) for author in article.authors],
        "lead": [line for line in article.lead.splitlines() if line.strip()],
        "body": body.parts if body.parts else (),
        "contents": _contents(settings, body),
        "hero": _hero(article),
        "expired_on": _day(article.expires, ctx) if expired else None,
        "legacy_day": _legacy_day(ctx, article),
        "source_url": _safe_url(article.source),
        "file_types": {item.id: file_type(item) for item in article.attachments},
        "corrections": sorted(article.corrections, key=lambda item: item.at, reverse=True),
        "today": ctx.clock.today() if "printed" in settings.show else None,
    }
    parts = [part for part in settings.show if _has_content(part, ctx, values)]
    return {**values, "parts": parts} if parts else None


def _has_content(part: Part, ctx: Context, values: dict[str, object]) -> bool:
    article = ctx.article
    filled: dict[Part, object] = {
        "kicker": article.section,
        "headline": True,
        "date": True,
        "lead": values["lead"],
        "notices": values["expired_on"] or values["legacy_day"],
        "hero": values["hero"],
        "toc": values["contents"],
        "body": any(_is_visible(piece, ctx.settings) for piece in article.body),
        "authors": article.authors,
        "source": article.source,
        "tags": article.tags or article.topic,
        "attachments": article.attachments,
        "corrections": article.corrections,
        "copyright": ctx.site.text(ctx.settings.copyright_text, ctx.locale),
        "printed": True,
    }
    return bool(filled[part])


def _path(ctx: Context, kind: CollectionKind, key: str) -> str:
    return queries.collection_path(ctx.reader, kind, key)


def _author_path(ctx: Context, author: Author) -> str:
    """Where everything of this name is listed; nowhere for a name without letters."""
    slug = slugify(author.name, limit=200)
    return _path(ctx, "author", slug) if slug and ctx.article.kind == "article" else ""


def _is_visible(piece: HtmlPart | FigurePart, settings: ViewDataSettings) -> bool:
    if isinstance(piece, HtmlPart):
        return bool(piece.html.source.strip())
    return piece.image is not None or settings.lost_pictures == "caption"


def _contents(settings: ViewDataSettings, body: Body) -> object:
    least = {"auto": CONTENTS_FROM, "on": 1, "off": len(body.contents) + 1}[settings.show_toc]
    return body.contents if len(body.contents) >= least else ()


def _hero(article: Article) -> Image | None:
    """The article's picture, unless its body shows the same one."""
    hero = article.hero
    if hero is None:
        return None
    figures = (part for part in article.body if isinstance(part, FigurePart))
    return None if any(part.image and part.image.id == hero.id for part in figures) else hero


def _legacy_day(ctx: Context, article: Article) -> date | None:
    before = ctx.site.legacy_notice_before
    if before is None or not ctx.settings.legacy_notice or article.kind == "page":
        return None
    day = date.fromisoformat(before)
    begin = datetime.combine(day, time(), tzinfo=ZoneInfo(ctx.site.time_zone))
    return day if article.published.at < begin else None


def _day(at: datetime | None, ctx: Context) -> Moment | None:
    return Moment(at, "day", ctx.site.time_zone) if at else None


def _safe_url(source: Source | None) -> str | None:
    if source is None or source.url is None:
        return None
    return source.url if source.url.startswith(("https://", "http://")) else None


def file_type(attachment: Attachment) -> str:
    """The format as readers know it, from the file's name: `PDF`, `DOCX`."""
    return PurePosixPath(attachment.file_name).suffix.removeprefix(".").upper()


def _write_head(ctx: Context, article: Article, expired: bool) -> None:
    description = describe(article)
    is_news = article.kind == "article"
    ctx.describe_page(
        title=article.headline,
        description=description,
        kind="article" if is_news else "website",
        image=article.hero,
        path=article.path,
    )
    if is_news:
        add_article_metadata(ctx.head, article, ctx.site)
    logo = ctx.site_file(ctx.site.emblem) if ctx.site.emblem else None
    document = (news_article if is_news else web_page)(article, ctx.site, description, logo)
    ctx.head.json_ld("article", serialise(document))
    if ctx.settings.noindex == "always" or (expired and ctx.settings.noindex == "expired"):
        ctx.head.only_meta("robots", "noindex")
