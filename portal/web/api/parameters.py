"""What may be asked: typed arguments. An argument nobody declared is an error, never ignored."""

from __future__ import annotations

import difflib
import re
from datetime import date
from typing import Annotated
from typing import Literal
from typing import TypeVar

from pydantic import BeforeValidator
from pydantic import ConfigDict
from pydantic import Field
from pydantic import ValidationError
from werkzeug.datastructures import MultiDict

from portal.field_help import Explained
from portal.web.api.problems import ApiProblem
from portal.web.api.problems import FieldProblemOut

_DECIMAL = re.compile(r"0|[1-9][0-9]{0,17}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _whole(value: object) -> object:
    """Digits alone: ` 5`, `+5` and `5.0` are typing mistakes, not numbers."""
    if isinstance(value, str) and not _DECIMAL.fullmatch(value):
        raise ValueError("write a whole number in digits, like 20")
    return value


def _day(value: object) -> object:
    if isinstance(value, str) and not _DAY.fullmatch(value):
        raise ValueError("write a day like 2026-11-24")
    return value


Day = Annotated[date, BeforeValidator(_day)]
Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=100)]
SectionKey = Annotated[
    str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*(/[a-z0-9]+(-[a-z0-9]+)*)*$", max_length=300)
]


class Arguments(Explained):
    """Arguments of a route."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class LocaleArguments(Arguments):
    """What every list takes."""

    locale: Literal["vi", "en"] | None = None
    """Language of the answer; the site's first one unless named."""


class ArticleListArguments(LocaleArguments):
    """Which articles, and how many at once."""

    section: SectionKey | None = None
    """Slug path of a section; those below it count as well."""
    tag: Slug | None = None
    """Slug of a tag."""
    topic: Slug | None = None
    """Slug of a topic."""
    since: Day | None = None
    """First day of publication, in the site's time zone."""
    until: Day | None = None
    """Last day of publication, in the site's time zone."""
    limit: Annotated[int, Field(ge=1, le=100), BeforeValidator(_whole)] = 20
    """Articles at once."""
    cursor: Annotated[str | None, Field(pattern=r"^[0-9]{1,16}-[0-9]{1,15}$")] = None
    """Where to go on; take it from `next`, do not make it."""


class SearchArguments(LocaleArguments):
    """What is looked for, and where."""

    q: Annotated[str, Field(min_length=1, max_length=300)]
    """Words, a title or a document number; without diacritics too."""
    section: SectionKey | None = None
    """Slug path of a section; those below it count as well."""
    year: Annotated[int | None, Field(ge=1000, le=2999), BeforeValidator(_whole)] = None
    """Year of publication."""
    type: Literal["article", "page"] | None = None
    """Articles only, or static pages only."""
    limit: Annotated[int, Field(ge=1, le=50), BeforeValidator(_whole)] = 10
    """Results at once."""
    cursor: Annotated[str | None, Field(pattern=r"^[0-9a-z]{5,19}$")] = None
    """Where to go on; take it from `next`, do not make it."""


class ArticlePath(Arguments):
    """Which article."""

    id: Annotated[int, Field(ge=1, le=999_999_999_999), BeforeValidator(_whole)]
    """Number of the article: the digits at the end of its address."""


class NoPath(Arguments):
    """For routes without a variable part."""


Model = TypeVar("Model", bound=Arguments)


def read_arguments(model: type[Model], values: MultiDict[str, str]) -> Model:
    """The typed arguments; raises `ApiProblem` 400 that names every wrong one."""
    known = list(model.model_fields)
    errors = [_unknown(name, known) for name in values if name not in known]
    errors += [
        FieldProblemOut(parameter=name, detail="is given more than once; give it once")
        for name, given in values.lists()
        if len(given) > 1
    ]
    try:
        found = model.model_validate({name: values[name] for name in values if name in known})
    except ValidationError as problem:
        errors += [
            FieldProblemOut(
                parameter=str(item["loc"][0]), detail=item["msg"].removeprefix("Value error, ")
            )
            for item in problem.errors()
        ]
    if errors:
        raise ApiProblem(400, "The arguments cannot be used", errors[0].detail, tuple(errors))
    return found


def _unknown(name: str, known: list[str]) -> FieldProblemOut:
    close = difflib.get_close_matches(name, known, n=1)
    hint = f"; did you mean {close[0]}?" if close else ""
    names = ", ".join(known) or "none"
    return FieldProblemOut(
        parameter=name[:100], detail=f"is no argument of this address{hint} (known: {names})"
    )
