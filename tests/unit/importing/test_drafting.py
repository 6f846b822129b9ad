from __future__ import annotations

from datetime import UTC
from datetime import datetime

import pytest

from portal.content.drafts import ArticleDraft
from portal.importing import DumpRefused
from portal.importing import read_dump
from portal.importing.drafting import check
from portal.importing.drafting import make_draft
from portal.importing.dump import Dump

ZONE = "Asia/Ho_Chi_Minh"
NOW = datetime(2026, 10, 2, 3, 0, tzinfo=UTC)


def dump(toolbar: str, view_data: str = "Một câu./.", more: str = "") -> Dump:
    text = (
        f"Cổng xã Ngàn - Block_BanTin_Toolbar\n{toolbar}\n"
        f"Cổng xã Ngàn - Block_BanTin_ViewData\n{view_data}\n{more}"
    )
    return read_dump(text.encode(), file="tin.txt")


def draft(source: Dump) -> ArticleDraft:
    return make_draft(source, section="tin-tuc", locale="vi", time_zone=ZONE, batch="dump-1")


def test_day_without_time_stays_that_day_and_shows_no_time() -> None:
    made = draft(dump("19/04/2022\nTin"))

    assert made.published is not None
    assert made.published.isoformat() == "2022-04-19T00:00:00+07:00"
    assert (made.precision, made.time_zone, made.status) == ("day", ZONE, "published")


def test_time_of_day_is_local_to_the_site() -> None:
    made = draft(dump("19/04/2022 08:05 SA\nTin"))

    assert made.published is not None
    assert made.published.astimezone(UTC) == datetime(2022, 4, 19, 1, 5, tzinfo=UTC)
    assert made.precision == "minute"


def test_article_without_a_date_waits_as_a_draft() -> None:
    made = draft(dump("Tin"))

    assert (made.published, made.status) == (None, "draft")
    assert [flag["rule"] for flag in made.review_flags] == ["no-date"]


def test_body_is_markup_with_figures_for_captions() -> None:
    made = draft(dump("01/02/2020\nTin", "A < B & C.\nCầu <mới> nhìn từ bản\nXong./."))

    assert made.body == (
        "<p>A &lt; B &amp; C.</p>\n"
        "<figure><figcaption>Cầu &lt;mới&gt; nhìn từ bản</figcaption></figure>\n"
        "<p>Xong./.</p>"
    )
    assert made.end_mark


def test_identity_is_the_old_site_with_the_content() -> None:
    one, other = draft(dump("01/02/2020\nTin")), draft(dump("01/02/2020\nTin khác"))

    assert one.legacy_system == other.legacy_system == "Cổng xã Ngàn"
    assert one.content_hash != other.content_hash
    assert one.legacy_id is None


def test_provenance_names_the_batch_and_keeps_what_has_no_place() -> None:
    made = draft(
        dump(
            "01/02/2020\nTin",
            more="X - Block_BanTin_Related\nTin khác\nTin cũ (02/01/2020)\nX - Block_Khac\nLạ",
        )
    )

    assert made.provenance[0]["batch"] == "dump-1"
    assert made.provenance[0]["file"] == "tin.txt"
    assert {
        "field": "headline",
        "file": "tin.txt",
        "first_line": 3,
        "last_line": 3,
        "rule": "first-other-line",
    } in made.provenance
    assert {"kept": "related[0]", "title": "Tin cũ", "day": "2020-01-02"} in made.provenance
    assert {"kept": "raw[0]", "ident": "Khac", "text": "Lạ"} in made.provenance


def test_day_in_the_future_is_flagged() -> None:
    late = check(dump("03/10/2026\nTin"), ZONE, NOW)
    today = check(dump("02/10/2026\nTin"), ZONE, NOW)

    assert [(flag.rule, flag.first_line) for flag in late.flags] == [("future-date", 2)]
    assert today.flags == ()


def test_headline_of_a_paragraph_s_length_is_refused() -> None:
    with pytest.raises(DumpRefused, match=r"tin\.txt:2: the headline has 600 characters"):
        check(dump("x" * 600), ZONE, NOW)
