"""Loads a complete small site with some of its files changed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from portal.layouts import SiteFolder
from portal.layouts import load_site_folder
from tests.unit.layouts.layout_site import SPECS
from tests.unit.layouts.layout_site import TEMPLATES
from tests.unit.layouts.layout_site import Files
from tests.unit.layouts.layout_site import write_site

LoadSite = Callable[[Files], SiteFolder]


@pytest.fixture
def load_site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LoadSite:
    """Loads the corpus site with some files changed; paths in messages begin with `config/`."""
    monkeypatch.chdir(tmp_path)

    def load(files: Files) -> SiteFolder:
        write_site(tmp_path / "config", files)
        return load_site_folder(Path("config"), SPECS, templates=TEMPLATES)

    return load
