"""Runs migrations on the connection that `portal.content.schema` passes."""

from __future__ import annotations

from alembic import context

from portal.content import models
from portal.content.schema import VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=models.Site.metadata,
    version_table=VERSION_TABLE,
    render_as_batch=True,
)
context.run_migrations()
