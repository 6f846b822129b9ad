"""Jinja for fragments and shells: strict, autoescaped, and blind to the request."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping
from datetime import UTC
from datetime import date
from datetime import datetime
from functools import lru_cache
from functools import partial
from pathlib import Path
from types import CodeType
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import BaseLoader
from jinja2 import ChoiceLoader
from jinja2 import Environment
from jinja2 import FileSystemLoader
from jinja2 import PrefixLoader
from jinja2 import StrictUndefined
from jinja2 import nodes
from jinja2.bccache import Bucket
from jinja2.bccache import BytecodeCache
from markupsafe import Markup

from portal import i18n
from portal.block import Block
from portal.block import BlockContext
from portal.compose.assets import AssetCatalog
from portal.content.values import Moment

# What shared macros say, so that not every block repeats it in its own catalog.
_SHELL_TEXTS = i18n.Catalog.load("portal", Path(i18n.__file__).with_name("catalog.yaml"))


class CompiledTemplates(BytecodeCache):
    """Compiled templates by file, for as long as their source stays the same.

    A process makes portal after portal when it checks a site before it serves it, and when tests
    run: without this each would translate the same templates anew, half of a first page's time.
    """

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, CodeType]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill the bucket if its source was compiled before."""
        checksum, code = self._known.get(bucket.key, ("", None))
        if checksum == bucket.checksum:
            bucket.code = code

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        if bucket.code is not None:
            self._known[bucket.key] = (bucket.checksum, bucket.code)


# Every environment below compiles alike; only whether it looks for changes differs.
_COMPILED = CompiledTemplates()


def make_environment(
    templates: Path, blocks: Iterable[Block[Any]], *, reload: bool = False
) -> Environment:
    """Templates of the site first, then each block's own, so that a site may override a block.

    The environment is not Flask's: a fragment template has no `request`, `session`, `g` or
    `config`, so that it cannot depend on what is not in its cache key.
    """
    own: list[BaseLoader] = [FileSystemLoader(block.folder / "templates") for block in blocks]
    site = FileSystemLoader(templates)
    return Environment(
        loader=ChoiceLoader([site, *own, PrefixLoader({"original": ChoiceLoader(own)})]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=reload,
        bytecode_cache=_COMPILED,
    )


def shell_regions(environment: Environment, folder: Path) -> dict[str, tuple[str, ...]]:
    """The regions each shell in `templates/layouts/` has, in their order in the template."""
    shells: dict[str, tuple[str, ...]] = {}
    for file in sorted((folder / "layouts").glob("*.html")):
        tree = environment.parse(file.read_text(encoding="utf-8"))
        names = [*map(_region, tree.find_all(nodes.Getattr))]
        names += map(_region, tree.find_all(nodes.Getitem))
        shells[file.stem] = tuple(dict.fromkeys(name for name in names if name))
    return shells


def _region(found: nodes.Getattr | nodes.Getitem) -> str:
    """The name in `regions.main` or `regions["main"]`; empty for anything else."""
    if not isinstance(found.node, nodes.Name) or found.node.name != "regions":
        return ""
    if isinstance(found, nodes.Getattr):
        return found.attr
    return str(found.arg.as_const())


def render_block(
    environment: Environment,
    assets: AssetCatalog,
    context: BlockContext[Any],
    block: Block[Any],
    values: Mapping[str, object],
) -> str:
    """A block's template with the values its render function returned."""
    template = environment.get_template(block.template)
    return template.render({**_block_names(context, assets), **values})


def _block_names(context: BlockContext[Any], assets: AssetCatalog) -> dict[str, object]:
    locale, zone = context.locale, context.site.time_zone
    return {
        "settings": context.settings,
        "site": context.site,
        "locale": locale,
        "key": context.key,
        "region": context.region,
        "uid": lambda name: f"{context.key}-{name}",
        "heading": partial(_heading, context.key, context.heading_level),
        "title": partial(_title, context.key),
        "t": context.text,
        "shell_text": lambda text, **values: _SHELL_TEXTS.text(text, locale, **values),
        "site_text": lambda value: context.site.text(value, locale),
        "absolute": context.absolute,
        "time": lambda moment: _time(moment, locale, zone, short=False),
        "short_time": lambda moment: _time(moment, locale, zone, short=True),
        "long_day": lambda day: i18n.format_day(day, locale),
        "format_number": lambda number: i18n.format_number(number, locale),
        "format_size": lambda size: i18n.format_size(size, locale),
        "asset": assets.url,
    }


def _heading(
    key: str, level: int, text: object, hidden: bool = False, depth: int = 0, name: str = "h"
) -> Markup:
    """A heading of the level the page gives; `depth` goes below the block's own one.

    Its id is `<key>-<name>`; a deeper heading has one only if it is given a name.
    """
    number = min(level + depth, 6)
    classes = "block__heading visually-hidden" if hidden else "block__heading"
    if depth and name == "h":
        return Markup('<h{0} class="{1}">{2}</h{0}>').format(number, classes, text)
    return Markup('<h{0} id="{1}-{2}" class="{3}">{4}</h{0}>').format(
        number, key, name, classes, text
    )


def _title(key: str, text: object) -> Markup:
    """The page's one `h1`; `data-read` marks it for reading aloud."""
    return Markup('<h1 id="{}-h" class="page-title" data-read="headline">{}</h1>').format(key, text)


@lru_cache(maxsize=4096)
def _time(moment: Moment | datetime | date, locale: str, zone: str, *, short: bool) -> Markup:
    """A `<time>` as precise as the moment is known; day precision carries no time of day.

    Kept for the dates that every list of a site shows again: writing one out takes 40 µs.
    """
    if isinstance(moment, datetime):
        moment = Moment(moment, "minute", zone)
    if not isinstance(moment, Moment):
        moment = Moment(
            datetime(moment.year, moment.month, moment.day, 12, tzinfo=UTC), "day", "UTC"
        )
    local = moment.at.astimezone(ZoneInfo(moment.time_zone))
    if moment.precision == "day":
        machine = local.date().isoformat()
        words = i18n.format_day(local.date(), locale)
    else:
        machine = local.isoformat(timespec="minutes")
        words = i18n.format_minute(moment.at, locale, moment.time_zone)
    if short:
        words = i18n.format_short_day(local.date(), locale)
    return Markup('<time datetime="%s">%s</time>') % (machine, words)
