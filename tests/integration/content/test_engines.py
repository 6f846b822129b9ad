"""Engines: the same guarantees on both databases, and nothing opened before it is needed."""

from __future__ import annotations

from pathlib import Path

import pytest
import redis
from flask import Flask
from sqlalchemy import Engine
from sqlalchemy import event
from sqlalchemy import text

from portal.errors import ConfigError
from portal.extensions import db
from portal.extensions import make_engine
from tests.servers import RedisServer
from tests.servers import ServerMissing
from tests.servers import find_program


def make_app(url: str) -> Flask:
    app = Flask("engine_test")
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    db.init_app(app)
    return app


def test_application_is_made_without_a_connection(tmp_path: Path) -> None:
    file = tmp_path / "portal.sqlite3"
    make_app(f"sqlite:///{file}")
    assert not file.exists()


def test_engine_of_the_application_is_ours(database_url: str) -> None:
    opened: list[object] = []
    app = make_app(database_url)
    with app.app_context():
        event.listen(db.engine, "connect", lambda *connection: opened.append(connection))
        assert opened == []
        assert two_reads_of_one_transaction_agree(db.engine)
        db.engine.dispose()


def test_relative_file_is_relative_to_the_process_as_for_every_other_tool(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    app = make_app("sqlite:///portal.sqlite3")
    with app.app_context():
        with db.engine.connect() as connection:
            connection.execute(text("SELECT 1"))
        db.engine.dispose()
    assert (tmp_path / "portal.sqlite3").exists()


def two_reads_of_one_transaction_agree(engine: Engine) -> bool:
    count = text("SELECT count(*) FROM site")
    options: dict[str, object] = {"portal_snapshot": True}
    if engine.dialect.name == "postgresql":
        options["isolation_level"] = "REPEATABLE READ"
    with engine.connect().execution_options(**options) as reader:
        before = reader.execute(count).scalar()
        with engine.begin() as writer:
            writer.execute(text("INSERT INTO site (key) VALUES ('between')"))
        return bool(reader.execute(count).scalar() == before)


def test_sqlite_files_keep_their_references_and_their_log(sqlite_url: str) -> None:
    engine = make_engine(sqlite_url)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 10_000
    engine.dispose()


def test_database_that_is_not_supported_is_refused() -> None:
    with pytest.raises(ConfigError, match="use sqlite:///FILE or postgresql://"):
        make_engine("mysql://localhost/portal")


def test_redis_of_the_tests_is_a_real_one(redis_server: RedisServer) -> None:
    with redis.Redis.from_url(redis_server.url) as client:
        client.set("key", "giá trị")
        assert client.get("key") == "giá trị".encode()


def test_missing_server_is_named() -> None:
    with pytest.raises(ServerMissing, match="install the package"):
        find_program("no-such-server", "the package")
