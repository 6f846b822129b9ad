"""Versions of the database schema, applied by `portal.content.schema`."""
