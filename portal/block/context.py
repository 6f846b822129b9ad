"""The sealed context: the whole world of a block while it renders."""

from __future__ import annotations

import json
from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from datetime import datetime
from datetime import time
from datetime import timedelta
from typing import TYPE_CHECKING
from typing import Generic
from typing import Literal
from typing import TypeVar
from zoneinfo import ZoneInfo

import portal.content.queries as queries
from portal.block.head import Head
from portal.block.settings import Settings
from portal.block.subject import Failure
from portal.block.subject import Subject
from portal.content.reader import Reader
from portal.content.sanitise import clean_html
from portal.content.values import Album
from portal.content.values import Article
from portal.content.values import Collection
from portal.content.values import Html
from portal.content.values import Image
from portal.content.values import SearchQuery
from portal.content.values import Section
from portal.content.values import Translation
from portal.content.values import Video
from portal.errors import BlockError
from portal.errors import UndeclaredRead
from portal.i18n import open_graph_locale
from portal.site import Site

if TYPE_CHECKING:
    from portal.block.declaration import Block

FEEDS = {
    "feed.xml": "application/rss+xml",
    "feed.atom": "application/atom+xml",
    "feed.json": "application/feed+json",
}
"""The feed files of every list, and what they are."""

SettingsT = TypeVar("SettingsT", bound=Settings)


@dataclass(frozen=True, slots=True)
class PageClock:
    """Time as a block may use it: each question also bounds how long the answer is true."""

    _reader: Reader

    def today(self) -> date:
        """The day in the site's zone; the fragment ends at midnight."""
        zone = ZoneInfo(self._reader.time_zone)
        day = self._reader.now.astimezone(zone).date()
        self._reader.reads.clip(datetime.combine(day + timedelta(days=1), time(), tzinfo=zone))
        return day

    def has_passed(self, moment: datetime) -> bool:
        """Whether `moment` lies behind the page's time; the fragment ends when that changes.

        A moment without an offset, as settings may have it, is one of the site's time zone.
        """
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=ZoneInfo(self._reader.time_zone))
        if moment > self._reader.now:
            self._reader.reads.clip(moment)
            return False
        return True


@dataclass(frozen=True, slots=True)
class SitePicture:
    """A picture of the site's `media/` folder, such as a banner. Sizes are in pixels."""

    src: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Group:
    """An ordered part of a list: its candidate ids with slack, and how many it may show."""

    name: str
    ids: tuple[int, ...]
    limit: int


_PLACE_OF = {
    "sitemap": "sitemap",
    "accessibility": "accessibility",
    "offline": "offline",
    "gallery": "gallery",
    "album": "gallery",
    "videos": "video",
    "video": "video",
}
"""Page types that the system makes, and where they stand (`portal.site.PLACES`)."""

Chosen = Mapping[str, tuple[int, ...]]


class BlockContext(Generic[SettingsT]):
    """The whole world of a block while it renders. What is not declared cannot be read.

    Everything here is part of the fragment's cache key, recorded as a dependency, or constant.
    """

    __slots__ = (
        "_asset",
        "_block",
        "_chosen",
        "_picture",
        "_subject",
        "clock",
        "head",
        "heading_level",
        "key",
        "locale",
        "reader",
        "region",
        "settings",
        "site",
    )

    def __init__(
        self,
        block: Block[SettingsT],
        *,
        settings: SettingsT,
        site: Site,
        reader: Reader,
        subject: Subject,
        key: str,
        region: str,
        heading_level: int = 2,
        chosen: Chosen | None = None,
        asset: Callable[[str], str] = str,
        picture: Callable[[str], SitePicture | None] = lambda name: None,
    ) -> None:
        self._asset = asset
        self._picture = picture
        self._block = block
        self._subject = subject
        self._chosen = chosen
        self.settings = settings
        self.site = site
        self.locale = reader.locale
        self.reader = reader
        self.key = key
        self.region = region
        self.heading_level = heading_level
        self.head = Head()
        self.clock = PageClock(reader)

    def _declared(self, need: str) -> None:
        if need not in self._block.needs and need not in self._block.accepts:
            declared = ", ".join([*self._block.needs, *self._block.accepts]) or "nothing"
            raise UndeclaredRead(
                f"block {self._block.name!r} read {need!r} but declares {declared};"
                f" add it to needs= or accepts= so that it becomes part of the cache key"
            )

    @property
    def article(self) -> Article:
        """The page's article; declare `needs={"article": Article}`."""
        article = self.optional_article
        if article is None:
            raise BlockError(f"block {self._block.name!r}: the page's article is gone")
        return article

    @property
    def optional_article(self) -> Article | None:
        """The page's article where it has one; declare it in `accepts`."""
        self._declared("article")
        if self._subject.article_id is None:
            return None
        found = queries.find_article(self.reader, self._subject.article_id)
        return found if isinstance(found, Article) else None

    @property
    def section(self) -> Section:
        """The page's section; declare `needs={"section": Section}`."""
        section = self.optional_section
        if section is None:
            raise BlockError(f"block {self._block.name!r}: the page's section is gone")
        return section

    @property
    def optional_section(self) -> Section | None:
        """The page's section where it has one; declare it in `accepts`."""
        self._declared("section")
        if self._subject.section_key is None:
            return None
        return queries.find_section(self.reader, self._subject.section_key)

    @property
    def collection(self) -> Collection:
        """The list that the page pages through; declare `needs={"collection": Collection}`."""
        found = self.optional_collection
        if found is None:
            raise BlockError(f"block {self._block.name!r}: the page's list is gone")
        return found

    @property
    def optional_collection(self) -> Collection | None:
        """The page's list where it has one; declare it in `accepts`."""
        self._declared("collection")
        listed = self._subject.listed
        if listed is None:
            return None
        return queries.find_collection(self.reader, listed.kind, listed.key)

    @property
    def optional_album(self) -> Album | None:
        """The album of the page where it has one; declare it in `accepts`."""
        self._declared("album")
        item = self._subject.item
        return queries.find_album(self.reader, item) if item is not None else None

    @property
    def optional_video(self) -> Video | None:
        """The film of the page where it has one; declare it in `accepts`."""
        self._declared("video")
        item = self._subject.item
        return queries.find_video(self.reader, item) if item is not None else None

    @property
    def place(self) -> str:
        """The kind of a page that the system makes, such as `sitemap`; declare it in `accepts`.

        On every other page it is that page's type.
        """
        self._declared("place")
        return self._subject.page_type

    @property
    def page_number(self) -> int:
        """The number of a paged list, from 1; declare `needs={"page_number": int}`."""
        self._declared("page_number")
        return self._subject.page_number

    @property
    def search(self) -> SearchQuery:
        """What the reader looks for; nothing on pages that are no search. Declare `search`."""
        self._declared("search")
        return self._subject.search or SearchQuery()

    @property
    def failure(self) -> Failure:
        """Why this is an error page; declare `needs={"failure": Failure}`."""
        self._declared("failure")
        if self._subject.failure is None:
            raise BlockError(f"block {self._block.name!r}: this page is no error page")
        return self._subject.failure

    @property
    def translations(self) -> tuple[Translation, ...]:
        """The page in the site's other languages; declare `translations`."""
        self._declared("translations")
        if self._subject.article_id is not None:
            found = queries.find_article(self.reader, self._subject.article_id)
            return found.translations if isinstance(found, Article) else ()
        if self._subject.page_type in _PLACE_OF:
            return self._translations_of_place(_PLACE_OF[self._subject.page_type])
        listed = self._subject.listing
        if listed is not None:
            return queries.collection_translations(
                self.reader, listed.kind, listed.key, self.site.locales, self._subject.page_number
            )
        if self._subject.search is not None:
            return queries.search_translations(self.reader, self._subject.search, self.site.locales)
        return queries.list_translations(
            self.reader, self._subject.section_key, self.site.locales, self._subject.page_number
        )

    def _translations_of_place(self, place: str) -> tuple[Translation, ...]:
        item = self._subject.item
        if item is not None:
            found = queries.find_album if place == "gallery" else queries.find_video
            shown = found(self.reader, item)
            return shown.translations if shown is not None else ()
        if self._subject.page_number > 1:
            return ()
        return tuple(
            Translation(locale, queries.place_path(self.reader, place, locale), "")
            for locale in self.site.locales
            if locale != self.locale
        )

    @property
    def chosen(self) -> Chosen:
        """The ids left to this block after page-wide de-duplication, by group; see `resolve`."""
        if self._chosen is None:
            raise UndeclaredRead(
                f"block {self._block.name!r} read 'chosen' but has no @block.resolve function"
            )
        return self._chosen

    def text(self, key: str, **values: object) -> str:
        """A text of the block's `catalog.yaml` in the reader's language."""
        return self._block.catalog.text(key, self.locale, **values)

    def absolute(self, path: str) -> str:
        """The public address of a site-relative path; from configuration, never from a request."""
        return self.site.base_url + path

    def site_file(self, name: str) -> str:
        """The public address of a file in the site's `media/`, such as its emblem."""
        return self.absolute(self._asset(name))

    def site_picture(self, name: str) -> SitePicture | None:
        """A picture of the site's `media/` by file name; none where it is missing or broken."""
        return self._picture(name)

    def rich(self, text: Mapping[str, str]) -> Html | None:
        """HTML of the settings (`RichText`) in the reader's language; none where it is empty.

        It is sanitised here again: whatever is printed as it is has come through this door.
        """
        source = self.site.text(dict(text), self.locale)
        return Html(clean_html(source)) if source else None

    def describe_page(
        self,
        *,
        title: str,
        description: str,
        path: str,
        kind: Literal["website", "article"] = "website",
        image: Image | None = None,
        translations: tuple[Translation, ...] | None = None,
        schema: Literal["WebPage", "SearchResultsPage"] | None = None,
    ) -> None:
        """Add what every page says of itself; the block that shows the `h1` calls this.

        `path` is the page's canonical one. `translations` are the page's own unless given.
        `schema` is what schema.org calls a page that has no document of its own.

        Title, description, canonical and `hreflang` links, OpenGraph, and the Dublin Core
        elements that Circular 24/2011/TT-BTTTT Art. 4 makes mandatory.
        """
        head, site = self.head, self.site
        address = self.absolute(path)
        organisation = site.text(site.organisation, self.locale)
        description = description or site.text(site.motto, self.locale) or title
        head.title(title)
        head.only_meta("description", description)
        head.link("canonical", address)
        self._link_translations(
            address, self.translations if translations is None else translations
        )
        for name, content in (
            ("og:type", kind),
            ("og:title", title),
            ("og:description", description),
            ("og:url", address),
            ("og:site_name", site.text(site.name, self.locale)),
            ("og:locale", open_graph_locale(self.locale)),
        ):
            head.property(name, content)
        self._share_image(image)
        for name, content in (
            ("DC.title", title),
            ("DC.publisher", organisation),
            ("DC.description", description),
            ("DC.identifier", address),
            ("DC.language", self.locale),
            ("DC.creator", organisation if kind == "website" else ""),
        ):
            head.meta(name, content)
        if schema is not None:
            document = {
                "@context": "https://schema.org",
                "@type": schema,
                "name": title,
                "description": description,
                "url": address,
                "inLanguage": self.locale,
                "publisher": {"@type": "GovernmentOrganization", "name": organisation},
            }
            head.json_ld(schema, json.dumps(document, ensure_ascii=False))

    def offer_feeds(self, path: str, title: str) -> None:
        """Name the feeds of a list at `path` (it ends with a slash) to programs that read feeds."""
        for file, media_type in FEEDS.items():
            self.head.link("alternate", self.absolute(path + file), type=media_type, title=title)

    def _link_translations(self, address: str, translations: tuple[Translation, ...]) -> None:
        if not translations:
            return
        by_locale = {item.locale: self.absolute(item.path) for item in translations}
        by_locale[self.locale] = address
        for locale, target in sorted(by_locale.items()):
            self.head.link("alternate", target, hreflang=locale)
        default = by_locale.get(self.site.default_locale, address)
        self.head.link("alternate", default, hreflang="x-default")

    def _share_image(self, image: Image | None) -> None:
        if image is not None and image.files():
            cards = [item for item in image.files() if item.format in {"jpeg", "png"}]
            widest = max(cards or image.files(), key=lambda item: item.width)
            self.head.property("og:image", self.absolute(widest.src))
            self.head.property("og:image:width", str(widest.width))
            self.head.property("og:image:height", str(widest.height))
            self.head.property("og:image:alt", image.alt)
        elif self.site.share_image is not None:
            self.head.property("og:image", self.site_file(self.site.share_image))
