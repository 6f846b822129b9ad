"""What the toolbar shows, decided without a page: settings, dates, reading time, spoken words."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC
from datetime import datetime
from pathlib import Path

import pytest
from pydantic import ValidationError

from blocks.toolbar import Row
from blocks.toolbar import arrange
from blocks.toolbar import as_lines
from blocks.toolbar import block
from blocks.toolbar import noteworthy_update
from blocks.toolbar import reading_minutes
from blocks.toolbar import spoken_words
from blocks.toolbar.settings import TEXT_SIZES
from blocks.toolbar.settings import Speech
from blocks.toolbar.settings import ToolbarSettings
from portal.content.values import Article
from portal.content.values import Correction
from portal.content.values import Moment

SHELL_FILES = Path(__file__).parents[3] / "portal" / "static"

PUBLISHED = datetime(2026, 8, 28, 3, 40, tzinfo=UTC)  # 10:40 in Vietnam

ARTICLE = Article(
    id=7,
    kind="article",
    locale="vi",
    headline="Cầu Bến Ngần thông xe",
    lead="",
    body=(),
    body_text="",
    path="/tin-tuc/cau-ben-ngan-thong-xe-7",
    published=Moment(PUBLISHED, "minute", "Asia/Ho_Chi_Minh"),
    updated=None,
    expires=None,
    section=None,
    hero=None,
    authors=(),
    source=None,
    tags=(),
    topic=None,
    attachments=(),
    corrections=(),
    translations=(),
    end_mark=True,
    legacy_url=None,
)


def changed(at: datetime, *, noted: bool = True) -> Article:
    corrections = (Correction(at, "fix", "Sửa tổng mức đầu tư."),) if noted else ()
    return replace(ARTICLE, updated=at, corrections=corrections)


def test_update_with_a_public_note_is_shown_an_hour_after_publication() -> None:
    at = datetime(2026, 8, 28, 4, 41, tzinfo=UTC)

    assert noteworthy_update(changed(at)) == Moment(at, "minute", "Asia/Ho_Chi_Minh")


@pytest.mark.parametrize(
    "article",
    [
        pytest.param(ARTICLE, id="never changed"),
        pytest.param(
            changed(datetime(2026, 8, 30, tzinfo=UTC), noted=False), id="saved again without a note"
        ),
        pytest.param(changed(datetime(2026, 8, 28, 4, 40, tzinfo=UTC)), id="within the first hour"),
    ],
)
def test_other_changes_are_no_update(article: Article) -> None:
    assert noteworthy_update(article) is None


@pytest.mark.parametrize(
    ("updated", "shown"),
    [
        pytest.param(datetime(2026, 8, 28, 16, 59, tzinfo=UTC), False, id="23:59 the same day"),
        pytest.param(datetime(2026, 8, 28, 17, 1, tzinfo=UTC), True, id="00:01 the next day"),
    ],
)
def test_publication_known_by_its_day_lasts_until_midnight(updated: datetime, shown: bool) -> None:
    midnight = datetime(2026, 8, 27, 17, tzinfo=UTC)
    published = Moment(midnight, "day", "Asia/Ho_Chi_Minh")
    article = replace(changed(updated), published=published)

    assert (noteworthy_update(article) is not None) is shown


@pytest.mark.parametrize(
    ("syllables", "minutes"),
    [(0, None), (1, 1), (389, 1), (390, 2), (742, 3), (2600, 10)],
)
def test_reading_time_is_rounded_and_at_least_a_minute(syllables: int, minutes: int | None) -> None:
    assert reading_minutes("chữ " * syllables) == minutes


def test_rows_keep_the_order_of_the_setting() -> None:
    assert arrange(["date", "size", "headline", "lead", "listen", "print"]) == (
        Row("facts", ("date",)),
        Row("tools", ("size",)),
        Row("story", ("headline", "lead")),
        Row("tools", ("listen", "print")),
    )


@pytest.mark.parametrize(
    ("show", "headline"),
    [(("headline", "size"), True), (("lead", "size"), False), ((), False)],
    ids=["headline", "lead only", "nothing"],
)
def test_toolbar_carries_the_h1_only_with_the_headline(
    show: tuple[str, ...], headline: bool
) -> None:
    settings = ToolbarSettings.model_validate({"show": show})

    assert block.headline(settings) is headline


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        pytest.param({"show": ["date", "zoom"]}, "show.1", id="unknown part"),
        pytest.param({"show": ["date", "date"]}, "date stands twice", id="part named twice"),
        pytest.param({"sizes": [100, 130]}, "no style rule for 130", id="size without a rule"),
        pytest.param({"sizes": [125, 100]}, "sizes must rise", id="falling sizes"),
        pytest.param({"sizes": [125, 150]}, "contain 100", id="no way back"),
        pytest.param({"share": []}, "share", id="no way to share"),
        pytest.param({"save_formats": ["pdf"]}, "save_formats.0", id="unknown format"),
        pytest.param({"speech": {"rate": 5}}, "speech.rate", id="too fast to follow"),
        pytest.param({"speech": {"dictionary": {"fr": {}}}}, "speech.dictionary", id="language"),
        pytest.param(
            {"speech": {"dictionary": {"vi": {"A=B": "x"}}}}, "speech.dictionary", id="equals sign"
        ),
        pytest.param({"speech": {"help_path": "https://x"}}, "speech.help_path", id="other site"),
        pytest.param({"sise": [100]}, "sise", id="unknown setting"),
    ],
)
def test_impossible_settings_are_refused(settings: dict[str, object], problem: str) -> None:
    with pytest.raises(ValidationError, match=re.escape(problem)):
        ToolbarSettings.model_validate(settings)


def test_own_abbreviations_join_replace_and_remove_the_shipped_ones() -> None:
    speech = Speech(dictionary={"vi": {"BQL": "ban quản lý", "KCN": "khu chế xuất", "ha": ""}})

    words = spoken_words(speech, "vi")

    assert words["UBND"] == "Ủy ban nhân dân"
    assert words["BQL"] == "ban quản lý"
    assert words["KCN"] == "khu chế xuất"
    assert "ha" not in words


def test_abbreviations_in_decomposed_form_are_composed() -> None:
    decomposed = "BQLÐA".replace("Ð", "A\u0302")

    assert "BQLÂA" in spoken_words(Speech(dictionary={"vi": {decomposed: "dự án"}}), "vi")


def test_vietnamese_abbreviations_are_not_said_in_english_texts() -> None:
    assert spoken_words(Speech(), "en") == {}


def test_pairs_become_lines() -> None:
    assert as_lines({"UBND": "Ủy ban nhân dân", "TP.": "thành phố"}) == (
        "UBND=Ủy ban nhân dân\nTP.=thành phố"
    )


@pytest.mark.parametrize("size", [size for size in TEXT_SIZES if size != 100])
def test_every_size_has_a_style_rule_and_is_known_before_the_first_paint(size: float) -> None:
    style = (SHELL_FILES / "portal.css").read_text(encoding="utf-8")
    early = (SHELL_FILES / "early.js").read_text(encoding="utf-8")

    assert re.search(rf':root\[data-text-size="{size:g}"\] {{\s*font-size: {size:g}%', style)
    assert f"{size:g}".replace(".", r"\.") in early


def test_legacy_name_is_an_alias() -> None:
    assert block.aliases == ("Block_BanTin_Toolbar",)
