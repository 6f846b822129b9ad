"""What a site says of itself: the typed content of `site.yaml`, shared by every page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from datetime import datetime
from datetime import timedelta
from typing import Annotated
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator
from pydantic import ConfigDict
from pydantic import Field
from pydantic import WithJsonSchema

from portal.field_help import Explained

SHIPPED_LOCALES = ("vi", "en")

Text = dict[str, str]

PLACES: Mapping[str, Mapping[str, str]] = {
    "tag": {"vi": "tu-khoa", "en": "tag"},
    "topic": {"vi": "chu-de", "en": "topic"},
    "author": {"vi": "tac-gia", "en": "author"},
    "archive": {"vi": "luu-tru", "en": "archive"},
    "sitemap": {"vi": "so-do", "en": "sitemap"},
    "gallery": {"vi": "thu-vien-anh", "en": "gallery"},
    "video": {"vi": "video", "en": "video"},
    "accessibility": {"vi": "tiep-can", "en": "accessibility"},
    "offline": {"vi": "ngoai-tuyen", "en": "offline"},
    "search": {"vi": "tim-kiem", "en": "search"},
}
"""First address parts that belong to the system, by language: no section or page may take one."""


def is_reserved(slug: str) -> bool:
    """Whether an address that begins with `slug` leads to a page of the system in any language."""
    return any(slug in names.values() for names in PLACES.values())


def leads_to_search(path: str) -> bool:
    """Whether a path (without its locale prefix) is that of the search, in whatever language."""
    return path.strip("/") in PLACES["search"].values()


class Frozen(Explained):
    """A part of a site file: immutable, and an unknown key is an error, never ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _known_time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as problem:
        raise ValueError(
            f"{name!r} is not a time zone; write one like Asia/Ho_Chi_Minh"
        ) from problem
    return name


_SAFE_ADDRESS = re.compile(r"(https?://[^\s]+|mailto:[^\s]+|tel:[+0-9 .()-]+|/([^/\\].*)?)")


def is_safe_address(address: str) -> bool:
    """Whether a link may lead there: the web, mail, a telephone, or a path of this site."""
    return _SAFE_ADDRESS.fullmatch(address) is not None


def check_address(address: str) -> str:
    """The address itself; raise `ValueError` for one that could run a script or leave the web."""
    if not is_safe_address(address):
        raise ValueError(
            f"{address!r} is no address for readers; write https://…, mailto:…, tel:…"
            " or a path that begins with one /"
        )
    return address


def _known_day(day: str) -> str:
    try:
        date.fromisoformat(day)
    except ValueError as problem:
        raise ValueError(f"{day!r} is not a day; write one like 2027-06-30") from problem
    return day


class MenuItem(Frozen):
    """A menu entry: it leads to a section, a static page or an address; `items` open below it."""

    title: Text
    """Label by locale."""
    section: str | None = None
    """Slug path of a section: `tin-tuc/cai-cach-hanh-chinh`."""
    page: str | None = None
    """Slug of a static page."""
    url: str | None = None
    """Address, for links that leave the portal."""
    items: tuple[MenuItem, ...] = ()


class Contact(Frozen):
    """What Vietnamese portal rules ask of a footer (Circular 32/2017/TT-BTTTT Art. 16.3c)."""

    unit: Text
    responsible: Text
    address: Text
    phone: str
    email: str


LOCAL_TIME = r"^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)?$"

SiteTime = Annotated[datetime, WithJsonSchema({"type": "string", "pattern": LOCAL_TIME})]
"""A moment; without an offset it is one of the site's time zone."""

LEAD_WORKING_DAYS = 7
"""Decree 224/2026/NĐ-CP Art. 13.1a: a planned stop is announced at least so many days before."""


class Outage(Frozen):
    """A stop of the site's services: what stops, from when, and when it is expected to work again.

    It is kept in the site's file, not in the database, so that it shows even while the database
    is what has stopped.
    """

    key: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
    """Stable short name; a reader's browser remembers by it which notice was put away."""
    kind: Literal["planned", "unplanned", "emergency"]
    """Planned work, a fault, or an emergency of the public, which cannot be put away."""
    title: Text
    """One line: what does not work."""
    text: Text = {}
    """What readers can do meanwhile."""
    announced: SiteTime | None = None
    """When the notice appears; none shows it at once. A planned stop needs it."""
    starts: SiteTime
    """When the stop begins."""
    recovery: SiteTime | None = None
    """When everything is expected to work again."""
    ends: SiteTime | None = None
    """When the notice disappears; none uses `recovery`, and without both it stays."""
    url: Annotated[str, AfterValidator(check_address)] | None = None
    """Where readers find more."""


class Theme(Frozen):
    """Design tokens. Colours are `#rrggbb`; contrast against their surfaces is checked at load."""

    brand: str = "#8f1d14"
    """Header and headings."""
    accent: str = "#0b5394"
    """Links and buttons."""
    surface: str = "#ffffff"
    """Page background in the light theme."""
    text: str = "#1b1b1b"
    """Running text in the light theme."""


class Feeds(Frozen):
    """What feed readers get: how many articles, how much of each, how often they may come."""

    items: Annotated[int, Field(ge=1, le=50)] = 20
    """Newest articles in a feed."""
    text: Literal["lead", "full"] = "lead"
    """The lead of each article, or all of it."""
    ttl_minutes: Annotated[int, Field(ge=5, le=1440)] = 30
    """Minutes a feed reader may keep a feed before it asks again."""


class SecurityContact(Frozen):
    """Whom to tell of a weakness of the site: `/.well-known/security.txt` (RFC 9116)."""

    contact: Annotated[str, Field(pattern=r"^(mailto:|https://|tel:)\S+$")]
    """Address for reports: `mailto:…`, `https://…` or `tel:…`."""
    expires: Annotated[str, AfterValidator(_known_day)]
    """Day (YYYY-MM-DD) until which the contact is good; renew it at least yearly."""
    policy: Annotated[str, Field(pattern=r"^(https://\S+)?$")] = ""
    """Address of the rules for reports, if there are any."""


class Site(Frozen):
    """One site: names, languages, time zone, address, look and menus."""

    key: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
    """Stable short name; part of every cache key and of stored content."""
    name: Text
    """Full name by locale, as the law asks for it in the header."""
    short_name: Text = {}
    """A name of 16 letters at most, for home screens and search fields; none shortens `name`."""
    motto: Text = {}
    """A line below the name."""
    organisation: Text
    """The publishing organisation, for metadata."""
    locales: tuple[Literal["vi", "en"], ...] = ("vi", "en")
    """Languages in the order they are offered; the first is the default."""
    time_zone: Annotated[str, AfterValidator(_known_time_zone)] = "Asia/Ho_Chi_Minh"
    """Times are shown, and days begin, in this zone."""
    base_url: Annotated[str, Field(pattern=r"^https?://[^/\s]+$")]
    """Scheme and host of public addresses, without a slash at the end."""
    emblem: str | None = None
    """Static path of the emblem or logo, below `config/media/`; none shows the name alone."""
    share_image: str | None = None
    """Picture for social cards of pages that have none of their own."""
    theme: Theme = Theme()
    contact: Contact
    footer_note: Text = {}
    """A closing line of the footer."""
    menus: dict[str, tuple[MenuItem, ...]] = {}
    """Menus by name; the block `main_menu` shows the one called `main` unless told otherwise."""
    outages: tuple[Outage, ...] = ()
    """Stops of the site's services; the block `outage_banner` shows those that are announced."""
    holidays: tuple[date, ...] = ()
    """Days off besides Saturdays and Sundays, for counting working days."""
    legacy_notice_before: str | None = None
    """Date (YYYY-MM-DD): older articles carry a notice that unit names may have changed."""

    feeds: Feeds = Feeds()
    """What feeds hold."""
    security: SecurityContact | None = None
    """Whom to tell of a weakness; none publishes no `security.txt`."""

    @property
    def default_locale(self) -> str:
        """The locale without an address prefix."""
        return self.locales[0]

    def search_path(self, locale: str) -> str:
        """The page of search results in a language; what is searched for is its argument `q`."""
        prefix = "" if locale == self.default_locale else f"/{locale}"
        return f"{prefix}/{PLACES['search'][locale]}"

    def text(self, value: Text, locale: str) -> str:
        """The reader's language, else the default one, else nothing."""
        return value.get(locale) or value.get(self.default_locale, "")

    def moment(self, written: datetime) -> datetime:
        """A moment of the site's files as an aware one: without an offset in the site's zone."""
        return written if written.tzinfo else written.replace(tzinfo=ZoneInfo(self.time_zone))

    def working_days(self, first: datetime, last: datetime) -> int:
        """How many whole working days lie between the days of two moments of the site's files."""
        zone = ZoneInfo(self.time_zone)
        day = self.moment(first).astimezone(zone).date() + timedelta(days=1)
        end = self.moment(last).astimezone(zone).date()
        count = 0
        while day < end:
            count += day.weekday() < 5 and day not in self.holidays
            day += timedelta(days=1)
        return count
