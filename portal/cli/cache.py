"""`portal cache …`: look after the block cache. The commands stand beside, in modules of a kind."""

from __future__ import annotations

import click

from portal.cli.cache_log import compact
from portal.cli.cache_log import show_log
from portal.cli.cache_log import verify
from portal.cli.cache_pages import explain
from portal.cli.cache_pages import purge
from portal.cli.cache_pages import stats
from portal.cli.cache_pages import warm
from portal.cli.group import KnowingGroup


@click.group(cls=KnowingGroup)
def cache() -> None:
    """Look after the block cache."""


for command in (explain, purge, warm, stats, show_log, compact, verify):
    cache.add_command(command)
