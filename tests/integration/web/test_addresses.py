"""What an address answers: a page, another address, or why there is none."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from typing import Any

import pytest

from portal.block import CachePolicy
from portal.block import NoSuchPage
from portal.content import commands
from portal.content import queries
from portal.content.drafts import RedirectDraft
from portal.content.values import Section
from tests.integration.composition.small_site import NEWS
from tests.integration.composition.small_site import SmallSite


def location(answer: Any) -> tuple[int, str]:
    """Status and target of a redirect."""
    return answer.status_code, answer.headers["Location"]


@pytest.mark.parametrize("path", ["/", "/en/", "/tin-tuc/", "/en/tin-tuc/", "/tin-tuc/hoat-dong/"])
def test_home_and_section_addresses_answer(site: SmallSite, path: str):
    answer = site.app().test_client().get(path)
    assert answer.status_code == 200
    assert answer.headers["Content-Language"] == ("en" if path.startswith("/en") else "vi")
    assert f'<html lang="{answer.headers["Content-Language"]}"' in answer.text


@pytest.mark.parametrize("name", ["normal", "english", "static_page"])
def test_articles_and_pages_answer_at_their_own_address(
    site: SmallSite, paths: dict[str, str], name: str
):
    answer = site.app().test_client().get(paths[name])
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "public, max-age=0, must-revalidate"


def test_the_print_version_has_its_own_layout(site: SmallSite, paths: dict[str, str]):
    answer = site.app().test_client().get(paths["normal"] + "/in")
    assert "Title print" in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/nothing/",
        "/tin-tuc/nothing",
        "/tin-tuc/nothing-999999",
        "/tin-tuc/nothing-99999999999999999999",
        "/en/nothing",
        "/-/nothing",
        "/-/",
        "/-/blocks/nothing/x",
        "/-/assets/portal/nothing.css",
        "/-/media/nothing.jpg",
        "/%00",
        "/%ff",
        "/a%0d%0ab",
        "/" + "a" * 1001,
        "/?page=0",
        "/?page=-1",
        "/?page=x",
        "/?page=",
        "/?page=%D9%A3",
        "/?page=100001",
    ],
)
def test_what_leads_nowhere_is_404_and_never_stored(site: SmallSite, path: str):
    answer = site.app().test_client().get(path)
    assert answer.status_code == 404
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Title 404" in answer.text


def test_an_article_of_the_other_language_is_not_found_below_a_prefix_that_is_not_its_own(
    site: SmallSite, paths: dict[str, str]
):
    client = site.app().test_client()
    assert client.get("/en" + paths["normal"]).status_code == 404
    assert client.get(paths["english"].removeprefix("/en")).status_code == 404


def test_the_prefix_of_the_default_language_is_no_address(site: SmallSite):
    assert site.app().test_client().get("/vi/").status_code == 404


def test_a_withdrawn_article_is_410(site: SmallSite, paths: dict[str, str]):
    number = site.numbers["normal"]
    site.edit(commands.withdraw, number, now=site.clock(), reason="Sai sự thật")
    answer = site.app().test_client().get(paths["normal"])
    assert answer.status_code == 410
    assert "Title 410" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_section_without_its_slash_is_sent_to_its_address(site: SmallSite):
    client = site.app().test_client()
    assert location(client.get("/tin-tuc")) == (301, "/tin-tuc/")
    assert location(client.get("/en/tin-tuc")) == (301, "/en/tin-tuc/")


def test_a_language_without_its_slash_is_sent_to_its_front_page(site: SmallSite):
    client = site.app().test_client()
    assert location(client.get("/en")) == (301, "/en/")
    for path in ("/vi", "/en?page=2", "/en/in", "/en/en"):
        assert client.get(path).status_code == 404, path


def test_a_later_page_of_a_list_without_its_slash_stays_that_page(site: SmallSite):
    site.lay_out("archive")
    client = site.app().test_client()
    for path in ("/tin-tuc", "/en/tin-tuc", "/luu-tru/2026"):
        assert location(client.get(f"{path}?page=2")) == (301, f"{path}/?page=2")
        assert location(client.get(f"{path}?page=1")) == (301, f"{path}/")
    for form in ("in", "luu.html"):  # a list has no form but its own
        assert location(client.get(f"/tin-tuc/{form}?page=2")) == (301, "/tin-tuc/?page=2")
        assert client.get(f"/tin-tuc//{form}").status_code == 404
    assert client.get("/tin-tuc/luu.txt?page=2").status_code == 404


def test_an_article_that_moved_is_found_at_its_old_address(site: SmallSite, paths: dict[str, str]):
    client = site.app().test_client()
    assert client.get(paths["normal"]).status_code == 200
    draft = site.edit(commands.read_draft, site.numbers["normal"])
    site.edit(commands.save_article, replace(draft, section="thong-bao"), now=site.clock())
    slug = paths["normal"].rpartition("/")[2]
    assert location(client.get(paths["normal"])) == (301, f"/thong-bao/{slug}")
    assert location(client.get(paths["normal"] + "/in")) == (301, f"/thong-bao/{slug}/in")


def test_an_old_slug_is_sent_to_the_new_one(site: SmallSite, paths: dict[str, str]):
    number = site.numbers["normal"]
    answer = site.app().test_client().get(f"/tin-tuc/hoat-dong/old-words-{number}")
    assert location(answer) == (301, paths["normal"])


def test_a_page_with_a_new_slug_answers_at_its_old_one(site: SmallSite, paths: dict[str, str]):
    draft = site.edit(commands.read_draft, site.numbers["static_page"])
    site.edit(commands.save_article, replace(draft, slug="ve-chung-toi"), now=site.clock())
    client = site.app().test_client()
    assert location(client.get(paths["static_page"])) == (301, "/ve-chung-toi")
    assert client.get("/ve-chung-toi").status_code == 200


def test_a_legacy_address_is_told_by_path_and_query(site: SmallSite, paths: dict[str, str]):
    path, number = "/Pages/BanTin.aspx", site.numbers["normal"]
    rules = (
        RedirectDraft(path, article_id=number, query={"ItemID": "12"}),
        RedirectDraft(path, target="/tin-tuc/"),
        RedirectDraft("/Pages/Gone.aspx", code=410),
    )
    site.edit(commands.save_redirects, rules)
    client = site.app().test_client()
    assert location(client.get(f"{path}?itemid=12&x=1")) == (301, paths["normal"])
    assert location(client.get("/pages/bantin.aspx?ItemID=13")) == (301, "/tin-tuc/")
    assert client.get("/Pages/Gone.aspx").status_code == 410
    assert client.get("/Pages/Other.aspx").status_code == 404


def test_no_redirect_is_followed_without_asking_again(site: SmallSite, paths: dict[str, str]):
    """What moved may move back: a browser that remembers both ways goes round in circles."""
    site.edit(commands.save_redirects, (RedirectDraft("/Pages/Old.aspx", target="/tin-tuc/"),))
    client = site.app().test_client()
    moved = client.get(f"/tin-tuc/old-words-{site.numbers['normal']}")
    assert location(moved) == (301, paths["normal"])
    assert f"article:{site.numbers['normal']}" in moved.headers["Surrogate-Key"].split()
    for answer in (moved, client.get("/tin-tuc"), client.get("/Pages/Old.aspx")):
        assert answer.status_code == 301
        assert answer.headers["Cache-Control"] == "public, max-age=0, must-revalidate"


@pytest.mark.parametrize(
    ("path", "query", "asked"),
    [
        (
            "/wps/portal",
            {"page": "gioithieu.chitiet"},
            "/wps/portal/?1dmy&page=gioithieu.chitiet",
        ),
        ("/en/wps/portal", {"page": "0"}, "/en/wps/portal?page=0"),
        ("/" + "a" * 1001, {}, "/" + "a" * 1001),
    ],
)
def test_a_legacy_address_may_be_one_that_no_page_of_ours_could_have(
    site_on_each: SmallSite, path: str, query: dict[str, str], asked: str
):
    site_on_each.edit(
        commands.save_redirects,
        (
            RedirectDraft(path, target="/tin-tuc/", query=query),
            RedirectDraft("/gone", query={"page": "x"}, code=410),
        ),
    )
    client = site_on_each.app().test_client()
    assert location(client.get(asked)) == (301, "/tin-tuc/")
    assert client.get(asked + "b").status_code == 404
    assert client.get("/%00b" + asked).status_code == 404
    assert client.get("/gone?page=x").status_code == 410


def test_a_page_number_beyond_the_end_is_404_and_the_first_is_the_section_itself(
    site: SmallSite,
):
    def render(ctx: Any) -> dict[str, object]:
        page = queries.list_section(ctx.reader, ctx.section.key, ctx.page_number, 10)
        if not page.ids:
            raise NoSuchPage(f"page {ctx.page_number} of {page.pages}")
        return {"articles": queries.summaries(ctx.reader, page.ids)}

    needs = {"section": Section, "page_number": int}
    site.block("paged", render, NEWS, needs=needs, cache=CachePolicy(fresh="1h"))
    site.lay_out("section", {"key": "list", "block": "paged"})
    client = site.app().test_client()
    first = client.get("/tin-tuc/")
    assert client.get("/tin-tuc/?page=1").data == first.data
    assert client.get("/tin-tuc/?page=2").data != first.data
    assert client.get("/tin-tuc/?page=2").status_code == 200
    assert client.get("/tin-tuc/?page=99").status_code == 404


@pytest.mark.parametrize("zero", ["٠", "０", "०"])
def test_addresses_are_written_in_the_digits_of_the_web(site: SmallSite, zero: str):
    """Or every page would have endless addresses that caches keep apart."""
    site.lay_out("archive")
    client = site.app().test_client()

    def spelled(number: int) -> str:
        return "".join(chr(ord(zero) + int(digit)) for digit in str(number))

    for before, number, after in (
        ("/tin-tuc/?page=", 1, ""),
        ("/sitemap-", 1, ".xml"),
        ("/luu-tru/", 2026, "/"),
    ):
        assert client.get(f"{before}{number}{after}").status_code == 200
        assert client.get(f"{before}{spelled(number)}{after}").status_code == 404
    number = site.numbers["normal"]
    assert client.get(f"/tin-tuc/x-{number}").status_code == 301
    assert client.get(f"/tin-tuc/x-{spelled(number)}").status_code == 404


@pytest.mark.parametrize("path", ["/tin-tuc/?page=01", "/?page=00000012", "/sitemap-01.xml"])
def test_a_number_has_one_spelling(site: SmallSite, path: str):
    assert site.app().test_client().get(path).status_code == 404


@pytest.mark.parametrize("name", ["normal", "english", "static_page"])
@pytest.mark.parametrize("number", [2, 100_000])
def test_what_has_no_pages_has_no_later_one(
    site: SmallSite, paths: dict[str, str], name: str, number: int
):
    """Or every cache could be filled with copies of one page."""
    site.lay_out("home", {"key": "later", "block": "words", "deliver": "fetch"})
    site.words("words")
    client = site.app().test_client()
    for path in (paths[name], f"{paths[name]}/in", "/", "/en/", "/tin-tuc/", "/-/fragments/later/"):
        assert client.get(path).status_code == 200, path
        assert client.get(f"{path}?page=1").status_code == 200, path
        assert client.get(f"{path}?page={number}").status_code == 404, path
    # What moved or was withdrawn did so as a whole.
    old = f"/tin-tuc/x-{site.numbers['normal']}?page={number}"
    assert location(client.get(old)) == (301, paths["normal"])
    site.edit(commands.withdraw, site.numbers["normal"], now=site.clock(), reason="Sai sự thật")
    assert client.get(f"{paths['normal']}?page={number}").status_code == 410


def test_an_article_is_saved_as_one_file_that_needs_nothing_else(
    site: SmallSite, paths: dict[str, str]
):
    answer = site.app().test_client().get(paths["normal"] + "/luu.html")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert not re.findall(r"<script[^>]*src|<link[^>]*stylesheet", answer.text)


def test_a_copy_holds_no_file_that_readers_do_not_get(site: SmallSite):
    """Whatever a block or a body names as a picture."""
    files = {"masters/ab/master.jpeg": b"the master", "ab/shown.jpeg": b"the rendition"}
    for name, content in files.items():
        file = site.folder / "media" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    sources = (*files, "%6dasters/ab/master.jpeg")
    pictures = "".join(f'<img src="/-/media/{name}" alt="{name}">' for name in sources)
    site.block("pictures", lambda ctx: {}, f"<div>{pictures}</div>", cache=CachePolicy(fresh="1h"))
    site.lay_out("print", {"key": "pictures", "block": "pictures"})
    client = site.app().test_client()
    copy = client.get(f"/tin-tuc/x-{site.numbers['normal']}/luu.html", follow_redirects=True).text
    assert base64.b64encode(b"the rendition").decode() in copy
    assert base64.b64encode(b"the master").decode() not in copy


def test_an_article_is_saved_as_text(site: SmallSite, paths: dict[str, str]):
    client = site.app().test_client()
    answer = client.get(paths["normal"] + "/luu.txt")
    assert answer.status_code == 200
    assert answer.mimetype == "text/plain"
    assert answer.text.startswith("Bộ phận một cửa mở cửa sáng thứ Bảy")
    assert client.get("/luu.txt").status_code == 404
    assert client.get("/tin-tuc/luu.txt").status_code == 404
    assert client.get(paths["static_page"] + "/luu.txt").status_code == 404


@pytest.mark.parametrize("suffix", ["/luu.html", "/luu.txt"])
def test_a_copy_is_where_its_page_is_and_nowhere_else(
    site: SmallSite, paths: dict[str, str], suffix: str
):
    """`/tin-tuc/x-…` of an article is its old slug; the others are no address of any page."""
    client = site.app().test_client()
    number, normal = site.numbers["normal"], paths["normal"]
    assert location(client.get(f"/tin-tuc/x-{number}{suffix}")) == (301, normal + suffix)
    assert client.get(paths["english"] + suffix).status_code == 200
    assert client.get(f"{paths['english']}{suffix}?page=2").status_code == 404
    for nowhere in (
        paths["english"].removeprefix("/en"),
        "/en" + normal,
        "/tin-tuc/x-999999",
        "/x-9999999999999999999",
    ):
        assert client.get(nowhere + suffix).status_code == 404, nowhere
    site.edit(commands.withdraw, number, now=site.clock(), reason="Sai sự thật")
    gone = client.get(normal + suffix)
    assert gone.status_code == 410
    assert "Title 410" in gone.text
