"""Log lines are one line each, carry the request's id, and say nothing about its sender."""

from __future__ import annotations

import json
import logging
import sys

import pytest

from portal.sight import begin_trace
from portal.sight import end_trace
from portal.sight.logs import JsonFormatter
from portal.sight.logs import PlainFormatter


def record(message: str, **more: object) -> logging.LogRecord:
    made = logging.LogRecord("portal.web", logging.WARNING, "x.py", 1, message, (), None)
    made.__dict__ |= more
    return made


@pytest.mark.parametrize("evil", ["a\r\nb", "\x1b[31m", "\u2028", "\x00", '"}{'])
def test_a_json_line_stays_one_line_whatever_it_says(evil: str):
    line = JsonFormatter().format(record(evil, told={"path": evil}))
    assert line.isascii()
    assert line.isprintable()
    assert json.loads(line)["message"] == evil
    assert json.loads(line)["path"] == evil


def test_lines_of_a_request_carry_its_id():
    trace, token = begin_trace(None)
    try:
        inside = json.loads(JsonFormatter().format(record("inside")))
    finally:
        end_trace(token)
    assert inside["request"] == trace.id
    assert "request" not in json.loads(JsonFormatter().format(record("outside")))


def test_an_error_brings_its_traceback_along():
    try:
        raise ValueError("broken")
    except ValueError:
        line = JsonFormatter().format(record("failed", exc_info=sys.exc_info()))
    assert "ValueError: broken" in json.loads(line)["exception"]


@pytest.mark.parametrize("evil", ["a\r\nb", "\x1b[31m", "\u2028", "\x00", "\u202e"])
def test_a_plain_line_stays_one_line_whatever_it_says(evil: str):
    line = PlainFormatter().format(record(f"Đã hỏi {evil}", told={"path": f"/tin-tức{evil}"}))
    assert line.isprintable()
    assert "Đã hỏi " in line
    assert "path=/tin-tức" in line


def test_a_plain_traceback_comes_below_the_whole_line():
    try:
        raise ValueError("broken")
    except ValueError:
        failed = record("failed", exc_info=sys.exc_info(), told={"path": "/"})
    first, *rest = PlainFormatter().format(failed).splitlines()
    assert first.endswith("failed path=/")
    assert rest[-1] == "ValueError: broken"


def test_plain_lines_are_for_people():
    line = PlainFormatter().format(record("answered", told={"status": 200}))
    assert line.endswith("WARNING portal.web: answered status=200")


@pytest.mark.parametrize(
    ("offered", "taken"),
    [
        ("0123456789abcdef", True),
        ("req_2026-11-24", True),
        (None, False),
        ("", False),
        ("short", False),
        ("a" * 65, False),
        ("id with space", False),
        ("line\nbreak-12345", False),
        ("ümlaut-12345", False),
    ],
)
def test_only_a_well_formed_id_is_taken_over(offered: str | None, taken: bool):
    trace, token = begin_trace(offered)
    end_trace(token)
    assert (trace.id == offered) is taken
    assert len(trace.id) >= 8
