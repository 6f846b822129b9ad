"""The migrated database is what the models describe."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import inspect
from sqlalchemy import text

from portal.content import schema
from portal.content.log import read_log
from portal.content.triggers import find_differences
from portal.extensions import make_engine
from tests.servers import PostgreSQLServer


def test_migrated_database_has_the_tables_of_the_models(database_url: str) -> None:
    assert schema.table_differences(database_url) == []
    engine = make_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE operator_audit ADD COLUMN more text"))
    engine.dispose()
    (difference,) = schema.table_differences(database_url)
    assert "more" in difference


def test_constraints_have_the_names_of_the_models(database_url: str) -> None:
    engine = make_engine(database_url)
    with engine.connect() as connection:
        names = {
            str(constraint["name"])
            for constraint in inspect(connection).get_check_constraints("article")
        }
    engine.dispose()
    assert names == {
        "article_kind_check",
        "article_precision_check",
        "article_published_when_check",
        "article_status_check",
    }


def test_upgrade_of_a_current_database_changes_nothing(database_url: str) -> None:
    schema.upgrade(database_url)
    assert schema.current(database_url) == schema.head()


def test_database_without_tables_has_no_version(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'folder' / 'new.sqlite3'}"
    assert schema.current(url) is None
    schema.upgrade(url)
    assert schema.current(url) == schema.head()


def test_each_database_has_an_epoch_of_its_own(tmp_path: Path) -> None:
    epochs = set()
    for name in ("one", "two"):
        url = f"sqlite:///{tmp_path / name}"
        schema.upgrade(url)
        engine = make_engine(url)
        with engine.connect() as connection:
            epochs.add(connection.exec_driver_sql("SELECT epoch FROM cache_meta").scalar())
        engine.dispose()
    assert len(epochs) == 2


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_upgrade_keeps_the_log_and_ends_everything_cached(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = f"sqlite:///{tmp_path / 'old'}"
    if kind == "postgresql":
        server: PostgreSQLServer = request.getfixturevalue("postgres_server")
        url = server.create_database("log_of_old")
    engine = make_engine(url)
    with engine.begin() as connection:
        command.upgrade(schema.alembic_config(connection), "0001")
        for tag in "abc":
            connection.execute(text("INSERT INTO cache_log (tag) VALUES (:tag)"), {"tag": tag})
    schema.upgrade(url)
    entries = read_log(engine)
    assert [(entry.position, entry.tag) for entry in entries] == [
        (4, "*"),
        (3, "c"),
        (2, "b"),
        (1, "a"),
    ]
    assert [entry.at is None for entry in entries] == [False, True, True, True]
    assert find_differences(engine) == ()
    engine.dispose()
    if kind == "postgresql":
        server.drop_database("log_of_old")


def test_serving_code_does_not_load_alembic() -> None:
    code = (
        "import sys, portal.content.queries, portal.content.commands, portal.content.schema;"
        "sys.exit('alembic' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False)
    assert done.returncode == 0
