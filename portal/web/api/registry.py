"""The routes of the API, each with what it takes and gives; its description is made from these."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from portal.content.reader import Reader
from portal.site import Site
from portal.web.api import answers
from portal.web.api import models
from portal.web.api.parameters import Arguments
from portal.web.api.parameters import ArticleListArguments
from portal.web.api.parameters import ArticlePath
from portal.web.api.parameters import LocaleArguments
from portal.web.api.parameters import NoPath
from portal.web.api.parameters import SearchArguments
from portal.web.api.paths import PATHS

Build = Callable[[Reader, Site, Any, Any], BaseModel]


@dataclass(frozen=True, slots=True)
class Route:
    """One address of the API (`paths`); `failures` are its other statuses."""

    name: str
    answer: type[BaseModel]
    build: Build
    summary: str
    arguments: type[Arguments] = Arguments
    place: type[Arguments] = NoPath
    failures: tuple[int, ...] = (400,)

    @property
    def path(self) -> str:
        """As OpenAPI writes it."""
        return PATHS[self.name]


ROUTES = (
    Route(
        "articles",
        models.ArticleListOut,
        answers.list_articles,
        "Articles, newest first, chosen by section, tag, topic and time",
        ArticleListArguments,
        failures=(400, 404),
    ),
    Route(
        "article",
        models.ArticleOut,
        answers.one_article,
        "One article or static page with everything readers see of it",
        place=ArticlePath,
        failures=(400, 404, 410),
    ),
    Route(
        "sections",
        models.SectionListOut,
        answers.list_sections,
        "The sections of the site",
        LocaleArguments,
    ),
    Route(
        "search",
        models.SearchOut,
        answers.search,
        "Articles and static pages that fit a search, best first",
        SearchArguments,
        failures=(400, 404),
    ),
)
