"""What a site builder may set of the article view."""

from __future__ import annotations

from typing import Annotated
from typing import Literal

from pydantic import AfterValidator
from pydantic import Field

from portal.block import Settings

Part = Literal[
    "kicker",
    "headline",
    "date",
    "lead",
    "notices",
    "hero",
    "toc",
    "body",
    "authors",
    "source",
    "tags",
    "attachments",
    "corrections",
    "copyright",
    "printed",
]


def _each_once(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    repeated = sorted({part for part in parts if parts.count(part) > 1})
    if repeated:
        raise ValueError(f"{', '.join(repeated)} stands more than once; name each part once")
    return parts


class ViewDataSettings(Settings):
    """Parts of the article, their order and their look."""

    show: Annotated[
        tuple[Part, ...],
        AfterValidator(_each_once),
        Field(min_length=1, json_schema_extra={"uniqueItems": True}),
    ] = (
        "kicker",
        "headline",
        "lead",
        "notices",
        "hero",
        "toc",
        "body",
        "authors",
        "source",
        "tags",
        "attachments",
        "corrections",
        "copyright",
    )
    """Parts in the order readers see them; a part without content leaves nothing behind."""
    lead_style: Literal["strong", "plain", "ruled"] = "strong"
    """Look of the lead: bold, as running text, or with a line beside it."""
    show_toc: Literal["auto", "on", "off"] = "auto"
    """Table of contents of the body: `auto` shows it from four headings on."""
    dropcap: bool = False
    """Set the first letter of the body large."""
    image_zoom: bool = False
    """Make each picture a link to its largest file."""
    lost_pictures: Literal["caption", "hide"] = "caption"
    """A picture of which only the caption survived: show the caption, or nothing."""
    table_mode: Literal["scroll", "stack"] = "scroll"
    """Wide tables on narrow screens: scroll sideways, or turn each row into a card."""
    attachments: Literal["list", "table"] = "list"
    """How files to download are shown."""
    accessible_format: bool = True
    """Offer to ask for an accessible version of the attachments by e-mail."""
    end_mark: Literal["keep", "hide"] = "keep"
    """The closing `./.` of official texts."""
    legacy_notice: bool = True
    """Say on articles older than the site's `legacy_notice_before` that names may have changed."""
    copyright_text: dict[str, str] = {}
    """Line of the part `copyright`, by language; empty shows none."""
    noindex: Literal["never", "expired", "always"] = "expired"
    """When search engines are asked not to list the page."""
