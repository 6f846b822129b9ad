"""The small files that crawlers, browsers and security people look for at fixed addresses."""

from __future__ import annotations

import json
from datetime import date
from datetime import datetime
from datetime import time
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

from portal.feeds.wording import clean
from portal.feeds.wording import document
from portal.feeds.wording import element
from portal.feeds.wording import rfc_3339
from portal.media_types import media_type_of
from portal.site import Site

MANIFEST_TYPE = "application/manifest+json"
OPEN_SEARCH_TYPE = "application/opensearchdescription+xml; charset=utf-8"

_OPEN_SEARCH = "http://a9.com/-/spec/opensearch/1.1/"
# What the specification allows (OpenSearch 1.1, ShortName).
_LONGEST_SHORT_NAME = 16


def write_robots(site: Site) -> bytes:
    """`robots.txt` (RFC 9309): everything but the portal's own machinery, and the site maps."""
    lines = (
        "User-agent: *",
        "Allow: /-/assets/",
        "Allow: /-/media/",
        "Disallow: /-/",
        "",
        f"Sitemap: {site.base_url}/sitemap.xml",
        f"Sitemap: {site.base_url}/sitemap-news.xml",
    )
    return ("\n".join(lines) + "\n").encode()


def write_security(site: Site) -> bytes | None:
    """`security.txt` (RFC 9116); nothing where the site names no contact."""
    security = site.security
    if security is None:
        return None
    end = datetime.combine(date.fromisoformat(security.expires), time(), ZoneInfo(site.time_zone))
    lines = [
        f"Contact: {security.contact}",
        f"Expires: {rfc_3339(end, site.time_zone)}",
        f"Preferred-Languages: {', '.join(site.locales)}",
        f"Canonical: {site.base_url}/.well-known/security.txt",
    ]
    if security.policy:
        lines.append(f"Policy: {security.policy}")
    return ("\n".join(lines) + "\n").encode()


def write_manifest(site: Site, locale: str, home: str, icon: str | None) -> bytes:
    """The web application manifest: name, colours and icon of the site on a home screen.

    `home` and `icon` are site-relative addresses.
    """
    manifest: dict[str, object] = {
        "id": home,
        "name": site.text(site.name, locale),
        "short_name": _short_name(site, locale, 30),
        "description": site.text(site.motto, locale) or site.text(site.name, locale),
        "lang": locale,
        "dir": "ltr",
        "start_url": home,
        "scope": home,
        "display": "minimal-ui",
        "background_color": site.theme.surface,
        "theme_color": site.theme.brand,
    }
    if icon is not None:
        kind = media_type_of(icon)
        manifest["icons"] = [{"src": icon, "sizes": "any", "type": kind, "purpose": "any"}]
    return json.dumps(manifest, ensure_ascii=False, indent=1).encode()


def write_open_search(site: Site, locale: str, _: str, icon: str | None) -> bytes:
    """The OpenSearch description: browsers offer the site's search in their own search field."""
    root = ElementTree.Element("OpenSearchDescription", {"xmlns": _OPEN_SEARCH})
    name = site.text(site.name, locale)
    element(root, "ShortName", _short_name(site, locale, _LONGEST_SHORT_NAME))
    element(root, "Description", name)
    element(root, "LongName", clean(name)[:48])
    element(root, "Language", locale)
    element(root, "InputEncoding", "UTF-8")
    element(root, "OutputEncoding", "UTF-8")
    if icon is not None:
        element(root, "Image", site.base_url + icon, type=media_type_of(icon))
    template = f"{site.base_url}{site.search_path(locale)}?q={{searchTerms}}"
    element(root, "Url", type="text/html", method="get", template=template)
    return document(root)


def _short_name(site: Site, locale: str, longest: int) -> str:
    """The site's short name, else its proper name: the words in capitals at the end of the name."""
    words: list[str] = []
    for word in reversed(site.text(site.name, locale).split()):
        if not word[0].isupper():
            break
        words.insert(0, word)
    name = site.text(site.short_name, locale) or " ".join(words) or site.text(site.name, locale)
    return clean(name)[:longest].strip()
