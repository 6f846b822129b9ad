"""Kinds of columns that tables share."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy import Text
from sqlalchemy.orm import mapped_column

from portal.content.columns import Json
from portal.content.columns import Long
from portal.content.columns import UtcDateTime

Key = Annotated[int, mapped_column(Long, primary_key=True)]
Name = Annotated[str, mapped_column(Text)]
OptionalName = Annotated[str | None, mapped_column(Text)]
Moment = Annotated[datetime, mapped_column(UtcDateTime)]
OptionalMoment = Annotated[datetime | None, mapped_column(UtcDateTime)]
ByLocale = Annotated[dict[str, str], mapped_column(Json, default=dict)]
Records = Annotated[list[dict[str, Any]], mapped_column(Json, default=list)]
SiteKey = Annotated[str, mapped_column(Text, ForeignKey("site.key"))]
