from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable
from dataclasses import asdict
from dataclasses import replace
from datetime import date
from datetime import time
from pathlib import Path
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from portal.content.values import Author
from portal.content.values import Source
from portal.errors import ImportRefused
from portal.importing import DumpRefused
from portal.importing import read_dump
from portal.importing.dump import Dump
from portal.importing.dump import Figure
from portal.importing.dump import Origin
from portal.importing.dump import Paragraph
from portal.importing.dump import Published
from portal.importing.dump import RawBlock
from portal.importing.dump import RelatedTitle

WriteAs = Callable[[str, str], bytes]


def read(text: str) -> Dump:
    return read_dump(text.encode(), file="tin.txt")


def rules(dump: Dump) -> list[str]:
    return [flag.rule for flag in dump.flags]


def article(toolbar: str, view_data: str = "Một câu đủ dấu chấm./.\n\nThu Hà") -> str:
    return (
        f"PublishingPortal - Block_BanTin_Toolbar\n{toolbar}\n"
        f"PublishingPortal - Block_BanTin_ViewData\n{view_data}\n"
    )


def content(dump: Dump) -> Dump:
    """A dump without the traces of how it was stored, for comparing copies of one page."""
    return replace(dump, encoding=replace(dump.encoding, name="any", confidence=1.0))


def test_every_field_of_a_whole_dump_is_read(bridge: str) -> None:
    dump = read(bridge)

    assert dump.system == "PublishingPortal"
    assert dump.headline == "Bản Ngàn khánh thành cây cầu treo thứ ba trên suối Nà Lạn"
    assert dump.lead.startswith("Sáng 6/9, người dân xã Bản Ngàn đi qua cây cầu treo mới")
    assert dump.lead.endswith("từ bảy cây số xuống còn một.")
    assert dump.published == Published(date(2021, 9, 7), None)
    assert dump.published.precision == "day"
    assert [type(item) for item in dump.body] == [
        Paragraph, Figure, Paragraph, Paragraph, Paragraph,
    ]  # fmt: skip
    assert dump.paragraphs[0].startswith("Cầu được khởi công từ tháng Ba")
    assert dump.captions == ("Học sinh thôn Khuổi Đẳng trên cây cầu mới ngày khánh thành",)
    assert dump.paragraphs[1].endswith("“Năm nay các cháu không phải nghỉ buổi nào”, ông nói.")
    assert dump.paragraphs[2].endswith("gọi số trực của xã…")
    assert dump.paragraphs[3].endswith("trước mùa lũ tới./.")
    assert dump.end_mark
    assert dump.authors == (Author("Vi Hồng Ngát"),)
    assert dump.source is None
    assert dump.related == ()
    assert dump.raw == ()
    assert rules(dump) == ["caption-or-heading"]
    assert (dump.flags[0].first_line, dump.flags[0].last_line) == (12, 12)
    assert (dump.encoding.name, dump.encoding.confidence) == ("utf-8", 1.0)


def test_every_field_says_where_it_came_from(bridge: str) -> None:
    dump = read(bridge)

    assert dump.origin("published") == Origin("published", "tin.txt", 3, 3, "date-line")
    assert dump.origin("headline") == Origin("headline", "tin.txt", 5, 5, "first-other-line")
    assert dump.origin("lead") == Origin("lead", "tin.txt", 6, 6, "lines-after-headline")
    assert dump.origin("body[1]") == Origin("body[1]", "tin.txt", 12, 12, "caption")
    assert dump.origin("authors") == Origin("authors", "tin.txt", 20, 20, "after-end-mark")
    assert dump.origin("source") is None
    assert len(dump.origins) == 4 + len(dump.body)


def test_whole_dumps_lose_no_word(whole_dump: Path) -> None:
    data = whole_dump.read_bytes()
    dump = read_dump(data, file=whole_dump.name)

    read_words = " ".join(
        (
            dump.headline,
            dump.lead,
            *dump.paragraphs,
            *dump.captions,
            *(a.name for a in dump.authors),
        )
    ).split()
    chrome = {"Tăng cỡ chữ Giảm cỡ chữ", f"{dump.published.day:%d/%m/%Y}" if dump.published else ""}
    lines = [line for line in data.decode().split("\n") if "Block_" not in line]
    assert sorted(read_words) == sorted(
        " ".join(line for line in lines if line not in chrome).split()
    )
    assert "\u00a0" not in json.dumps(asdict(dump), default=str, ensure_ascii=False)


@pytest.mark.parametrize(
    "mutate",
    [
        pytest.param(lambda text: unicodedata.normalize("NFD", text).encode(), id="nfd"),
        pytest.param(lambda text: text.replace("\n", "\r\n").encode(), id="crlf"),
        pytest.param(lambda text: text.replace("\n", "\r").encode(), id="cr"),
        pytest.param(lambda text: text.encode("utf-8-sig"), id="utf-8-bom"),
        pytest.param(lambda text: text.encode("utf-16"), id="utf-16-bom"),
        pytest.param(lambda text: b"\xfe\xff" + text.encode("utf-16-be"), id="utf-16-be-bom"),
        pytest.param(lambda text: text.encode("utf-16-le"), id="utf-16-le"),
        pytest.param(lambda text: text.encode("utf-16-be"), id="utf-16-be"),
        pytest.param(lambda text: text.replace(" ", "\u00a0").encode(), id="nbsp-everywhere"),
        pytest.param(lambda text: f"\u00a0{text}".encode(), id="leading-nbsp"),
        pytest.param(lambda text: text.replace("n", "n\u00ad\u200b").encode(), id="soft-hyphens"),
        pytest.param(lambda text: text.replace("Đ", "\u00d0").replace("đ", "\u00f0").encode(),
                     id="eth"),
        pytest.param(lambda text: text.replace(". ", ".\u2028").encode(), id="line-separators"),
    ],
)  # fmt: skip
def test_storage_does_not_change_the_content(mutate: Callable[[str], bytes], bridge: str) -> None:
    assert content(read_dump(mutate(bridge), file="tin.txt")) == content(read(bridge))


@pytest.mark.parametrize("encoding", ["cp1258", "vni"])
def test_old_encodings_give_the_same_content(encoding: str, bridge: str, write_as: WriteAs) -> None:
    dump = read_dump(write_as(bridge, encoding), file="tin.txt")

    assert content(dump) == content(read(bridge))
    assert dump.encoding.name == encoding
    assert 0.9 < dump.encoding.confidence < 1


def test_tcvn3_gives_the_same_content_but_for_toned_capitals(
    bridge: str, write_as: WriteAs
) -> None:
    dump = read_dump(write_as(bridge, "tcvn3"), file="tin.txt")

    assert dump.encoding.name == "tcvn3"
    assert dump.encoding.confidence > 0.9
    expected = read(bridge)
    assert dump.headline == expected.headline
    assert dump.authors == expected.authors
    assert [text.lower() for text in dump.paragraphs] == [t.lower() for t in expected.paragraphs]
    assert "ủy ban nhân dân" in dump.paragraphs[2]


def test_capitals_come_back_to_tcvn3_headlines_in_capitals(write_as: WriteAs) -> None:
    text = article("HỌP HỘI ĐỒNG NHÂN DÂN XÃ\nSáng nay, đại biểu UBND đã bàn về đường sá.")

    assert read_dump(write_as(text, "tcvn3"), file="tin.txt").headline == "HỌP HỘI ĐỒNG NHÂN DÂN XÃ"


@pytest.mark.parametrize("encoding", ["tcvn3", "vni"])
def test_font_encodings_stored_as_unicode_are_repaired(
    encoding: str, bridge: str, write_as: WriteAs
) -> None:
    stored = write_as(bridge, encoding).decode("cp1252").encode()

    dump = read_dump(stored, file="tin.txt")

    assert dump.encoding.name == encoding
    assert dump.headline == read(bridge).headline


def test_report_example_of_tcvn3_letters_is_read() -> None:
    text = article("B¸o c¸o tµi chÝnh n¨m 2012 cña huyÖn", "C«ng khai t¹i trô së, ®óng thêi h¹n.")

    assert read(text).headline == "Báo cáo tài chính năm 2012 của huyện"


def test_named_encoding_overrides_detection(write_as: WriteAs) -> None:
    data = write_as(article("Họp xã"), "vni")

    with pytest.raises(ImportRefused, match=r"tin\.txt:1: the encoding is unclear.*--encoding"):
        read_dump(write_as(article("Họp xã", "Xong."), "vni"), file="tin.txt")
    dump = read_dump(data, file="tin.txt", encoding="VNI")
    assert dump.headline == "Họp xã"
    assert dump.encoding.declared


def test_western_text_in_one_byte_per_letter_is_refused() -> None:
    text = article(
        "Fête", "Après l’été, l’école où Zoé étudie a été rénovée à Créteil; ça plaît à René."
    )

    with pytest.raises(DumpRefused, match="the encoding is unclear: most like"):
        read_dump(text.encode("cp1252", errors="replace"), file="tin.txt")


def test_unknown_encoding_name_lists_the_known_ones() -> None:
    with pytest.raises(
        ImportRefused, match=r"unknown encoding 'vietnamese' \(known: utf-8, .*tcvn3"
    ):
        read_dump(b"x", file="tin.txt", encoding="vietnamese")


@pytest.mark.parametrize("encoding", ["tcvn3", "vni"])
def test_mixed_encodings_are_refused_with_both_lines(
    encoding: str, bridge: str, write_as: WriteAs
) -> None:
    lines = bridge.split("\n")
    raw = b"\n".join(
        write_as(line, encoding if number in (5, 6) else "utf-8")
        for number, line in enumerate(lines, start=1)
    )
    stored = b"\n".join(
        write_as(line, encoding).decode("cp1252").encode() if number == 10 else line.encode()
        for number, line in enumerate(lines, start=1)
    )

    with pytest.raises(DumpRefused, match=r"tin\.txt:5: mixed encodings"):
        read_dump(raw, file="tin.txt")
    with pytest.raises(
        DumpRefused, match=rf"tin\.txt:10: mixed encodings: this line is in {encoding}"
    ):
        read_dump(stored, file="tin.txt")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(b"", "the file is empty", id="empty"),
        pytest.param(b"\xef\xbb\xbf\r\n \n", "the file is empty", id="blank"),
        pytest.param(bytes(range(256)) * 40, "not a PublishingPortal dump", id="binary"),
        pytest.param(b"\x89PNG\r\n\x1a\nBlock_\x00\xff\xfe", "encoding is unclear", id="picture"),
        pytest.param("Một tin không dấu mốc.".encode(), "not a PublishingPortal dump", id="prose"),
        pytest.param(b"see Block_BanTin_Toolbar", "not a PublishingPortal dump", id="mention"),
        pytest.param(b"x" * 5_000_000, "5,000,000 bytes", id="5-MB-line"),
        pytest.param(article("A\x00B").encode(), "a NUL character", id="nul"),
        pytest.param(article("19/04/2022\nTăng cỡ chữ").encode(), "no headline", id="no-headline"),
    ],
)
def test_files_that_are_no_dump_are_refused_with_the_reason(data: bytes, reason: str) -> None:
    with pytest.raises(DumpRefused, match=reason) as refusal:
        read_dump(data, file="tin.txt")

    assert refusal.value.file == "tin.txt"
    assert refusal.value.line >= 1
    assert str(refusal.value).startswith(f"tin.txt:{refusal.value.line}: ")


@pytest.mark.parametrize(
    ("missing", "reason"),
    [
        pytest.param(
            "Toolbar", r"tin\.txt:1: no line .*Block_BanTin_Toolbar'.*headline", id="toolbar"
        ),
        pytest.param(
            "ViewData", r"tin\.txt:1: no line .*Block_BanTin_ViewData'.*body", id="viewdata"
        ),
    ],
)
def test_a_missing_marker_is_refused(missing: str, reason: str, bridge: str) -> None:
    lines = [line for line in bridge.split("\n") if f"BanTin_{missing}" not in line]

    with pytest.raises(ImportRefused, match=reason):
        read("\n".join(lines))


@pytest.mark.parametrize("cut", [1, 2], ids=["one-byte-short", "two-bytes-short"])
def test_a_file_cut_within_a_character_is_read_and_flagged(cut: int) -> None:
    data = article("Tin", "Đồng bào chờ cầu mới, học sinh hết phải lội suố").encode().rstrip()
    whole = data + "\u1ed1".encode()

    dump = read_dump(whole[:-cut], file="tin.txt")

    assert dump.encoding.name == "utf-8"
    assert "cut-file" in rules(dump)
    assert dump.paragraphs == ("Đồng bào chờ cầu mới, học sinh hết phải lội suố",)


def test_two_captions_are_two_figures(bridge: str) -> None:
    text = bridge.replace(
        "Ủy ban nhân dân xã", "Cầu nhìn từ phía thôn Nà Pất\n\nỦy ban nhân dân xã"
    )

    dump = read(text)

    assert dump.captions[1] == "Cầu nhìn từ phía thôn Nà Pất"
    assert rules(dump) == ["caption-or-heading", "caption-or-heading"]


def test_short_lines_in_a_row_stay_text(bridge: str) -> None:
    verses = "Suối về qua bản\nCầu nối hai bờ\nTrẻ em đến lớp"
    dump = read(bridge.replace("Ủy ban nhân dân xã", f"{verses}\nỦy ban nhân dân xã"))

    assert len(dump.captions) == 1
    assert set(verses.split("\n")) < set(dump.paragraphs)
    assert rules(dump) == ["caption-or-heading", "verses-or-list"]


@pytest.mark.parametrize("mark", ["./.", "/.", "./", ". /.", "./.”"])
def test_every_form_of_the_end_mark_ends_the_text(mark: str) -> None:
    dump = read(article("Tin", f"Câu đầu.\nCâu cuối{mark}\nThu Hà"))

    assert dump.end_mark
    assert dump.paragraphs == ("Câu đầu.", f"Câu cuối{mark}")
    assert dump.authors == (Author("Thu Hà"),)
    assert dump.flags == () or rules(dump) == ["no-date"]


def test_an_end_mark_on_its_own_line_joins_the_last_paragraph() -> None:
    dump = read(article("Tin", "Câu đầu.\nCâu cuối\n./.\nThu Hà"))

    assert dump.paragraphs == ("Câu đầu.", "Câu cuối./.")


def test_a_web_address_is_no_end_mark() -> None:
    dump = read(article("Tin", "Câu đầu.\nXem tại http://xa.example.vn/."))

    assert not dump.end_mark


def test_a_short_last_line_without_end_mark_is_an_author_in_doubt() -> None:
    dump = read(article("01/02/2020\nTin", "Câu đầu.\nCâu cuối.\nThu Hà"))

    assert not dump.end_mark
    assert dump.authors == (Author("Thu Hà"),)
    assert rules(dump) == ["author-without-end-mark"]


def test_text_below_the_end_mark_is_kept_and_flagged() -> None:
    late = "Ghi chú thêm của tòa soạn về bài viết này cùng số điện thoại liên hệ."
    dump = read(article("01/02/2020\nTin", f"Câu cuối./.\nThu Hà\n{late}"))

    assert dump.paragraphs == ("Câu cuối./.", late)
    assert dump.authors == (Author("Thu Hà"),)
    assert rules(dump) == ["text-after-end-mark"]


@pytest.mark.parametrize(
    ("tail", "authors", "source"),
    [
        ("Tin, ảnh: Lê Hà", (Author("Lê Hà"),), None),
        ("Tác giả: Lê Hà", (Author("Lê Hà"),), None),
        ("Lê Hà - Văn Tú", (Author("Lê Hà"), Author("Văn Tú")), None),
        ("Bài: Lê Hà - Ảnh: Văn Tú", (Author("Lê Hà"), Author("Văn Tú", role="photo")), None),
        ("Người dịch: Lê Hà", (Author("Lê Hà", role="translation"),), None),
        ("Phòng Văn hóa - Thông tin", (Author("Phòng Văn hóa - Thông tin", kind="unit"),), None),
        ("Theo Báo Suối Ngàn", (), Source("Báo Suối Ngàn")),
        ("(Nguồn: Cổng tỉnh)", (), Source("Cổng tỉnh")),
        ("Lê Hà\nNguồn: https://a.example.vn", (Author("Lê Hà"),),
         Source("https://a.example.vn", "https://a.example.vn")),
    ],
)  # fmt: skip
def test_bylines_and_sources_are_told_apart(
    tail: str, authors: tuple[Author, ...], source: Source | None
) -> None:
    dump = read(article("01/02/2020\nTin", f"Câu cuối./.\n{tail}"))

    assert dump.authors == authors
    assert dump.source == source
    assert dump.flags == ()


def test_labelled_credits_without_end_mark_are_no_doubt() -> None:
    dump = read(article("01/02/2020\nTin", "Câu cuối.\nTác giả: Lê Hà\n(Theo Báo Suối Ngàn)"))

    assert dump.authors == (Author("Lê Hà"),)
    assert dump.source == Source("Báo Suối Ngàn")
    assert dump.flags == ()


@pytest.mark.parametrize(
    ("line", "day", "moment"),
    [
        ("19/04/2022", date(2022, 4, 19), None),
        ("3-4-2024", date(2024, 4, 3), None),
        ("03.04.2024", date(2024, 4, 3), None),
        ("Thứ Ba, 19/04/2022", date(2022, 4, 19), None),
        ("Thứ 3, ngày 19/04/2022", date(2022, 4, 19), None),
        ("Chủ nhật, 24/04/2022 09:05", date(2022, 4, 24), time(9, 5)),
        ("ngày 19/04/2022", date(2022, 4, 19), None),
        ("Ngày đăng: 08/07/2024  11:38", date(2024, 7, 8), time(11, 38)),
        ("02/10/2020 08:20 SA", date(2020, 10, 2), time(8, 20)),
        ("02/10/2020 12:20 SA", date(2020, 10, 2), time(0, 20)),
        ("02/10/2020 08:20 CH", date(2020, 10, 2), time(20, 20)),
        ("28/06/2022 08:31 AM", date(2022, 6, 28), time(8, 31)),
        ("28/06/2022 12:31 PM", date(2022, 6, 28), time(12, 31)),
        ("10:8, Thứ Tư, 3-4-2024", date(2024, 4, 3), time(10, 8)),
        ("Thứ Ba, 19/04/2022 08:05 (GMT+07:00)", date(2022, 4, 19), time(8, 5)),
        ("19 tháng 4 năm 2022", date(2022, 4, 19), None),
        ("08h20 19/04/2022", date(2022, 4, 19), time(8, 20)),
        ("19/04/2022 Tăng cỡ chữ Giảm cỡ chữ", date(2022, 4, 19), None),
        ("Lượt xem: 1.204 | Ngày đăng: 19/04/2022", date(2022, 4, 19), None),
    ],
)
def test_every_printed_form_of_a_date_is_read_day_first(
    line: str, day: date, moment: time | None
) -> None:
    dump = read(article(f"{line}\nTin"))

    assert dump.headline == "Tin"
    assert dump.published == Published(day, moment)
    assert dump.published.precision == ("minute" if moment else "day")
    assert dump.flags == ()


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("04/19/2022", "impossible-date"),
        ("31/02/2022", "impossible-date"),
        ("00/00/0000", "impossible-date"),
        ("19/4/22", "unreadable-date"),
        ("2022-04-19", "unreadable-date"),
    ],
)
def test_a_date_that_is_none_is_flagged_and_never_swapped(line: str, rule: str) -> None:
    dump = read(article(f"{line}\nTin"))

    assert dump.headline == "Tin"
    assert dump.published is None
    assert rules(dump) == [rule]


def test_doubts_about_a_date_are_flagged() -> None:
    wrong_weekday = read(article("Thứ Hai, 19/04/2022\nTin"))
    wrong_time = read(article("19/04/2022 25:10\nTin"))
    two = read(article("19/04/2022\n20/04/2022\nTin"))
    updated = read(article("Cập nhật: 20/04/2022 10:00\nNgày đăng: 19/04/2022\nTin"))
    none = read(article("Tin"))

    assert rules(wrong_weekday) == ["weekday-mismatch"]
    assert rules(wrong_time) == ["impossible-time"]
    assert wrong_time.published == Published(date(2022, 4, 19), None)
    assert rules(two) == ["two-dates"]
    assert two.published == Published(date(2022, 4, 19), None)
    assert rules(updated) == ["two-dates"]
    assert updated.published == Published(date(2022, 4, 19), None)
    assert rules(none) == ["no-date"]


@pytest.mark.parametrize(
    "line",
    [
        "Tăng cỡ chữ Giảm cỡ chữ",
        "A- A A+",
        "In trang | Gửi email | Chia sẻ",
        "Bản in",
        "Đọc bài viết",
        "Lượt xem: 1.024",
        "Mặc định cỡ chữ · Lượt xem: 7",
        "Facebook Zalo",
    ],
)
def test_page_controls_are_not_the_headline(line: str) -> None:
    dump = read(article(f"01/02/2020\n{line}\nTin\nDẫn.\n{line}"))

    assert (dump.headline, dump.lead) == ("Tin", "Dẫn.")


@pytest.mark.parametrize(
    "headline",
    ["In sách giáo khoa cho học sinh", "Chia sẻ kinh nghiệm nuôi ong", "Đọc bài văn tế ở Nà Lạn"],
)
def test_headlines_that_begin_like_a_control_stay_whole(headline: str) -> None:
    assert read(article(headline)).headline == headline


def test_a_lead_of_several_lines_is_joined_and_flagged() -> None:
    dump = read(article("01/02/2020\nTin dài nối\nsang dòng hai\nDẫn một.\nDẫn hai."))

    assert dump.headline == "Tin dài nối"
    assert dump.lead == "sang dòng hai Dẫn một. Dẫn hai."
    assert rules(dump) == ["headline-may-wrap", "lead-of-several-paragraphs"]


def test_markers_of_any_site_and_dash_are_understood() -> None:
    text = (
        "\ufeff\u00a0Cổng huyện Ngàn – Block_BanTin_Toolbar \nTin\n"
        "Cổng huyện Ngàn - Block_BanTin_ViewData\nXong./."
    )

    dump = read(text)

    assert (dump.system, dump.headline, dump.paragraphs) == (
        "Cổng huyện Ngàn", "Tin", ("Xong./.",),
    )  # fmt: skip


def test_unknown_text_is_kept_raw_and_flagged(bridge: str) -> None:
    text = (
        f"Trang chủ\n{bridge}\nPublishingPortal - Block_LienKet\nBáo Suối Ngàn\nĐài huyện\n"
        "PublishingPortal - Block_BanTin_ViewData\nBài thứ hai."
    )

    dump = read(text)

    assert dump.raw == (
        RawBlock("", "Trang chủ"),
        RawBlock("LienKet", "Báo Suối Ngàn\nĐài huyện"),
        RawBlock("BanTin_ViewData", "Bài thứ hai."),
    )
    assert rules(dump) == [
        "text-before-first-marker", "caption-or-heading", "unknown-block", "repeated-block",
    ]  # fmt: skip
    assert dump.paragraphs == read(bridge).paragraphs


def test_related_titles_keep_their_days(bridge: str) -> None:
    text = (
        f"{bridge}\nPublishingPortal - Block_BanTin_Related\nCác tin khác\n"
        "- Khởi công cầu Nà Pất (14/03/2021)\nBa bản góp công (lần hai) (01/02/2021)\n"
        "Tin không ngày\nTin lạ (31/02/2021)"
    )

    dump = read(text)

    assert dump.related == (
        RelatedTitle("Khởi công cầu Nà Pất", date(2021, 3, 14)),
        RelatedTitle("Ba bản góp công (lần hai)", date(2021, 2, 1)),
        RelatedTitle("Tin không ngày", None),
        RelatedTitle("Tin lạ", None),
    )
    assert rules(dump) == ["caption-or-heading", "impossible-date"]


def test_foreign_words_with_eth_are_left_alone() -> None:
    dump = read(article("Ðoàn khách từ \u00d0akvatn thăm ÐỒNG \u00d0ĂNG"))

    assert dump.headline == "Đoàn khách từ \u00d0akvatn thăm ĐỒNG ĐĂNG"


def test_removed_control_characters_are_flagged() -> None:
    dump = read(article("01/02/2020\nTin\x1a\x02 hay\nDẫn \ufffd."))

    assert dump.headline == "Tin hay"
    assert rules(dump) == ["control-character", "lost-character"]


@pytest.mark.parametrize("place", ["toolbar", "body", "tail"])
@pytest.mark.parametrize(
    "line",
    [
        pytest.param("nước lũ dâng cao " * 30_000, id="words"),
        pytest.param("a" + "\u0301\u0323" * 200_000, id="marks"),
        pytest.param("www." * 150_000 + " x./.", id="addresses"),
        pytest.param("/ . ” " * 80_000, id="end-marks"),
        pytest.param("1/2/" * 150_000, id="dates"),
        pytest.param("A- " * 150_000, id="controls"),
        pytest.param("Tin, ảnh: " * 50_000, id="labels"),
        pytest.param("(1/2/2020) " * 50_000, id="brackets"),
    ],
)
def test_huge_lines_are_read_in_linear_time(line: str, place: str) -> None:
    lines = {"toolbar": "", "body": "Một câu.", "tail": ""} | {place: line}
    text = article(f"Tin\n{lines['toolbar']}", f"Đầu.\n{lines['body']}\nXong./.\n{lines['tail']}")
    started = perf_counter()

    dump = read(text)

    assert dump.headline == "Tin"
    assert perf_counter() - started < 20  # quadratic reading takes minutes


TEXTS = st.lists(
    st.one_of(
        st.sampled_from(
            [
                "PublishingPortal - Block_BanTin_Toolbar", "\u00a0X - Block_BanTin_ViewData",
                "X - Block_BanTin_Related", "X - Block_Khac", "19/04/2022", "99/99/9999 25:61 CH",
                "Tăng cỡ chữ Giảm cỡ chữ", "Câu cuối./.", "./.", "Tin, ảnh: A, B", "Nguồn: (x)",
                "Tin (01/02/2021)", "B¸o c¸o tµi chÝnh", "",
            ]
        ),
        st.text(max_size=60),
    ),
    max_size=14,
).map("\n".join)  # fmt: skip

BYTES = st.one_of(
    st.binary(max_size=300),
    st.builds(
        lambda text, encoding, tail: text.encode(encoding, errors="replace") + tail,
        TEXTS,
        st.sampled_from(["utf-8", "utf-16", "utf-16-le", "utf-16-be", "cp1258", "cp1252"]),
        st.binary(max_size=3),
    ),
)


@settings(max_examples=400, deadline=None)
@given(
    data=BYTES, encoding=st.sampled_from([None, None, "utf-8", "utf-16", "cp1258", "tcvn3", "vni"])
)
def test_any_bytes_give_nfc_text_or_a_refusal(data: bytes, encoding: str | None) -> None:
    try:
        dump = read_dump(data, file="tin.txt", encoding=encoding)
    except DumpRefused as refusal:
        told = str(refusal)
        dump = None
    if dump is None:
        assert told.startswith("tin.txt:")
        return
    texts = json.dumps(asdict(dump), default=str, ensure_ascii=False)
    assert unicodedata.is_normalized("NFC", texts)
    assert "\\u0000" not in texts
    assert dump.headline
