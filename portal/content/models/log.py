"""The change log by which the cache judges, see `portal.content.triggers`."""

from __future__ import annotations

from sqlalchemy import CheckConstraint
from sqlalchemy import Identity
from sqlalchemy import Index
from sqlalchemy import text
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

from portal.content.columns import Long
from portal.content.models.fields import Name
from portal.content.models.fields import OptionalMoment
from portal.content.models.fields import OptionalName
from portal.extensions import Model


class CacheLog(Model):
    """What changed, in the order of the commits; see `portal.content.log`.

    AUTOINCREMENT on SQLite (the migration says so), because the number of a deleted newest row
    would be used again. `at` is for people who ask when; nothing is decided by it.
    """

    __tablename__ = "cache_log"
    __table_args__ = (Index("cache_log_tag_position_index", "tag", "position"),)

    position: Mapped[int] = mapped_column(Long, Identity(always=True, cache=1), primary_key=True)
    tag: Mapped[Name]
    at: Mapped[OptionalMoment] = mapped_column(server_default=text("CURRENT_TIMESTAMP"))


class CacheMeta(Model):
    """One row: the epoch of this database and the floor of its log."""

    __tablename__ = "cache_meta"
    __table_args__ = (CheckConstraint("one = 1", name="one"),)

    one: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    epoch: Mapped[Name]
    floor: Mapped[int] = mapped_column(Long)
    fingerprint: Mapped[OptionalName]
