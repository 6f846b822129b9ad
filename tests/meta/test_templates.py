"""Every template compiles, and none of them may use a value that nobody gave it."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from jinja2 import StrictUndefined

from portal.cli.running import group
from portal.compose import make_environment
from portal.registry import find_blocks

REPOSITORY = Path(__file__).parents[2]
ENVIRONMENT = make_environment(REPOSITORY / "templates", find_blocks().values())


@pytest.mark.parametrize("name", ENVIRONMENT.list_templates(extensions=["html"]))
def test_template_compiles(name: str) -> None:
    assert callable(ENVIRONMENT.get_template(name).root_render_func)


def test_a_missing_value_is_an_error_and_values_are_escaped() -> None:
    assert issubclass(ENVIRONMENT.undefined, StrictUndefined)
    assert ENVIRONMENT.from_string("{{ value }}").render(value="<b>") == "&lt;b&gt;"


def test_schema_for_editors_is_that_of_the_installed_blocks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(REPOSITORY)
    done = CliRunner().invoke(group, ["schema", "--check"])

    assert done.exit_code == 0, done.output
