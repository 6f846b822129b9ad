"""The shell is cut once and joined per page; head parts are united."""

from __future__ import annotations

import json

from portal.block import Head
from portal.compose.shell import cut
from portal.compose.shell import render_head


def test_a_shell_is_joined_from_its_literals_and_regions():
    shell = cut("<head>\x02head\x03</head><main>\x02main\x03</main>")
    assert shell.places == ("head", "main")
    page = shell.join(b"<title>x</title>", {"main": "Tin tức".encode()})
    assert page.decode() == "<head><title>x</title></head><main>Tin tức</main>"


def test_equal_shells_have_equal_digests_and_others_do_not():
    assert cut("a\x02main\x03b").digest == cut("a\x02main\x03b").digest
    assert cut("a\x02main\x03b").digest != cut("a\x02aside\x03b").digest


def test_of_two_titles_the_first_wins_and_the_site_is_named():
    head = Head()
    head.title("Lễ hội <trà>")
    head.title("Khác")
    html = render_head(head.parts, (), (), "Cổng").decode()
    assert html == "<title>Lễ hội &lt;trà&gt; – Cổng</title>"


def test_a_page_without_a_title_is_called_like_its_site():
    assert render_head((), (), (), "Cổng").decode() == "<title>Cổng</title>"


def test_json_cannot_close_its_element_and_stays_the_same_document():
    head = Head()
    document = {"headline": "</script><script>alert(1)</script>", "n": 1}
    head.json_ld("article", json.dumps(document))
    html = render_head(head.parts, (), (), "Cổng").decode()
    assert html.count("</script>") == 1
    start = html.index(">", html.index("ld+json")) + 1
    assert json.loads(html[start : html.index("</script>")]) == document


def test_attribute_values_are_escaped():
    head = Head()
    head.only_meta("description", 'a"><script>')
    html = render_head(head.parts, (), (), "Cổng").decode()
    assert '<meta name="description" content="a&#34;&gt;&lt;script&gt;">' in html


def test_assets_stand_in_the_head_once_each():
    html = render_head((), ("/-/assets/a.css",), ("/-/assets/a.js",), "Cổng").decode()
    assert '<link rel="stylesheet" href="/-/assets/a.css">' in html
    assert '<script type="module" src="/-/assets/a.js"></script>' in html
