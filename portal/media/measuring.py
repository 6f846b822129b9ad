"""How large a picture is, without decoding it."""

from __future__ import annotations

import re
from io import BytesIO

_VIEW_BOX = re.compile(rb"""viewBox=["']\s*\S+\s+\S+\s+([\d.]+)\s+([\d.]+)\s*["']""")


def measure(content: bytes, media_type: str) -> tuple[int, int] | None:
    """Width and height of a picture in pixels, of an SVG by its `viewBox`; none for others."""
    if media_type == "image/svg+xml":
        found = _VIEW_BOX.search(content)
        size = (round(float(found[1])), round(float(found[2]))) if found else (0, 0)
        return size if min(size) > 0 else None
    # Processes that serve pages need it only where a site's own pictures are no drawings.
    from PIL import Image  # noqa: PLC0415 - see above

    try:
        with Image.open(BytesIO(content)) as picture:
            return picture.size
    except (OSError, Image.DecompressionBombError):
        return None
