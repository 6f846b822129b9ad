"""The files that crawlers, browsers and security people look for at fixed addresses."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from urllib.robotparser import RobotFileParser
from xml.etree import ElementTree

import pytest

from portal.errors import PortalError
from tests.integration.composition.small_site import SITE
from tests.integration.composition.small_site import SmallSite

BASE = str(SITE["base_url"])
SEARCH = "{http://a9.com/-/spec/opensearch/1.1/}"


def test_robots_keep_out_of_the_machinery_and_find_the_maps(site: SmallSite):
    answer = site.app().test_client().get("/robots.txt")
    assert answer.content_type == "text/plain; charset=utf-8"
    robots = RobotFileParser()
    robots.parse(answer.text.splitlines())
    assert robots.can_fetch("*", "/tin-tuc/")
    assert robots.can_fetch("*", "/-/assets/portal/portal.css")
    assert robots.can_fetch("*", "/-/media/a.jpg")
    assert not robots.can_fetch("*", "/-/health/live")
    assert robots.site_maps() == [f"{BASE}/sitemap.xml", f"{BASE}/sitemap-news.xml"]


@pytest.mark.parametrize(("prefix", "locale"), [("", "vi"), ("/en", "en")])
def test_the_manifest_names_the_site_in_each_language(site: SmallSite, prefix: str, locale: str):
    answer = site.app().test_client().get(f"{prefix}/manifest.webmanifest")
    assert answer.mimetype == "application/manifest+json"
    manifest = json.loads(answer.data)
    assert manifest["lang"] == locale
    assert manifest["name"] == SITE["name"][locale]  # type: ignore[index]
    assert manifest["start_url"] == f"{prefix}/"
    assert manifest["scope"] == f"{prefix}/"
    assert len(manifest["short_name"]) <= 30


@pytest.mark.parametrize(
    ("prefix", "address"), [("", "/tim-kiem"), ("/en", "/en/search")], ids=["vi", "en"]
)
def test_open_search_leads_to_the_search_page(site: SmallSite, prefix: str, address: str):
    answer = site.app().test_client().get(f"{prefix}/opensearch.xml")
    assert answer.mimetype == "application/opensearchdescription+xml"
    root = ElementTree.fromstring(answer.data)
    url = root.find(f"{SEARCH}Url")
    assert url is not None
    assert url.attrib["template"] == f"{BASE}{address}?q={{searchTerms}}"
    assert len(str(root.findtext(f"{SEARCH}ShortName"))) <= 16


def test_the_icon_is_the_emblem(site: SmallSite):
    assert site.app().test_client().get("/favicon.ico").status_code == 404
    (site.config / "media" / "emblem.svg").write_text("<svg/>", "utf-8")
    site.write_file("site.yaml", {**SITE, "emblem": "emblem.svg"})
    client = site.app().test_client()
    answer = client.get("/favicon.ico")
    assert answer.status_code == 302
    assert client.get(answer.headers["Location"]).mimetype == "image/svg+xml"
    icons = json.loads(client.get("/manifest.webmanifest").data)["icons"]
    assert icons[0]["src"] == answer.headers["Location"]


def test_security_contacts_stand_where_rfc_9116_says(site: SmallSite):
    path = "/.well-known/security.txt"
    assert site.app().test_client().get(path).status_code == 404
    contact = {"contact": "mailto:anninh@mau.example", "expires": "2027-06-30"}
    site.write_file("site.yaml", {**SITE, "security": contact})
    answer = site.app().test_client().get(path)
    assert answer.content_type == "text/plain; charset=utf-8"
    fields = dict(line.split(": ", 1) for line in answer.text.splitlines())
    assert fields["Contact"] == "mailto:anninh@mau.example"
    assert fields["Canonical"] == BASE + path
    assert datetime.fromisoformat(fields["Expires"]).tzinfo is not None


@pytest.mark.parametrize(
    ("field", "value"),
    [("contact", "anninh@mau.example"), ("expires", "next year"), ("contact", "javascript:x")],
)
def test_a_security_contact_nobody_can_use_is_refused(
    site: SmallSite, field: str, value: str, tmp_path: Path
):
    contact = {"contact": "mailto:a@mau.example", "expires": "2027-06-30", field: value}
    site.write_file("site.yaml", {**SITE, "security": contact})
    with pytest.raises(PortalError, match="site.yaml"):
        site.app()


@pytest.mark.parametrize("path", ["/vi/manifest.webmanifest", "/vi/opensearch.xml"])
def test_the_default_language_has_no_prefix(site: SmallSite, path: str):
    assert site.app().test_client().get(path).status_code == 404
