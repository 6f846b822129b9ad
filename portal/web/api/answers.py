"""From the content to an answer: pure functions of a reader, the site and typed arguments."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import time
from datetime import timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from portal.content import queries
from portal.content.reader import Reader
from portal.content.values import Article
from portal.content.values import ArticleSummary
from portal.content.values import Image
from portal.content.values import SearchFacet
from portal.content.values import SearchHit
from portal.content.values import SearchQuery
from portal.content.values import SectionReference
from portal.content.values import Term
from portal.content.values import Withdrawn
from portal.feeds import rss
from portal.feeds.wording import body_html
from portal.feeds.wording import rfc_3339
from portal.feeds.wording import w3c_moment
from portal.site import Site
from portal.text import one_line
from portal.web.api import models
from portal.web.api.parameters import ArticleListArguments
from portal.web.api.parameters import ArticlePath
from portal.web.api.parameters import LocaleArguments
from portal.web.api.parameters import SearchArguments
from portal.web.api.problems import ApiProblem

# Days beyond these hold no article and would leave what a moment can be in some time zone.
_FIRST_DAY = date(1900, 1, 1)
_LAST_DAY = date(9000, 1, 1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def list_articles(
    reader: Reader, site: Site, path: object, arguments: ArticleListArguments
) -> models.ArticleListOut:
    """A page of articles; raises `ApiProblem` 404 for a section, tag or topic that is not there."""
    _check_places(reader, arguments)
    zone = ZoneInfo(site.time_zone)
    selection = queries.Selection(
        section=arguments.section,
        tag=arguments.tag,
        topic=arguments.topic,
        since=_midnight(arguments.since, zone),
        until=_midnight(arguments.until, zone, days=1),
        after=_read_cursor(arguments.cursor),
    )
    # One more than asked for tells whether there is a following page.
    ids = queries.select_articles(reader, selection, arguments.limit + 1)
    found = queries.summaries(reader, ids[: arguments.limit])
    more = len(ids) > arguments.limit and bool(found)
    return models.ArticleListOut(
        items=tuple(_item(site, summary) for summary in found),
        next=_next(site, arguments, found[-1]) if more else None,
    )


def one_article(
    reader: Reader, site: Site, path: ArticlePath, arguments: object
) -> models.ArticleOut:
    """An article or page; raises `ApiProblem` 404, or 410 for one that was taken back."""
    found = queries.find_article(reader, path.id)
    if found is not None and found.locale != reader.locale:
        # Names of sections and tags in the language of the article.
        found = queries.find_article(replace(reader, locale=found.locale), path.id)
    if isinstance(found, Withdrawn):
        raise ApiProblem(410, "The article was withdrawn", found.reason)
    if found is None:
        raise ApiProblem(404, "Not found", f"there is no article {path.id}")
    return _article(site, found)


def list_sections(
    reader: Reader, site: Site, path: object, arguments: LocaleArguments
) -> models.SectionListOut:
    """The section tree in document order."""
    tree = queries.section_tree(reader)
    keys = {section.id: section.key for section in tree}
    return models.SectionListOut(
        items=tuple(
            models.SectionOut(
                **_reference(site, section.reference).model_dump(),
                description=section.description,
                parent=keys.get(section.parent_id) if section.parent_id is not None else None,
                feed=site.base_url + section.path + rss.FILE,
            )
            for section in tree
        )
    )


def search(
    reader: Reader, site: Site, path: object, arguments: SearchArguments
) -> models.SearchOut:
    """A page of results; raises `ApiProblem` 404 for a section that is not there."""
    if arguments.section is not None and queries.find_section(reader, arguments.section) is None:
        raise ApiProblem(404, "Not found", f"there is no section {arguments.section!r}")
    query = SearchQuery(
        one_line(arguments.q),
        arguments.section,
        arguments.year,
        arguments.type,
        arguments.cursor,
    )
    found = queries.search(reader, query, arguments.limit)
    given = arguments.model_dump(mode="json", exclude_defaults=True) | {"cursor": found.after}
    return models.SearchOut(
        items=tuple(_hit(site, hit) for hit in found.hits),
        total=found.total,
        more=found.is_broad,
        sections=_facet(found.sections),
        years=_facet(found.years),
        types=_facet(found.kinds),
        suggestion=found.suggestion,
        next=f"{site.base_url}/api/v1/search?{urlencode(given)}" if found.after else None,
    )


def _hit(site: Site, hit: SearchHit) -> models.SearchItemOut:
    runs = tuple(models.TextRunOut(text=run.text, hit=run.is_hit) for run in hit.snippet)
    return models.SearchItemOut(**_item(site, hit.article).model_dump(), snippet=runs)


def _facet(values: tuple[SearchFacet, ...]) -> tuple[models.FacetOut, ...]:
    return tuple(
        models.FacetOut(value=item.value, name=item.name, count=item.count) for item in values
    )


def _check_places(reader: Reader, arguments: ArticleListArguments) -> None:
    for kind, name, known in (
        ("section", arguments.section, queries.find_section),
        ("tag", arguments.tag, queries.find_tag),
        ("topic", arguments.topic, queries.find_topic),
    ):
        if name is not None and known(reader, name) is None:
            raise ApiProblem(404, "Not found", f"there is no {kind} {name!r}")


def _midnight(day: date | None, zone: ZoneInfo, days: int = 0) -> datetime | None:
    if day is None:
        return None
    bounded = min(max(day, _FIRST_DAY), _LAST_DAY) + timedelta(days=days)
    return datetime.combine(bounded, time(), zone).astimezone(UTC)


def _read_cursor(cursor: str | None) -> tuple[datetime, int] | None:
    if cursor is None:
        return None
    at, _, number = cursor.partition("-")
    return _EPOCH + timedelta(microseconds=int(at)), int(number)


def _next(site: Site, arguments: ArticleListArguments, last: ArticleSummary) -> str:
    place = f"{(last.published.at - _EPOCH) // _MICROSECOND}-{last.id}"
    given = arguments.model_dump(mode="json", exclude_defaults=True) | {"cursor": place}
    return f"{site.base_url}/api/v1/articles?{urlencode(given)}"


def _item(site: Site, article: ArticleSummary) -> models.ArticleItemOut:
    return models.ArticleItemOut(
        id=article.id,
        kind=article.kind,
        locale=article.locale,
        url=site.base_url + article.path,
        headline=article.headline,
        lead=article.lead,
        published=w3c_moment(article.published),
        section=_reference(site, article.section) if article.section else None,
        picture=_picture(site, article.image) if article.image else None,
    )


def _article(site: Site, article: Article) -> models.ArticleOut:
    zone = site.time_zone
    summary = ArticleSummary(
        article.id,
        article.kind,
        article.locale,
        article.headline,
        article.lead,
        article.path,
        article.published,
        article.section.reference if article.section else None,
        article.hero,
    )
    return models.ArticleOut(
        **_item(site, summary).model_dump(),
        updated=rfc_3339(article.updated, zone) if article.updated else None,
        expires=rfc_3339(article.expires, zone) if article.expires else None,
        html=body_html(article, site.base_url),
        text=article.body_text,
        authors=tuple(
            models.AuthorOut(name=item.name, kind=item.kind, role=item.role)
            for item in article.authors
        ),
        source=(
            models.SourceOut(name=article.source.name, url=article.source.url)
            if article.source
            else None
        ),
        tags=tuple(map(_term, article.tags)),
        topic=_term(article.topic) if article.topic else None,
        attachments=tuple(
            models.AttachmentOut(
                title=item.title,
                file_name=item.file_name,
                type=item.media_type,
                size=item.size,
                pages=item.pages,
                url=site.base_url + item.src,
            )
            for item in article.attachments
        ),
        corrections=tuple(
            models.CorrectionOut(at=rfc_3339(item.at, zone), kind=item.kind, note=item.note)
            for item in article.corrections
        ),
        translations=tuple(
            models.TranslationOut(
                locale=item.locale, headline=item.headline, url=site.base_url + item.path
            )
            for item in article.translations
        ),
    )


def _reference(site: Site, section: SectionReference) -> models.SectionReferenceOut:
    return models.SectionReferenceOut(
        key=section.key, name=section.name, url=site.base_url + section.path
    )


def _term(term: Term) -> models.TermOut:
    return models.TermOut(slug=term.slug, name=term.name)


def _picture(site: Site, image: Image) -> models.PictureOut:
    return models.PictureOut(
        alt=image.alt,
        caption=image.caption,
        credit=image.credit,
        files=tuple(
            models.FileOut(
                url=site.base_url + item.src,
                width=item.width,
                height=item.height,
                type=f"image/{item.format}",
                size=item.size,
                crop=item.crop,
            )
            for item in image.renditions
        ),
    )
