"""Lighthouse on the demo: `make lighthouse`. Prints its scores and fails below what they must be.

Each page is measured three times as on a mid-range phone with a slow connection, and the median
counts: the time of a single run depends on what else the machine does. Of the search it is the
form that is measured. Lists of results ask search engines to leave them out, as their operators
recommend, which Lighthouse marks down.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.browser.conftest import find_chromium
from tests.browser.live_portal import LivePortal
from tests.browser.live_portal import make_demo
from tests.browser.live_portal import run_portal

PAGES = ("home", "section", "article", "search")
LEAST = {"performance": 95, "accessibility": 100, "best-practices": 100, "seo": 100}
RUNS = 3
_PROGRAM = Path(__file__).parents[1] / ".cache/lighthouse/node_modules/lighthouse/cli/index.js"
_FLAGS = "--headless=new --disable-gpu --disable-background-networking"


def main() -> int:
    """Measure every page; the number of scores that are too low."""
    if not _PROGRAM.exists():
        raise SystemExit(f"{_PROGRAM} is not there: run .ci/install-node lighthouse")
    with tempfile.TemporaryDirectory() as folder:
        site = make_demo(Path(folder) / "demo")
        with run_portal(site, Path(folder) / "log") as portal:
            scores = {page: _measure(portal, page, Path(folder)) for page in PAGES}
    print(json.dumps(scores, indent=2))
    low = [
        f"{page}: {name} {score}, must be {LEAST[name]}"
        for page, found in scores.items()
        for name, score in found.items()
        if score < LEAST[name]
    ]
    print("\n".join(low), file=sys.stderr)
    return len(low)


def _measure(portal: LivePortal, page: str, folder: Path) -> dict[str, int]:
    """The median score of each category."""
    runs = [_run(portal.url(page), folder / f"{page}-{number}.json") for number in range(RUNS)]
    return {name: round(statistics.median(run[name] for run in runs)) for name in LEAST}


def _run(address: str, report: Path) -> dict[str, float]:
    sandbox = " --no-sandbox" if os.geteuid() == 0 else ""  # Chromium refuses to sandbox root
    command = [
        *("node", str(_PROGRAM), address, "--quiet", "--output=json", f"--output-path={report}"),
        f"--only-categories={','.join(LEAST)}",
        f"--chrome-flags={_FLAGS}{sandbox}",
    ]
    environment = {**os.environ, "CHROME_PATH": find_chromium()}
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
    categories = json.loads(report.read_text(encoding="utf-8"))["categories"]
    return {name: 100 * categories[name]["score"] for name in LEAST}


if __name__ == "__main__":
    raise SystemExit(main())
