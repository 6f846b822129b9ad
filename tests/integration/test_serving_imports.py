"""What a serving process loads: every module costs each worker memory and each start time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from portal.content import schema

ROOT = Path(__file__).parents[2]
NOT_FOR_SERVING = (
    "PIL",
    "alembic",
    "boto3",
    "click.testing",
    "portal.cli",
    "portal.demo",
    "portal.gallery",
    "portal.importing",
    "portal.testing",
    "rich",
    "ruamel",
)
SERVE = """
import json, sys
from werkzeug.test import Client
from wsgi import app
paths = ("/", "/tin-tuc/", "/feed.json", "/nirgends")
statuses = [Client(app).get(path).status_code for path in paths]
print(json.dumps([statuses, sorted(sys.modules)]))
"""


def test_a_serving_process_loads_nothing_that_only_commands_need(tmp_path: Path):
    """Pictures are made, schemas changed and samples loaded by commands, never by a page."""
    address = f"sqlite:///{tmp_path / 'portal.sqlite3'}"
    schema.upgrade(address)
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
    environ |= {
        "PORTAL_DATABASE_URL": address,
        "PORTAL_MEDIA": str(tmp_path / "media"),
        "PORTAL_SECRET_KEY": "0123456789abcdef" * 2,
    }
    done = subprocess.run(
        [sys.executable, "-c", SERVE],
        cwd=ROOT,
        env=environ,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    statuses, loaded = json.loads(done.stdout.splitlines()[-1])
    assert statuses[0] == 200
    assert statuses[-1] == 404
    assert [
        name
        for name in loaded
        if any(name == banned or name.startswith(f"{banned}.") for banned in NOT_FOR_SERVING)
    ] == []
