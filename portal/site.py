"""What a site says of itself: the typed content of `site.yaml`, shared by every page."""

from __future__ import annotations

from typing import Annotated
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator
from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field

SHIPPED_LOCALES = ("vi", "en")

Text = dict[str, str]


class Frozen(BaseModel):
    """A part of a site file: immutable, and an unknown key is an error, never ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


def _known_time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as problem:
        raise ValueError(
            f"{name!r} is not a time zone; write one like Asia/Ho_Chi_Minh"
        ) from problem
    return name


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


class Site(Frozen):
    """One site: names, languages, time zone, address, look and menus."""

    key: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
    """Stable short name; part of every cache key and of stored content."""
    name: Text
    """Full name by locale, as the law asks for it in the header."""
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
    legacy_notice_before: str | None = None
    """Date (YYYY-MM-DD): older articles carry a notice that unit names may have changed."""

    @property
    def default_locale(self) -> str:
        """The locale without an address prefix."""
        return self.locales[0]

    def text(self, value: Text, locale: str) -> str:
        """The reader's language, else the default one, else nothing."""
        return value.get(locale) or value.get(self.default_locale, "")
