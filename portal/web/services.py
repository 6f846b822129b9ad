"""What the web room's views work with; made by the composition root."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from portal.compose import AssetCatalog
from portal.compose import Composer
from portal.content.reader import Reader
from portal.i18n import Catalog
from portal.site import Site


@dataclass(frozen=True, slots=True)
class Services:
    """Collaborators of the views. `read` opens a snapshot of the content in one locale."""

    site: Site
    composer: Composer
    assets: AssetCatalog
    catalog: Catalog
    read: Callable[[str], AbstractContextManager[Reader]]
    clock: Callable[[], datetime]
    media: Path
    last_resort: bytes
    ready: Callable[[], dict[str, str]]
