"""A database goes back to what an older release had, says what that loses, and comes forward."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Engine
from sqlalchemy import Inspector
from sqlalchemy import NullPool
from sqlalchemy import inspect
from sqlalchemy import text
from sqlalchemy.engine.interfaces import ReflectedIndex
from sqlalchemy.orm import Session

from portal.content import schema
from portal.content.downgrading import Loss
from portal.content.downgrading import downgrade
from portal.content.downgrading import find_losses
from portal.content.downgrading import targets
from portal.content.log import read_log
from portal.content.triggers import find_differences
from portal.extensions import make_engine
from portal.testing.samples import load_samples
from tests.servers import PostgreSQLServer

SITE = "mau"
OLDER = targets()[:-1]


@pytest.fixture
def filled(database_url: str, tmp_path: Path) -> Engine:
    """A database with the sample articles."""
    engine = make_engine(database_url, poolclass=NullPool)
    with Session(engine) as session, session.begin():
        load_samples(session, SITE, tmp_path / "media")
    return engine


@pytest.fixture
def blank_url(database_url: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """A database of the same kind without tables."""
    if database_url.startswith("sqlite"):
        yield f"sqlite:///{tmp_path / 'blank.sqlite3'}"
        return
    server: PostgreSQLServer = request.getfixturevalue("postgres_server")
    name = f"portal_{uuid.uuid4().hex}"
    yield server.create_database(name)
    server.drop_database(name)


def tables_of(inspector: Inspector) -> dict[str, Any]:
    """Every table with all that belongs to it, except what only the log's triggers need."""
    return {
        name: {
            "columns": [
                {**column, "type": str(column["type"])} for column in inspector.get_columns(name)
            ],
            "key": inspector.get_pk_constraint(name),
            "indexes": sorted(map(_described, inspector.get_indexes(name))),
            "references": sorted(map(str, inspector.get_foreign_keys(name))),
            "unique": sorted(map(str, inspector.get_unique_constraints(name))),
            "checks": sorted(map(str, inspector.get_check_constraints(name))),
        }
        for name in inspector.get_table_names()
        if name != "cache_pending"
    }


def _described(index: ReflectedIndex) -> str:
    options = {name: str(value) for name, value in index.get("dialect_options", {}).items()}
    return str({**index, "dialect_options": options})


def rules_of(engine: Engine) -> set[str]:
    """The triggers and functions that the migrations made."""
    statement = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
        " UNION SELECT proname FROM pg_proc WHERE pronamespace = current_schema()::regnamespace",
    }[engine.dialect.name]
    with engine.connect() as connection:
        names = set(connection.execute(text(statement)).scalars())
    return {name for name in names if not name.startswith("cache_")}


@pytest.mark.parametrize("version", OLDER)
def test_a_database_that_went_back_has_the_tables_of_that_version_and_comes_forward_again(
    filled: Engine, database_url: str, blank_url: str, version: str
):
    downgrade(database_url, version)

    made = make_engine(blank_url, poolclass=NullPool)
    with made.begin() as connection:
        command.upgrade(schema.alembic_config(connection), version)
    assert schema.current(database_url) == version
    assert tables_of(inspect(filled)) == tables_of(inspect(made))
    assert rules_of(filled) == rules_of(made)

    schema.upgrade(database_url)
    assert schema.current(database_url) == schema.head()
    assert schema.table_differences(database_url) == []
    assert find_differences(filled) == ()


@pytest.mark.parametrize("version", OLDER)
def test_what_stays_is_unchanged_and_its_changes_are_logged_as_before(
    filled: Engine, database_url: str, version: str
):
    with filled.connect() as connection:
        before = connection.execute(text("SELECT * FROM revision ORDER BY id")).all()
    downgrade(database_url, version)
    newest = read_log(filled)[0]
    with filled.begin() as connection:
        assert connection.execute(text("SELECT * FROM revision ORDER BY id")).all() == before
        connection.execute(text("UPDATE article SET headline = 'Đã sửa' WHERE id = 2"))
    ended = {entry.tag for entry in read_log(filled, after=newest.position)}
    assert newest.tag == "*"
    assert "article:2" in ended


@pytest.mark.parametrize("version", OLDER)
def test_what_a_step_back_takes_away_is_what_its_migration_names(
    filled: Engine, database_url: str, version: str
):
    downgrade(database_url, schema.versions()[schema.versions().index(version) + 1])
    before = names_in(inspect(filled))
    (step,) = ScriptDirectory.from_config(schema.alembic_config()).iterate_revisions(
        schema.current(database_url), version
    )
    downgrade(database_url, version)
    gone = before - names_in(inspect(filled))
    tables = {name for name in gone if "." not in name}
    columns = {name for name in gone if "." in name and name.partition(".")[0] not in tables}
    assert tables | columns == set(step.module.LOST)


def names_in(inspector: Inspector) -> set[str]:
    """Tables and columns, without the parts that SQLite keeps of its index of words."""
    tables = [name for name in inspector.get_table_names() if "search_text_" not in name]
    return {
        name
        for table in tables
        for name in (table, *(f"{table}.{c['name']}" for c in inspector.get_columns(table)))
    }


def test_what_would_be_lost_is_counted_before(filled: Engine, database_url: str):
    with filled.begin() as connection:
        connection.execute(text("DELETE FROM article_author"))
        connection.execute(text("DELETE FROM article_views"))
        for name, issuer in (("an", None), ("binh@sso", "https://sso.example")):
            connection.execute(
                text(
                    "INSERT INTO operator_account (id, name, role, password_hash, created_at,"
                    " issuer, subject) VALUES ((SELECT count(*) + 1 FROM operator_account), :name,"
                    " 'operator', '', '2026-11-23', :issuer, :issuer)"
                ),
                {"name": name, "issuer": issuer},
            )
    assert find_losses(database_url, "0008") == ()
    # Of the accounts only those of a provider go, with all that is theirs.
    assert find_losses(database_url, "0007") == (Loss("operator_account", 1),)
    assert find_losses(database_url, "0005") == (Loss("operator_account", 2),)

    downgrade(database_url, "0007")
    with filled.connect() as connection:
        left = connection.execute(text("SELECT name FROM operator_account")).scalars().all()
    assert left == ["an"]
