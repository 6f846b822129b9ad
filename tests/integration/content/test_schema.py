"""The migrated database is what the models describe."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect

from portal.content import models
from portal.content import schema
from portal.extensions import make_engine


def test_migrated_database_has_the_tables_of_the_models(database_url: str) -> None:
    engine = make_engine(database_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"version_table": schema.VERSION_TABLE, "compare_type": True}
        )
        assert compare_metadata(context, models.Site.metadata) == []
    engine.dispose()


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


def test_serving_code_does_not_load_alembic() -> None:
    code = (
        "import sys, portal.content.queries, portal.content.commands, portal.content.schema;"
        "sys.exit('alembic' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False)
    assert done.returncode == 0
