"""`portal media …`: bring pictures in, and make their files again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import click

from portal.app import open_media
from portal.cli.content import migrated_portal
from portal.cli.content import open_session
from portal.cli.group import KnowingGroup
from portal.cli.output import FORMAT
from portal.cli.output import print_json
from portal.cli.output import progress
from portal.content import commands
from portal.content.drafts import MediaDraft
from portal.errors import MediaRefused
from portal.media.renditions import rebuild_picture
from portal.media.renditions import store_picture
from portal.site import Site


class Focus(click.ParamType[tuple[float, float], object]):
    """A point of a picture as fractions of its width and height: `0.3,0.5`."""

    name = "X,Y"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[float, float]:
        """The point as two numbers."""
        try:
            x, y = (float(part) for part in str(value).split(","))
        except ValueError:
            self.fail(f"{value!r} is no point; write two fractions like 0.3,0.5", param, ctx)
        return x, y


@click.group(cls=KnowingGroup)
def media() -> None:
    """Bring pictures in, and make their files again."""


@media.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--name", help="Stable name on the site; a picture of that name is replaced.")
@click.option("--alt", multiple=True, metavar="[LOCALE=]TEXT", help="What the picture shows.")
@click.option("--decorative", is_flag=True, help="It shows nothing that readers need to know.")
@click.option("--caption", multiple=True, metavar="[LOCALE=]TEXT", help="What stands below it.")
@click.option("--credit", default="", help="Who made it.")
@click.option("--focus", type=Focus(), help="The point that cutting keeps; 0.5,0.5 is the centre.")
@FORMAT
def add(
    file: Path,
    name: str | None,
    alt: tuple[str, ...],
    decorative: bool,
    caption: tuple[str, ...],
    credit: str,
    focus: tuple[float, float] | None,
    form: str,
) -> None:
    """Verify the picture FILE, make its files, and tell the number that articles refer to.

    A text without LOCALE= is in the site's default language. Location and camera data of the file
    are not kept.
    """
    if not alt and not decorative:
        raise click.UsageError(
            "say what the picture shows with --alt, for readers who cannot see it;"
            " or that it shows nothing they need with --decorative"
        )
    portal = migrated_portal()
    site = portal.folder.site
    stored = store_picture(file.read_bytes(), open_media(portal.settings), focus)
    draft = MediaDraft(
        name=name or file.stem,
        width=stored.width,
        height=stored.height,
        renditions=stored.renditions,
        alt=_by_locale(alt, site),
        decorative=decorative,
        caption=_by_locale(caption, site),
        credit=credit,
        content_digest=stored.digest,
        focus=focus,
    )
    with open_session(portal) as session:
        saved = commands.save_media(session, site.key, draft)
    if form == "json":
        print_json({"id": saved.id, "name": draft.name, "outcome": saved.outcome})
    else:
        click.echo(f"picture {saved.id} ({draft.name}): {saved.outcome}")
        click.echo(f'in an article: <figure data-media="{saved.id}"></figure>')


@media.command()
@FORMAT
def rebuild(form: str) -> None:
    """Make every file of every picture that is missing or made by an older recipe."""
    portal = migrated_portal()
    key, storage = portal.folder.site.key, open_media(portal.settings)
    refused: dict[str, str] = {}
    counts = {"updated": 0, "unchanged": 0}
    with open_session(portal) as session:
        drafts = commands.read_media(session, key)
        with progress("pictures", len(drafts)) as step:
            for draft in drafts:
                step()
                try:
                    stored = rebuild_picture(draft.content_digest, storage, draft.focus)
                except MediaRefused as problem:
                    refused[draft.name] = str(problem)
                    continue
                fresh = replace(
                    draft,
                    width=stored.width,
                    height=stored.height,
                    renditions=stored.renditions,
                )
                counts[commands.save_media(session, key, fresh).outcome] += 1
    if form == "json":
        print_json({**counts, "refused": refused})
    else:
        click.echo(f"pictures: {counts['updated']} updated, {counts['unchanged']} unchanged")
        for name, reason in refused.items():
            click.echo(f"not made: {name}: {reason}", err=True)


def _by_locale(texts: tuple[str, ...], site: Site) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for text in texts:
        locale, mark, words = text.partition("=")
        if mark and locale in site.locales:
            found[locale] = words
        else:
            found[site.default_locale] = text
    return found
