"""The portal with one block more, which takes its time and notes each rendering in a file.

The environment says where (`SLOW_FOLDER`) and how long it takes (`SLOW_SECONDS`).
"""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

from portal.app import create_app
from portal.block import Block
from portal.block import CachePolicy
from portal.block import NoSettings
from portal.registry import Installed
from portal.registry import Registry
from portal.settings import load_settings
from portal.testing.sample_title import block as sample_title

FOLDER = Path(os.environ["SLOW_FOLDER"])
SECONDS = float(os.environ["SLOW_SECONDS"])
RENDERED = FOLDER / "rendered"

block = Block("slow", __name__, settings=NoSettings, cache=CachePolicy(fresh="1h"))
block.folder = FOLDER / "block"


@block.render
def render(ctx: Any) -> dict[str, object]:
    """Note who renders, and wait."""
    with RENDERED.open("a") as notes:
        notes.write(f"{os.getpid()}\n")
    threading.Event().wait(SECONDS)
    return {}


app = create_app(
    load_settings(os.environ),
    registry=Registry([Installed(sample_title, "test"), Installed(block, "test")]),
)
