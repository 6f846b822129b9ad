"""Log lines: JSON for machines, plain for people; each with the id of its request.

A record's own values are given as `extra={"told": {...}}`. Nothing here asks who the reader was:
no address, no query string, no user agent is ever part of a line.
"""

from __future__ import annotations

import json
import logging
import logging.config
from datetime import UTC
from datetime import datetime
from typing import Any

from portal.sight.trace import current_trace

LONGEST_TEXT = 8000


class JsonFormatter(logging.Formatter):
    """One JSON object per line; line breaks and control characters of values are escaped."""

    def format(self, record: logging.LogRecord) -> str:
        """The line of a record."""
        moment = datetime.fromtimestamp(record.created, UTC)
        values: dict[str, Any] = {
            "time": moment.isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage()[:LONGEST_TEXT],
        }
        trace = current_trace()
        if trace is not None:
            values["request"] = trace.id
        values |= getattr(record, "told", {})
        if record.exc_info:
            values["exception"] = self.formatException(record.exc_info)[-LONGEST_TEXT:]
        return json.dumps(values, ensure_ascii=True, default=str)


class PlainFormatter(logging.Formatter):
    """`09:30:00 WARNING portal.web: message`, for a developer's terminal.

    What is not printable is escaped, so that no reader writes lines or colours into it; only a
    traceback has lines of its own.
    """

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s", "%H:%M:%S")

    def formatMessage(self, record: logging.LogRecord) -> str:
        """The line of a record, its own values behind it."""
        told = getattr(record, "told", {})
        line = " ".join([super().formatMessage(record), *(f"{k}={v}" for k, v in told.items())])
        return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in line)


def logs_config(form: str, level: str) -> dict[str, Any]:
    """The `logging.config` dictionary; also given to the server, so that all lines look alike."""
    formatter = JsonFormatter if form == "json" else PlainFormatter
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": formatter}},
        "handlers": {
            "out": {
                "class": "logging.StreamHandler",
                "formatter": "line",
                "stream": "ext://sys.stderr",
            }
        },
        "root": {"level": "WARNING", "handlers": ["out"]},
        "loggers": {"portal": {"level": level}, "_granian": {"level": "INFO"}},
    }


def configure_logs(form: str, level: str) -> None:
    """Write the log lines of this process to its standard error."""
    logging.config.dictConfig(logs_config(form, level))
