"""The baseline: a bare Flask view that returns the bytes of a file, and nothing else."""

from __future__ import annotations

import os
from pathlib import Path

from flask import Flask
from flask import Response

BODY = Path(os.environ["BENCHMARK_BODY"]).read_bytes()

app = Flask("bare")


@app.get("/<path:path>")
def page(path: str) -> Response:
    """The same bytes whatever is asked."""
    return Response(BODY, content_type="text/html; charset=utf-8")
