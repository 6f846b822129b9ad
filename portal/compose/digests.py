"""Digests of all that fragments and pages depend on beside the content; they are in cache keys.

A deploy or a changed layout has other digests, so it shows nothing of the old one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields
from dataclasses import is_dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from portal import i18n
from portal.block import Block
from portal.layouts import SiteFolder
from portal.site import Site

_PACKAGE = Path(i18n.__file__).parent
_MAKING = (
    *("block", "compose", "content", "feeds", "media", "web/api", "web/saving.py"),
    *("catalog.yaml", "i18n.py", "media_types.py", "site.py", "text.py"),
)
"""What of the package takes part in making fragments, documents and pages, or reads content."""


def digest_site(site: Site) -> str:
    """`site.yaml` as read."""
    return hashlib.blake2b(site.model_dump_json().encode(), digest_size=8).hexdigest()


@lru_cache
def digest_code(package: Path = _PACKAGE) -> str:
    """The portal's own code and words as far as what is kept depends on them.

    A sanitiser or a question to the database that is put right would else show its old mistakes
    for as long as entries live.
    """
    digest = hashlib.blake2b(digest_size=8)
    for name in _MAKING:
        place = package / name
        files = place.rglob("*") if place.is_dir() else [place]
        for file in sorted(file for file in files if file.suffix in {".py", ".yaml"}):
            digest.update(file.relative_to(package).as_posix().encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()


def digest_block(block: Block[Any], templates: Path) -> str:
    """Code, templates and texts of the block, with the site's override and the shared macros."""
    digest = hashlib.blake2b(block.digest().encode(), digest_size=16)
    for folder in (templates / "blocks" / block.name, templates / "macros"):
        for file in sorted(folder.rglob("*.html")):
            digest.update(file.relative_to(templates).as_posix().encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()


def digest_pages(
    folder: SiteFolder, templates: Path, site_digest: str, blocks: Mapping[str, str]
) -> str:
    """Layouts as compiled, blocks, shells and the pages of a site that stand outside of layouts."""
    compiled = (folder.layouts, folder.defaults, folder.choices, blocks)
    plain = json.dumps(compiled, default=_plainly, sort_keys=True)
    digest = hashlib.blake2b(f"{site_digest}{plain}".encode(), digest_size=16)
    for part in ("layouts", "programs"):
        for file in sorted((templates / part).rglob("*.html")):
            digest.update(file.relative_to(templates).as_posix().encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()


def _plainly(value: object) -> object:
    """A value of a layout as JSON can hold it, the same in every process."""
    if isinstance(value, BaseModel):
        return [type(value).__name__, value.model_dump(mode="json")]
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, frozenset):
        return sorted(value)
    if is_dataclass(value):
        named = {field.name: getattr(value, field.name) for field in fields(value)}
        return [type(value).__name__, named]
    return repr(value)  # days and durations
