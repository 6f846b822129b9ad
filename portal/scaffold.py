"""Writes the folder of a new block, and the settings table of a block's README."""

from __future__ import annotations

import keyword
import re
from pathlib import Path
from typing import Any

from portal.block import Block
from portal.errors import BlockError

_NAME = re.compile(r"[a-z][a-z0-9_]{1,31}")

_FILES: dict[str, str] = {
    "__init__.py": '''"""Shows a greeting to readers."""

from __future__ import annotations

from portal.block import Block
from portal.block import BlockContext
from portal.block import CachePolicy
from portal.block import Settings


class @CLASS@Settings(Settings):
    """What a site builder may set."""

    greeting: dict[str, str] = {"vi": "Xin chào", "en": "Hello"}
    """Words of the greeting by locale; none shows nothing."""


block = Block("@NAME@", __name__, settings=@CLASS@Settings, cache=CachePolicy(fresh="1h"))


@block.render
def render(ctx: BlockContext[@CLASS@Settings]) -> dict[str, object] | None:
    """The greeting in the reader's language."""
    greeting = ctx.site.text(ctx.settings.greeting, ctx.locale)
    return {"greeting": greeting} if greeting else None
''',
    "templates/blocks/@NAME@/@NAME@.html": """<section class="block block--@NAME@" \
data-block="{{ key }}" aria-labelledby="{{ uid('h') }}">
{{ heading(t("heading")) }}
<p>{{ greeting }}</p>
</section>
""",
    "catalog.yaml": "heading: {vi: Lời chào, en: Greeting}\n",
    "examples/normal.yaml": """title: {vi: Bình thường, en: Normal}
settings: {}
page: home
locale: vi
expect: html
""",
    "examples/empty.yaml": """title: {vi: Không có lời chào, en: No greeting}
settings: {greeting: {}}
page: home
locale: vi
expect: nothing
""",
    "README.md": """# @NAME@

Shows a greeting to readers.

```yaml
- {key: @NAME@, block: @NAME@}
```

<!-- settings -->
<!-- /settings -->

## Accessibility

A region named by its heading, with one paragraph. There is no script, no control and no motion, and
colour says nothing.

As the block grows, say here what a screen reader hears, what the keyboard does and what is left
without scripts. The gallery shows these paragraphs to site builders.
""",
    "test_@NAME@.py": '''"""The block passes the contract that every block passes."""

from __future__ import annotations

from portal.testing import BlockContract

from @MODULE@ import block


class Test@CLASS@(BlockContract):
    """Everything a block is tested for, on this one."""

    block = block
''',
}


def write_block(name: str, folder: Path) -> list[str]:
    """Write the folder of a block called `name`; raise `BlockError` for a bad or taken name."""
    if not _NAME.fullmatch(name) or keyword.iskeyword(name):
        raise BlockError(
            f"{name!r} is no block name; use 2 to 32 lower-case letters, digits and _,"
            " beginning with a letter: weather_now"
        )
    target = folder / name
    if target.exists():
        raise BlockError(f"{target} exists already; choose another name")
    written = []
    package = folder / "__init__.py"
    if not package.exists():
        # Without it the block's test finds the block under two module names.
        folder.mkdir(parents=True, exist_ok=True)
        package.write_text('"""Blocks of this site."""\n', encoding="utf-8")
        written.append(str(package))
    values = {
        "@NAME@": name,
        "@CLASS@": "".join(part.capitalize() for part in name.split("_")),
        "@MODULE@": f"{folder.name}.{name}",
    }
    for pattern, text in _FILES.items():
        path = target / _fill(pattern, values)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_fill(text, values), encoding="utf-8")
        written.append(str(path))
    return written


def settings_table(block: Block[Any]) -> str:
    """The settings of a block as a Markdown table: name, type, default, help."""
    rows = _rows(block)
    if not rows:
        return "This block has no settings.\n"
    lines = ["| setting | type | default | what it does |", "|---|---|---|---|"]
    lines += [
        f"| `{name}` | {kind} | `{_cell(default)}` | {_cell(help_text)} |"
        for name, kind, default, help_text in rows
    ]
    return "\n".join(lines) + "\n"


def settings_rows(block: Block[Any]) -> list[tuple[str, str, str, str]]:
    """The same as plain text, for tables of another kind."""
    return [
        (name, kind.replace("`", "").replace("\\|", "|"), default, help_text)
        for name, kind, default, help_text in _rows(block)
    ]


def _rows(block: Block[Any]) -> list[tuple[str, str, str, str]]:
    schema = block.settings.model_json_schema()
    defaults = block.settings().model_dump(mode="json")
    return [
        (
            name,
            _kind(schema["properties"][name], schema.get("$defs", {})),
            _plain(defaults[name]),
            " ".join(help_text.split()),
        )
        for name, help_text in block.help.items()
    ]


def _kind(schema: dict[str, Any], definitions: dict[str, Any]) -> str:
    if "$ref" in schema:
        return _kind(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    if "enum" in schema:
        return _cell(" | ".join(f"`{value}`" for value in schema["enum"]))
    if "anyOf" in schema:
        return _cell(" | ".join(_kind(part, definitions) for part in schema["anyOf"]))
    if schema.get("type") == "array":
        item = schema.get("items") or (schema.get("prefixItems") or [{}])[0]
        return f"list of {_kind(item, definitions)}"
    return str(schema.get("title" if schema.get("type") == "object" else "type", "text"))


def _plain(value: object) -> str:
    return str(value) if value not in ("", None) else "–"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _fill(text: str, values: dict[str, str]) -> str:
    for mark, value in values.items():
        text = text.replace(mark, value)
    return text
