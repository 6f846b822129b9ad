"""The baseline of a start: the libraries that the portal is built of, and one view."""

from __future__ import annotations

import babel
import click
import flask_caching
import flask_sqlalchemy
import pydantic
import yaml
from flask import Flask

USED = (babel, click, flask_caching, flask_sqlalchemy, pydantic, yaml)

app = Flask("libraries")


@app.get("/-/health/ready")
def ready() -> str:
    """Where the portal says that it is ready."""
    return "ready"
