"""`portal cache explain`, `purge`, `warm` and `stats`: the block cache, page by page."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import asdict
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
from flask import current_app
from flask.cli import with_appcontext

from portal.app import Portal
from portal.cli.asking import ask_statistics
from portal.cli.asking import ask_why
from portal.cli.asking import split_address
from portal.cli.content import check_schema
from portal.cli.output import FORMAT
from portal.cli.output import print_json
from portal.cli.output import print_table
from portal.cli.output import progress
from portal.compose import PageRequest
from portal.content import log
from portal.content import queries
from portal.errors import ConfigError
from portal.masking import mask_url
from portal.web.operating.purging import Purge
from portal.web.operating.purging import PurgeRefused
from portal.web.operating.purging import tags_of
from portal.web.operators import page_at

# An access log in the common format: the request line stands in quotes.
# As most servers write it, or as the proxy of deploy/ does: without its quotes, before the status.
_REQUEST_LINE = re.compile(r'["\s](?:GET|HEAD) (\S+) (?:HTTP/|[1-5][0-9][0-9]\b)')
_COMMON_FORMAT = '192.0.2.1 - - [24/Nov/2026:09:30:00 +0700] "GET /tin-tuc/ HTTP/1.1" 200 4096'
_HERE = frozenset({"127.0.0.1", "::1", "localhost"})


@click.command()
@click.argument("url")
@FORMAT
@with_appcontext
def explain(url: str, form: str) -> None:
    """Say of every block of a page why it is shown as it is, and why it was made last.

    URL is a path (/tin-tuc/), which is looked up in the shared tier, or the whole address of a
    running portal (http://127.0.0.1:8000/tin-tuc/), which is asked what it holds itself.
    """
    portal = _portal()
    asks = _is_whole(url)
    if asks:
        report = ask_why(url, portal.settings)
    else:
        page = _page(url)
        check_schema(portal.settings.database_url)
        report = asdict(portal.composer.explain(page))
    if form == "json":
        print_json(report)
        return
    click.echo(
        f"{report['path']} ({report['locale']}): {report['status']},"
        f" layout {report['layout'] or 'none'}, log at {report['position']}"
    )
    click.echo(f"address: {report['route']['reason']['words']}")
    whole = report["whole"]
    held = "" if whole["where"] == "nowhere" else f" (held by: {whole['where']})"
    click.echo(f"page as a whole: {whole['reason']['words']}{held}")
    for block in report["blocks"]:
        _print_block(block)
    if not asks and all(one["where"] == "nowhere" for one in (whole, *report["blocks"])):
        click.echo("nothing is shared between processes; give the address of the running portal")


def _print_block(block: Mapping[str, Any]) -> None:
    reason = block["reason"]["words"]
    click.echo(f"\n{block['region']}.{block['placement']}  {block['block']}: {reason}")
    facts = {
        "held by": block["where"],
        "last made because": block["cause"] and block["cause"]["words"],
        "made": block["made"] and f"{block['made']} at position {block['position']}",
        "cost": block["cost_milliseconds"] is not None and f"{block['cost_milliseconds']} ms",
        "limit": block["limit"],
        "inputs": ", ".join(f"{name} {value}" for name, value in block["inputs"].items()),
        "shows": ", ".join(block["tags"]),
    }
    for name, value in facts.items():
        if value:
            click.echo(f"    {name}: {value}")


@click.command()
@click.option("--tag", "tags", multiple=True, metavar="TAG", help="What shows TAG: article:17.")
@click.option(
    "--url", "urls", multiple=True, metavar="PATH", help="Every block of a page, printed too."
)
@click.option("--block", "blocks", multiple=True, metavar="NAME", help="Every copy of a block.")
@click.option("--all", "everything", is_flag=True, help="Everything that is cached anywhere.")
@FORMAT
@with_appcontext
def purge(
    tags: tuple[str, ...],
    urls: tuple[str, ...],
    blocks: tuple[str, ...],
    everything: bool,
    form: str,
) -> None:
    """End cached entries in every process at once, by rows of the change log.

    Edits need no purge: they end what shows them. This is for what the portal cannot know.
    """
    if everything and (tags or urls or blocks):
        raise click.UsageError("--all ends everything; leave out --tag, --url and --block")
    if not (everything or tags or urls or blocks):
        raise click.UsageError("say what to end: --tag, --url, --block or --all")
    portal = _portal()
    wanted = Purge(tags, [_path(url) for url in urls], blocks, everything)
    if urls:
        check_schema(portal.settings.database_url)
    try:
        ended = tags_of(wanted, portal.folder.site, frozenset(portal.registry), portal.composer)
    except PurgeRefused as problem:
        raise click.BadParameter(str(problem)) from problem
    check_schema(portal.settings.database_url)
    with portal.engine().begin() as connection:
        log.append(connection, ended)
    position = portal.composition.table.ensure().position
    if form == "json":
        print_json({"ended": list(ended), "position": position})
    else:
        click.echo(
            f"{len(ended)} rows appended to the log, which stands at {position}: {', '.join(ended)}"
        )


@click.command()
@click.option(
    "--from-log",
    "log_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Every page that an access log (common format) names, the most frequent first.",
)
@click.option("--sitemap", "whole", is_flag=True, help="Every page of the site.")
@click.option("--limit", metavar="N", type=click.IntRange(min=1), default=10_000, show_default=True)
@FORMAT
@with_appcontext
def warm(log_file: Path | None, whole: bool, limit: int, form: str) -> None:
    """Compose pages ahead of their readers and leave what was rendered in the shared tier."""
    if log_file is not None and whole:
        raise click.UsageError("give --from-log FILE or --sitemap, not both")
    if log_file is None and not whole:
        raise click.UsageError("say what to warm: --from-log FILE or --sitemap")
    portal = _portal()
    if not portal.composition.shared.is_available:
        raise ConfigError(
            "processes share nothing, so warming one warms no other; set PORTAL_CACHE_REDIS_URL"
        )
    addresses = Counter(_paths_in(log_file)) if log_file is not None else None
    if addresses is not None and not addresses:
        raise ConfigError(
            f"{log_file}: no line names a page; an access log in the common format is needed:"
            f" {_COMMON_FORMAT}"
        )
    check_schema(portal.settings.database_url)
    paths = [path for path, _ in addresses.most_common(limit)] if addresses is not None else []
    statuses, stored = _warm(portal, paths or list(_paths_of(portal))[:limit])
    if form == "json":
        print_json({"pages": statuses.total(), "statuses": statuses, "stored": stored})
    else:
        answers = ", ".join(f"{number} × {status}" for status, number in sorted(statuses.items()))
        click.echo(f"{statuses.total()} pages: {answers}; {stored} packs stored")
    if statuses.total() and not portal.composition.shared.is_available:
        raise ConfigError("the shared tier gave up meanwhile; run: portal doctor")


def _warm(portal: Portal, paths: list[str]) -> tuple[Counter[int], int]:
    """Compose these pages; how many had which status, and what was stored of them."""
    statuses: Counter[int] = Counter()
    with progress("warming", len(paths)) as step:
        for path in paths:
            request = page_at(path, portal.folder.site)
            page = portal.composer.compose(request) if request is not None else None
            statuses[page.status if page is not None else 404] += 1
            if request is not None and page is not None and "deferred" in page.states.values():
                # What comes after the page, too.
                portal.composer.compose(replace(request, full=True))
            step()
    portal.composer.settle()
    return statuses, portal.composition.shared.statistics().get("stored", 0)


@click.command()
@click.argument("server", required=False)
@FORMAT
@with_appcontext
def stats(server: str | None, form: str) -> None:
    """Show what a running process holds. SERVER is its address: http://127.0.0.1:8000.

    Without it, what this process finds: the state of the log and of the shared tier.
    """
    portal = _portal()
    if server is not None:
        values = ask_statistics(server, portal.settings)
    else:
        check_schema(portal.settings.database_url)
        view = portal.composition.table.ensure()
        portal.composition.shared.get_many(view.epoch, ["probe"])
        values = portal.composer.statistics()
    if form == "json":
        print_json(values)
    else:
        print_table(("what", "number"), sorted(values.items()))


def _portal() -> Portal:
    portal: Portal = current_app.extensions["portal"]
    return portal


def _page(path: str) -> PageRequest:
    page = page_at(path, _portal().folder.site) if path.startswith("/") else None
    if page is None:
        raise click.BadParameter(
            f"{mask_url(path)!r} leads to no page; give a path such as /tin-tuc/, or the address"
            " of a running portal such as http://127.0.0.1:8000/tin-tuc/"
        )
    return page


def _is_whole(url: str) -> bool:
    """Whether an address begins with its server; a path may well hold another one in its query."""
    return "://" in url and not url.startswith("/")


def _path(url: str) -> str:
    """The path of an address of this site, which may be written out as browsers show it."""
    if not _is_whole(url):
        return url
    parts = split_address(url)
    portal = _portal()
    own = urlsplit(portal.folder.site.base_url).hostname
    if parts.hostname not in {own, *portal.settings.trusted_hosts, *_HERE}:
        raise click.BadParameter(
            f"{mask_url(url)!r} is an address of another host than this site's ({own});"
            " give a path such as /tin-tuc/"
        )
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _paths_in(log_file: Path) -> Iterator[str]:
    """The paths of readers' requests that an access log names, in their order."""
    with log_file.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            found = _REQUEST_LINE.search(line)
            if found is not None and not found[1].startswith("/-/"):
                path, _, query = found[1].partition("?")
                number = next((part for part in query.split("&") if part.startswith("page=")), "")
                yield f"{path}?{number}" if number else path


def _paths_of(portal: Portal) -> Iterator[str]:
    """Every page of the site, in every language."""
    for locale in portal.folder.site.locales:
        with portal.read(locale) as reader:
            yield queries.home_path(reader)
            yield from (section.path for section in queries.section_tree(reader))
            yield from queries.public_paths(reader)
            found = queries.system_addresses(reader, (locale,), frozenset(portal.folder.defaults))
            yield from (one.path for one in found)
