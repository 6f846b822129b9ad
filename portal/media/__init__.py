"""Stored files: pictures are verified, cleaned and made in several sizes when they come in.

Nothing is made when a page is read. The data's way: `verifying` (bytes become pixels, or are
refused), `renditions` (pixels become files), `storage` and `s3` (where the files are kept). Pages
are served without the first two, which load Pillow and are imported by their own names.
"""

from __future__ import annotations

from portal.media.storage import LocalStorage
from portal.media.storage import Storage
from portal.media.storage import is_public
from portal.media.storage import open_storage

__all__ = [
    "LocalStorage",
    "Storage",
    "is_public",
    "open_storage",
]
