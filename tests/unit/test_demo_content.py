"""The demo site's content is complete, consistent and free of filler."""

from __future__ import annotations

import re
import time
import unicodedata
from collections import Counter
from dataclasses import dataclass
from datetime import date
from datetime import datetime
from pathlib import Path

import pytest
import yaml
from selectolax.lexbor import LexborHTMLParser

from portal.demo import pictures
from portal.site import Site

CONFIG = Path(__file__).resolve().parents[2] / "config"
DEMO = CONFIG / "demo"
FILES = tuple(sorted((DEMO / "articles").glob("*.html")))
KEYS = {
    *("slug", "group", "kind", "section", "headline", "lead", "published", "updated", "expires"),
    *("authors", "source", "tags", "tag_slugs", "topic", "hero", "attachments", "corrections"),
    *("end_mark", "status", "reason", "successor", "pinned"),
}
ELEMENTS = {
    *("p", "h2", "h3", "h4", "ul", "ol", "li", "blockquote", "cite", "table", "caption", "thead"),
    *("tbody", "tr", "th", "td", "aside", "details", "summary", "strong", "em", "a", "sub", "sup"),
    *("abbr", "hr", "figure", "br"),
}


@dataclass(frozen=True, slots=True)
class DemoFile:
    name: str
    locale: str
    front: dict
    body: str

    @property
    def tree(self) -> LexborHTMLParser:
        return LexborHTMLParser(f"<body>{self.body}</body>")


def read(path: Path) -> DemoFile:
    opening, front, body = path.read_text(encoding="utf-8").split("---\n", 2)
    assert opening == ""
    return DemoFile(path.name, path.suffixes[-2][1:], yaml.safe_load(front), body)


DEMO_FILES = tuple(read(path) for path in FILES)
EACH = pytest.mark.parametrize("file", DEMO_FILES, ids=[file.name for file in DEMO_FILES])


def section_keys(nodes: list, above: str = "") -> list[str]:
    keys = []
    for node in nodes:
        key = above + node["slug"]
        keys += [key, *section_keys(node.get("sections", []), key + "/")]
    return keys


SECTION_TREE = yaml.safe_load((CONFIG / "sections.yaml").read_text(encoding="utf-8"))
SECTIONS = section_keys(SECTION_TREE)
PICTURES = {
    entry["stem"]: entry
    for entry in yaml.safe_load((DEMO / "pictures.yaml").read_text(encoding="utf-8"))
}


def moment(value: date | str) -> datetime:
    return datetime.fromisoformat(str(value))


@EACH
def test_front_matter_has_known_keys_and_readable_dates(file):
    front = file.front
    assert set(front) <= KEYS
    assert all(front[key] for key in ("headline", "lead", "authors"))
    assert front["kind"] in {"article", "page"}
    assert (front["kind"] == "page") == ("section" not in front)
    published = moment(front["published"])
    for key in ("updated", "expires"):
        if key in front:
            assert moment(front[key]) > published
    for correction in front.get("corrections", []):
        assert correction["kind"] in {"fix", "update", "correction"}
        assert correction["note"]
        assert moment(correction["at"]) > published


@EACH
def test_file_name_carries_slug_and_locale(file):
    assert re.fullmatch(rf"\d{{3}}-{file.front['slug']}\.(vi|en)\.html", file.name)


@EACH
def test_text_is_nfc(file):
    text = (DEMO / "articles" / file.name).read_text(encoding="utf-8")
    assert unicodedata.is_normalized("NFC", text)


@EACH
def test_everything_named_exists(file):
    front = file.front
    if "section" in front:
        assert front["section"] in SECTIONS
    named = [node.attributes["data-picture"] for node in file.tree.css("figure")]
    assert {*named, front.get("hero", named[0] if named else pictures.SHARE_CARD)} <= set(PICTURES)
    for name in front.get("attachments", []):
        assert (DEMO / "attachments" / name).is_file()
    assert len(front.get("tags", [])) == len(front.get("tag_slugs", []))
    if "successor" in front:
        assert front["successor"] in {other.front["group"] for other in DEMO_FILES}


@EACH
def test_body_uses_the_article_subset_with_accessible_tables(file):
    body = file.tree.css_first("body")
    assert {node.tag for node in body.css("*")} - {"body"} <= ELEMENTS
    for table in body.css("table"):
        assert table.css_first("caption").text(strip=True)
        assert all(cell.attributes.get("scope") in {"col", "row"} for cell in table.css("th"))
    levels = [int(node.tag[1]) for node in body.css("h2, h3, h4")]
    assert all(after - before <= 1 for before, after in zip([1, *levels], levels, strict=False))


def test_slugs_are_unique_within_a_language():
    for locale in ("vi", "en"):
        slugs = Counter(file.front["slug"] for file in DEMO_FILES if file.locale == locale)
        assert [slug for slug, count in slugs.items() if count > 1] == []


def test_there_is_enough_to_read():
    articles = Counter(file.locale for file in DEMO_FILES if file.front["kind"] == "article")
    pages = Counter(file.locale for file in DEMO_FILES if file.front["kind"] == "page")
    assert articles["vi"] >= 64
    assert articles["en"] >= 24
    # Site map, accessibility statement and the like are generated, not written.
    assert pages["vi"] >= 4
    used = {file.front["section"] for file in DEMO_FILES if "section" in file.front}
    empty = [key for key in SECTIONS if not any(name.startswith(key) for name in used)]
    assert empty == []


def test_every_translation_belongs_to_a_vietnamese_original_of_the_same_moment():
    originals = {file.front["group"]: file.front for file in DEMO_FILES if file.locale == "vi"}
    for file in DEMO_FILES:
        original = originals[file.front["group"]]
        for key in ("kind", "section", "published", "tag_slugs", "hero", "pinned", "status"):
            assert file.front.get(key) == original.get(key), (file.name, key)
        assert file.front.get("topic", {}).get("slug") == original.get("topic", {}).get("slug")


def test_every_state_of_an_article_occurs():
    fronts = [file.front for file in DEMO_FILES]
    now = datetime(2026, 11, 23)
    assert any(
        front["status"] == "scheduled" and moment(front["published"]) > now for front in fronts
    )
    assert any(
        front["status"] == "withdrawn" and front["reason"] and front["successor"]
        for front in fronts
    )
    assert any("expires" in front and moment(front["expires"]) < now for front in fronts)
    assert any("expires" in front and moment(front["expires"]) > now for front in fronts)
    assert any(front.get("end_mark") for front in fronts)
    assert any(isinstance(front["published"], date) for front in fronts)
    assert {
        correction["kind"] for front in fronts for correction in front.get("corrections", [])
    } == {"fix", "update", "correction"}
    topics = Counter(front["topic"]["slug"] for front in fronts if "topic" in front)
    assert len(topics) >= 5
    assert min(topics.values()) >= 3


def test_published_articles_are_not_from_the_future():
    now = datetime(2026, 11, 23)
    late = [
        file.name
        for file in DEMO_FILES
        if file.front["status"] == "published" and moment(file.front["published"]) > now
    ]
    assert late == []


def test_no_two_articles_share_a_long_paragraph():
    owners: dict[str, str] = {}
    for file in DEMO_FILES:
        for node in file.tree.css("p, li"):
            text = " ".join(node.text().split())
            if len(text) > 60:
                assert text not in owners, (file.name, owners.get(text))
                owners[text] = file.name


@pytest.mark.parametrize("stem", pictures.STEMS)
def test_picture_draws_the_same_twice_and_fast(stem):
    started = time.process_time()
    first = pictures.draw(stem)
    seconds = time.process_time() - started
    assert min(first.size) >= 600
    assert len(first.getcolors(maxcolors=first.width * first.height)) > 20
    assert first.tobytes() == pictures.draw(stem).tobytes()
    assert seconds < 0.3


def test_every_picture_is_described_in_both_languages():
    assert set(PICTURES) == set(pictures.STEMS)
    for entry in PICTURES.values():
        assert set(entry) == {"stem", "alt", "caption", "credit"}
        for key in ("alt", "caption"):
            assert set(entry[key]) == {"vi", "en"}
            assert all(entry[key].values())


def test_unknown_picture_names_those_that_exist():
    with pytest.raises(KeyError, match="doi-che"):
        pictures.draw("nowhere")


def test_attachments_have_titles_and_are_what_they_say():
    entries = yaml.safe_load((DEMO / "attachments.yaml").read_text(encoding="utf-8"))
    titles = {entry["file"]: entry["title"] for entry in entries}
    files = {path.name: path for path in (DEMO / "attachments").iterdir()}
    assert set(titles) == set(files)
    assert all(set(title) == {"vi", "en"} for title in titles.values())
    opening = {".pdf": b"%PDF-", ".ods": b"PK\x03\x04", ".csv": b"\xef\xbb\xbf", ".txt": b"PHI"}
    for path in files.values():
        assert path.read_bytes().startswith(opening[path.suffix]), path.name


def test_site_file_is_valid_and_its_menus_lead_somewhere():
    site = Site.model_validate(yaml.safe_load((CONFIG / "site.yaml").read_text(encoding="utf-8")))
    pages = {file.front["slug"] for file in DEMO_FILES if file.front["kind"] == "page"}
    entries = [entry for top in site.menus["main"] for entry in (top, *top.items)]
    assert {entry.page for entry in entries if entry.page} <= pages
    assert {entry.section for entry in entries if entry.section} <= set(SECTIONS)
    assert "hư cấu" in site.footer_note["vi"]
    assert "fictional" in site.footer_note["en"]
    for name in (site.emblem, site.share_image):
        assert (CONFIG / "media" / name).is_file()
