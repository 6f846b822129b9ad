"""Renders the pages that no layout composes: for people who build with the portal."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from jinja2 import Environment

from portal.compose import AssetCatalog
from portal.i18n import Catalog
from portal.site import Site
from portal.web.addresses import split_locale

RenderPlain = Callable[..., str]


def plain_renderer(environment: Environment, assets: AssetCatalog, site: Site) -> RenderPlain:
    """A function that renders a template with the words of a catalog in one language."""

    def render(template: str, catalog: Catalog, locale: str, **values: object) -> str:
        names: dict[str, object] = {
            "site": site,
            "locale": locale,
            "theme": "",
            "asset": assets.url,
            "site_text": lambda value: site.text(value, locale),
            "t": lambda key, **words: catalog.text(key, locale, **words),
            "text_in": lambda other, key: catalog.text(key, other),
        }
        return environment.get_template(template).render({**names, **values})

    return render


def too_long_page(render: RenderPlain, site: Site) -> Callable[[str], bytes]:
    """A function that gives the page for a target that is too long, by the path that was asked.

    One page for each language, made here: a refusal costs no more than bytes that lie ready.
    """
    catalog = Catalog.load("too_long", Path(__file__).parent / "too_long.yaml")
    pages: dict[str, bytes] = {
        locale: render(
            "programs/too_long.html",
            catalog,
            locale,
            home="/" if locale == site.default_locale else f"/{locale}/",
            search=site.search_path(locale),
        ).encode()
        for locale in site.locales
    }
    return lambda path: pages[split_locale(path, site)[0]]
