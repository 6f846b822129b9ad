"""What the web room's views work with; made by the composition root."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from dataclasses import field
from datetime import datetime
from typing import TYPE_CHECKING

from portal.compose import AssetCatalog
from portal.compose import Composer
from portal.compose import DocumentMaker
from portal.content.reader import Reader
from portal.i18n import Catalog
from portal.layouts import SiteFolder
from portal.media import Storage
from portal.site import Site
from portal.web.health import Watch
from portal.web.plain import RenderPlain
from portal.web.visits import VisitCounter

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from portal.content.operators import Role
    from portal.web.operating.provider import Provider


@dataclass(frozen=True, slots=True)
class Services:
    """Collaborators of the views.

    `read` opens a snapshot of the content in one locale, `write` a transaction for commands.
    `find_older_asset` gives a static file of an earlier version by its served address.
    `page_types` are those that have a layout. `groups` name, for each role of operators and the
    highest first, the groups of the identity `provider` that have it.
    """

    site: Site
    folder: SiteFolder
    blocks: frozenset[str]
    composer: Composer
    documents: DocumentMaker
    assets: AssetCatalog
    find_older_asset: Callable[[str], bytes | None]
    catalog: Catalog
    read: Callable[[str], AbstractContextManager[Reader]]
    write: Callable[[], AbstractContextManager[Session]]
    clock: Callable[[], datetime]
    media: Storage
    render: RenderPlain
    last_resort: bytes
    trusted_hosts: tuple[str, ...]
    cdn_seconds: int
    secret: str
    page_types: frozenset[str]
    tells_cache_status: bool
    visits: VisitCounter
    takes_passwords: bool = False
    provider: Provider | None = None
    groups: Mapping[Role, Collection[str]] = field(default_factory=dict)
    shows_gallery: bool = False
    watch: Watch = field(default_factory=Watch)

    @property
    def has_operators(self) -> bool:
        """Whether anybody may log in."""
        return self.takes_passwords or self.provider is not None

    def vouches_for(self, issuer: str | None) -> bool:
        """Whether accounts of this origin may log in: of a provider, or with a password."""
        if issuer is None:
            return self.takes_passwords
        return self.provider is not None and self.provider.issuer == issuer
