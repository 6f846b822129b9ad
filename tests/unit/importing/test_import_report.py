from __future__ import annotations

import json
from pathlib import Path

import pytest

from portal.importing.dump import DumpRefused
from portal.importing.dump import Encoding
from portal.importing.dump import Flag
from portal.importing.report import FileOutcome
from portal.importing.report import ImportReport
from portal.importing.sources import find_files
from portal.importing.sources import read_file

CAPTION = Flag("caption-or-heading", 12, 12, "taken as the caption")
NO_DATE = Flag("no-date", 1, 1, "the page showed no publication date")

REPORT = ImportReport(
    batch="dump-1",
    dry_run=False,
    section="tin-tuc",
    files=(
        FileOutcome("a.txt", "imported", "Tin A", "aa", 7, Encoding("utf-8", 1.0)),
        FileOutcome("b.txt", "flagged", "Tin B", "bb", 8, Encoding("vni", 0.93), (CAPTION,)),
        FileOutcome(
            "c.txt", "flagged", "Tin C", "cc", 9, Encoding("utf-8", 1.0), (CAPTION, NO_DATE)
        ),
        FileOutcome("d.txt", "unchanged", "Tin D", "dd", 3, Encoding("utf-8", 1.0)),
        FileOutcome("e.txt", "refused", reason="e.txt:1: the file is empty"),
    ),
)


def test_report_counts_outcomes_and_flags() -> None:
    assert REPORT.counts == {"imported": 1, "flagged": 2, "unchanged": 1, "refused": 1}
    assert REPORT.refused == 1
    assert REPORT.flags == {"caption-or-heading": 2, "no-date": 1}
    assert REPORT.written == (7, 8, 9)


def test_report_becomes_json_and_back() -> None:
    told = json.loads(json.dumps(REPORT.as_json()))

    assert told["counts"]["flagged"] == 2
    assert told["files"][1]["flags"][0] == {
        "rule": "caption-or-heading",
        "first_line": 12,
        "last_line": 12,
        "message": "taken as the caption",
    }
    assert told["files"][4]["reason"] == "e.txt:1: the file is empty"


def test_report_text_names_every_doubt_with_file_and_line() -> None:
    lines = REPORT.as_text().splitlines()

    assert lines[0] == (
        "5 files: 3 imported as batch dump-1, 2 of them to review, 1 unchanged, 1 refused"
    )
    assert "review   c.txt:1: no-date: the page showed no publication date" in lines
    assert "refused  e.txt:1: the file is empty" in lines


def test_a_folder_means_its_text_files_in_order_and_each_once(tmp_path: Path) -> None:
    for name in ("b.txt", "a.txt", "c.html"):
        (tmp_path / name).write_text("x", encoding="utf-8")
    (tmp_path / "d.txt").mkdir()

    assert find_files([tmp_path / "b.txt", tmp_path]) == (tmp_path / "b.txt", tmp_path / "a.txt")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        pytest.param("missing.txt", "cannot be read: No such file", id="missing"),
        pytest.param("empty", r"no file named \*\.txt", id="folder-without-dumps"),
        pytest.param("huge.txt", "has 3,000,000 bytes", id="huge"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_reason(
    name: str, reason: str, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "huge.txt").write_bytes(b"x" * 3_000_000)
    (path,) = find_files([tmp_path / name])

    with pytest.raises(DumpRefused, match=reason):
        read_file(path)
