"""What strangers may send as long as they like is read once, from one end to the other.

An expression that starts anew at each character of a long run would take hours here; while it
does, no other thread of the process answers anybody. Hence a process of its own, which is ended.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
PATIENCE = 60.0
LONG = 2_000_000

CODINGS = "from portal.web.forms import choose_coding as read"
TAGS = (
    "from portal.web.forms import Form, matches;"
    "read = lambda text: matches(text, Form('\"x\"', [], b'', []))"
)
MASKING = "from portal.masking import mask_url as read"
BODY = "from portal.content.sanitise import clean_html as read"


@pytest.mark.parametrize(
    ("reader", "text"),
    [
        (CODINGS, f"'gzip,' + ' ' * {LONG} + '!'"),
        (CODINGS, f"'a' * {LONG} + ' ' * {LONG} + '!'"),
        (CODINGS, f"'gzip;q=' + '0.' * {LONG} + '!'"),
        (TAGS, f"'x' + ' ' * {LONG} + 'x'"),
        (TAGS, f"'W/' * {LONG} + '\"'"),
        (TAGS, f"'\"' * {LONG}"),
        (BODY, f"'<p>a' + ' ' * {LONG} + 'b</p>'"),
        (BODY, f"'<p>a' + '&nbsp; ' * {LONG // 7} + 'b</p>'"),
        (BODY, f"'\\n' * {LONG}"),
        (MASKING, f"'a-' * {LONG}"),
        (MASKING, f"\"password='\" + 'a' * {LONG}"),
        (MASKING, f"'see redis://h ' + 'a' * {LONG}"),
        (MASKING, f"'redis://h?password=' + ' ' * {LONG} + '!'"),
        (MASKING, f"'redis://h' + '?password' * {LONG // 9}"),
        (MASKING, f"'a:' * {LONG} + '!'"),
    ],
)
def test_reading_takes_as_long_as_the_text_is_and_no_longer(reader: str, text: str):
    subprocess.run(
        [sys.executable, "-c", f"{reader}; read({text})"],
        cwd=REPOSITORY,
        timeout=PATIENCE,
        check=True,
    )
