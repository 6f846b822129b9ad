"""The declaration of a block: a Flask blueprint that renders a fragment."""

from __future__ import annotations

import hashlib
import inspect
import sys
from collections.abc import Callable
from collections.abc import Mapping
from pathlib import Path
from typing import Generic
from typing import TypeVar

from flask import Blueprint

from portal.block.context import BlockContext
from portal.block.context import Group
from portal.block.settings import CachePolicy
from portal.block.settings import Settings
from portal.block.subject import SUBJECT_TYPES
from portal.errors import BlockError
from portal.field_help import read_help
from portal.i18n import Catalog

API_VERSION = 1

SettingsT = TypeVar("SettingsT", bound=Settings)

RenderFunction = Callable[[BlockContext[SettingsT]], "dict[str, object] | None"]
ResolveFunction = Callable[[BlockContext[SettingsT]], "tuple[Group, ...]"]
Migration = Callable[["dict[str, object]"], "dict[str, object]"]


class Block(Blueprint, Generic[SettingsT]):
    """A block: a blueprint that renders a fragment.

    `needs` and `accepts` name the page values it reads (`SUBJECT_TYPES`); a placement on a page
    type without a needed one is refused at load. `headline` tells from the settings whether the
    fragment contains the page's `h1`. `aliases` are legacy names that layout files may use.
    Raises `BlockError` for a declaration that cannot work.
    """

    def __init__(
        self,
        name: str,
        import_name: str,
        *,
        settings: type[SettingsT],
        needs: Mapping[str, object] | None = None,
        accepts: Mapping[str, object] | None = None,
        cache: CachePolicy | None = None,
        aliases: tuple[str, ...] = (),
        version: int = 1,
        headline: Callable[[SettingsT], bool] | None = None,
        api: int = API_VERSION,
    ) -> None:
        super().__init__(
            name,
            import_name,
            template_folder="templates",
            url_prefix=f"/-/blocks/{name}",
        )
        self.settings = settings
        self.needs = dict(needs or {})
        self.accepts = dict(accepts or {})
        self.cache = cache or CachePolicy()
        self.aliases = aliases
        self.version = version
        self.headline = headline or (lambda settings: False)
        self.api = api
        self.migrations: dict[int, Migration] = {}
        self.folder = Path(self.root_path)
        self.catalog = Catalog.load(f"block {name}", self.folder / "catalog.yaml")
        self.template = f"blocks/{name}/{name}.html"
        self.renderer: RenderFunction[SettingsT] | None = None
        self.resolver: ResolveFunction[SettingsT] | None = None
        self._check_declaration()

    def _check_declaration(self) -> None:
        if self.api != API_VERSION:
            raise BlockError(
                f"block {self.name!r} is written for block API {self.api},"
                f" this portal offers {API_VERSION}; install a version that fits"
            )
        for need, kind in [*self.needs.items(), *self.accepts.items()]:
            if SUBJECT_TYPES.get(need) != kind:
                known = ", ".join(sorted(SUBJECT_TYPES))
                raise BlockError(
                    f"block {self.name!r} declares {need!r} as {kind!r};"
                    f" a page offers {known}, each with its own type (portal.block.SUBJECT_TYPES)"
                )
        for setting, field in self.settings.model_fields.items():
            if field.is_required():
                raise BlockError(f"block {self.name!r}: setting {setting!r} needs a default")

    def render(self, function: RenderFunction[SettingsT]) -> RenderFunction[SettingsT]:
        """Register the function that turns context into template values, or `None` for nothing."""
        self.renderer = function
        return function

    def resolve(self, function: ResolveFunction[SettingsT]) -> ResolveFunction[SettingsT]:
        """Register the first phase of a list block: candidate ids, with slack, by group.

        The page then removes what an earlier block shows; `render` sees the rest as `ctx.chosen`
        and is cached by those ids, so de-duplication costs no cache hits.
        """
        self.resolver = function
        return function

    def migrate(self, old: int) -> Callable[[Migration], Migration]:
        """Register how settings of version `old` become those of `old + 1`."""

        def register(function: Migration) -> Migration:
            self.migrations[old] = function
            return function

        return register

    @property
    def stylesheets(self) -> tuple[str, ...]:
        """The block's own style files, collected once per page."""
        return tuple(sorted(path.name for path in (self.folder / "static").glob("*.css")))

    @property
    def scripts(self) -> tuple[str, ...]:
        """The block's own script modules, collected once per page."""
        return tuple(sorted(path.name for path in (self.folder / "static").glob("*.js")))

    @property
    def summary(self) -> str:
        """What the block is for: the first line of its package's docstring."""
        module = sys.modules[self.renderer.__module__] if self.renderer else None
        return inspect.cleandoc(getattr(module, "__doc__", None) or "").partition("\n")[0]

    @property
    def help(self) -> dict[str, str]:
        """The line of help of each setting. Raises `BlockError` for a setting without one."""
        texts = read_help(self.settings)
        for setting, text in texts.items():
            if not text:
                raise BlockError(
                    f"block {self.name!r}: setting {setting!r} needs a line of help"
                    " (a docstring below the field)"
                )
        return texts

    def digest(self) -> str:
        """A digest of code, templates and texts: a deploy that changes one never shows the old."""
        digest = hashlib.blake2b(digest_size=16)
        for path in sorted(self.folder.rglob("*")):
            if path.suffix in {".py", ".html", ".yaml"} and "examples" not in path.parts:
                digest.update(path.relative_to(self.folder).as_posix().encode())
                digest.update(path.read_bytes())
        return digest.hexdigest()
