"""The baseline: a bare Flask view that returns the bytes of a file, and nothing else."""

from __future__ import annotations

import os
from pathlib import Path

from flask import Flask
from flask import Response

FILE = Path(os.environ["BENCHMARK_BODY"])
BODY = FILE.read_bytes()
CODING = {"Content-Encoding": "gzip"} if FILE.suffix == ".gz" else {}

app = Flask("bare")


@app.get("/<path:path>")
def page(path: str) -> Response:
    """The same bytes whatever is asked."""
    return Response(BODY, headers=CODING, content_type="text/html; charset=utf-8")
