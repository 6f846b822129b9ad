"""Blocks of other offices: installed as packages, found by name, treated like built-in ones."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.block import Block
from portal.block import NoSettings
from portal.errors import BlockError
from portal.layouts import LayoutErrors
from portal.registry import BUILT_IN
from portal.registry import Installed
from portal.registry import Registry
from portal.registry import find_blocks
from tests.integration.composition.small_site import ROOT
from tests.integration.composition.small_site import TEMPLATES
from tests.integration.composition.small_site import SmallSite

PACKAGE = ROOT / "tests" / "data" / "third_party_block"


def install(folder: Path, name: str, module: str, entry_point: str) -> None:
    """Describe a package in `folder` as an installer does (packaging.python.org, dist-info)."""
    information = folder / f"{module}-1.0.dist-info"
    information.mkdir(parents=True)
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"
    (information / "METADATA").write_text(metadata, "utf-8")
    (information / "entry_points.txt").write_text(f"[portal.blocks]\n{entry_point}\n", "utf-8")


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    """A folder of installed packages with the one that offers `weather`."""
    folder = tmp_path / "site-packages"
    shutil.copytree(PACKAGE / "portal_weather", folder / "portal_weather")
    project = tomllib.loads((PACKAGE / "pyproject.toml").read_text("utf-8"))["project"]
    [(name, target)] = project["entry-points"]["portal.blocks"].items()
    install(folder, project["name"], "portal_weather", f"{name} = {target}")
    return folder


@pytest.fixture
def on_path(packages: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The same folder where Python looks for packages."""
    monkeypatch.syspath_prepend(packages)
    yield packages
    for name in [name for name in sys.modules if name.startswith("portal_")]:
        del sys.modules[name]


def run(packages: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python where `packages` are installed."""
    path = os.pathsep.join([str(packages), str(ROOT)])
    environment = {**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def place_weather(site: SmallSite) -> None:
    """A home page with the block, set to 31 degrees."""
    site.lay_out("home", {"key": "w", "block": "weather", "settings": {"degrees": 31}})


def test_a_layout_may_name_the_block_of_an_installed_package(site: SmallSite, on_path: Path):
    place_weather(site)
    client = site.app(registry=find_blocks()).test_client()
    assert "Nhiệt độ 31 độ C" in client.get("/").text
    assert 'data-block="w"' in client.get("/").text


def test_its_own_route_answers_with_the_headers_of_the_portal(site: SmallSite, on_path: Path):
    answer = site.app(registry=find_blocks()).test_client().get("/-/blocks/weather/now.json")
    assert answer.get_json() == {"degrees": 24}
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_it_is_found_beside_the_built_in_blocks_with_its_origin(on_path: Path):
    registry = find_blocks()
    assert set(registry) == {*BUILT_IN, "weather"}
    assert registry.origin("weather") == "portal-weather"
    assert registry.origin("related") == "built-in"


def test_a_deployment_may_refuse_it(on_path: Path):
    assert "weather" not in find_blocks(["weather"])


def test_the_command_line_lists_it_with_its_origin(packages: Path):
    done = run(packages, "-m", "portal.cli", "blocks")
    assert done.returncode == 0, done.stderr
    [line] = [line for line in done.stdout.splitlines() if line.startswith("weather\t")]
    assert line.split("\t")[1] == "portal-weather"


def test_it_passes_the_contract_of_every_block(packages: Path, tmp_path: Path):
    test = tmp_path / "test_weather.py"
    test.write_text(
        "from portal.testing import BlockContract\n"
        "from portal_weather import block\n\n\n"
        "class TestWeather(BlockContract):\n"
        "    block = block\n",
        "utf-8",
    )
    configuration = ["-c", str(ROOT / "pyproject.toml"), "-o", f"cache_dir={tmp_path}"]
    done = run(packages, "-m", "pytest", "-q", *configuration, str(test))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "passed" in done.stdout


def test_a_site_may_replace_its_template_and_keep_the_original_inside(
    site: SmallSite, on_path: Path, tmp_path: Path
):
    place_weather(site)
    templates = tmp_path / "templates"
    shutil.copytree(TEMPLATES, templates)
    override = templates / "blocks" / "weather" / "weather.html"
    override.parent.mkdir(parents=True)
    override.write_text("<div class='own'>{{ words }}</div>", "utf-8")
    client = site.app(registry=find_blocks(), templates=templates).test_client()
    assert "<div class='own'>Nhiệt độ 31 độ C</div>" in client.get("/").text
    override.write_text(
        "<div class='frame'>{% include 'original/blocks/weather/weather.html' %}</div>", "utf-8"
    )
    html = site.app(registry=find_blocks(), templates=templates).test_client().get("/").text
    assert "<div class='frame'><section class=\"block block--weather\"" in html


# --- packages that are wrong --------------------------------------------------------------------


def test_a_package_that_cannot_be_imported_does_not_stop_the_start(site: SmallSite, on_path: Path):
    (on_path / "portal_broken.py").write_text("import no_such_module\n", "utf-8")
    install(on_path, "portal-broken", "portal_broken", "broken = portal_broken:block")
    registry = find_blocks()
    assert registry.broken == {"broken": "ModuleNotFoundError: No module named 'no_such_module'"}
    place_weather(site)
    assert site.app(registry=registry).test_client().get("/").status_code == 200


def test_the_command_line_tells_why_a_block_cannot_be_loaded(packages: Path):
    (packages / "portal_broken.py").write_text("raise RuntimeError('out of order')\n", "utf-8")
    install(packages, "portal-broken", "portal_broken", "broken = portal_broken:block")
    done = run(packages, "-m", "portal.cli", "blocks")
    assert done.returncode == 0
    assert "cannot be loaded: broken: RuntimeError: out of order" in done.stderr


def test_a_layout_that_names_a_broken_block_is_refused(site: SmallSite, on_path: Path):
    install(on_path, "portal-broken", "portal_broken", "broken = portal_broken:block")
    site.lay_out("home", {"key": "w", "block": "broken"})
    with pytest.raises(LayoutErrors, match="broken"):
        site.app(registry=find_blocks())


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("block = 42\n", "is a int"),
        ("from portal_weather import block\n", "both names must be equal"),
        ("", "AttributeError"),
    ],
    ids=["no-block", "other-name", "no-such-attribute"],
)
def test_an_entry_point_that_is_no_block_is_listed_as_broken(on_path: Path, source: str, says: str):
    (on_path / "portal_odd.py").write_text(source, "utf-8")
    install(on_path, "portal-odd", "portal_odd", "odd = portal_odd:block")
    assert says in find_blocks().broken["odd"]


@pytest.mark.parametrize(
    ("name", "aliases"),
    [("one", ()), ("other", ("one",)), ("other", ("Block_One",))],
    ids=["name", "alias-is-a-name", "alias-twice"],
)
def test_two_blocks_of_one_name_are_refused_with_both_origins(name: str, aliases: tuple[str, ...]):
    first = Block("one", __name__, settings=NoSettings, aliases=("Block_One",))
    second = Block(name, __name__, settings=NoSettings, aliases=aliases)
    with pytest.raises(BlockError) as refused:
        Registry([Installed(first, "package-a"), Installed(second, "package-b")])
    assert "package-a" in str(refused.value)
    assert "package-b" in str(refused.value)
    assert "PORTAL_BLOCKS_DISABLED" in str(refused.value)
