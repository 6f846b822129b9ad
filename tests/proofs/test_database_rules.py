"""What the databases must do for the protocol, and what goes wrong when they do not.

Each case holds a transaction at the worst moment and looks at what processes show meanwhile and
afterwards; with the portal's own triggers and snapshots the same schedule is right.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import text

from portal.content import engine as engine_module
from portal.content import stamps
from portal.content.engine import open_snapshot
from portal.content.stamps import LogRows
from tests.proofs.model import AnyAnswer
from tests.proofs.model import Choices
from tests.proofs.oracle import Block
from tests.proofs.oracle import Oracle
from tests.proofs.protocol import Content
from tests.proofs.protocol import Process
from tests.proofs.protocol import World
from tests.proofs.protocol import run
from tests.proofs.real import GONE
from tests.proofs.real import RealDatabase

GATE = 7099
"""Advisory lock at which a commit waits, after the log's trigger and before it is visible."""
_DRAW_AT_ONCE = """CREATE FUNCTION proof_draw() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO cache_log (tag) VALUES ('article:' || NEW.id);
  RETURN NULL;
END $$"""
_AT_ONCE = (
    "CREATE TRIGGER proof_draw AFTER UPDATE ON article FOR EACH ROW EXECUTE FUNCTION proof_draw()"
)
_DEFERRED = (
    "CREATE CONSTRAINT TRIGGER proof_draw AFTER UPDATE ON article"
    " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION proof_draw()"
)
_GATE = f"""CREATE FUNCTION proof_gate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('proof.gate', true) = 'on' THEN
    PERFORM pg_advisory_xact_lock({GATE});
  END IF;
  RETURN NULL;
END $$"""
# Fired after the log's row was written: a deferred trigger on the log itself.
_AT_THE_END = (
    "CREATE CONSTRAINT TRIGGER proof_gate AFTER INSERT ON cache_log"
    " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION proof_gate()"
)


class Scene:
    """A database with two articles, two processes, and writers that can be held."""

    def __init__(self, database: RealDatabase) -> None:
        self.database = database
        self.first, self.second = database.articles[:2]
        self.oracle = Oracle([dict.fromkeys(database.articles, 0)])
        self.world = World(database, AnyAnswer(Choices()), self.oracle, lambda: 0.0)
        self.page = (Block("title", self.first), Block("teaser", self.first))

    def process(self) -> Process:
        """A process that looks at the log for every page."""
        return Process(self.world)

    def update(self, connection: object, number: int, version: int) -> None:
        """One raw statement of a transaction."""
        statement = text("UPDATE article SET headline = :version WHERE id = :id")
        connection.execute(statement, {"version": str(version), "id": number})  # type: ignore[attr-defined]  # SQLAlchemy's connection

    def note(self, number: int, version: int) -> None:
        """The commit has been acknowledged."""
        self.oracle.acknowledged(self.oracle.committed({number: version}), 0.0)


@pytest.fixture
def postgres(postgres_url: str) -> Iterator[Scene]:
    """Two articles on PostgreSQL."""
    made = RealDatabase(postgres_url)
    made.fill(2)
    yield Scene(made)
    made.close()


@pytest.fixture
def sqlite(sqlite_url: str) -> Iterator[Scene]:
    """Two articles on SQLite."""
    made = RealDatabase(sqlite_url)
    made.fill(2)
    yield Scene(made)
    made.close()


def install(scene: Scene, *statements: str) -> None:
    """Change the database's rules."""
    with scene.database.engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def without_our_triggers(scene: Scene, *instead: str) -> None:
    """Other rules in the place of the portal's triggers on articles."""
    install(
        scene,
        "DROP TRIGGER cache_log_of_article_update ON article",
        _DRAW_AT_ONCE,
        *instead,
    )


@contextmanager
def held_commit(scene: Scene, number: int, version: int) -> Iterator[None]:
    """A commit that has written its row of the log and is not visible yet, until the end."""
    key = scene.database.engine
    with key.connect() as gate:
        gate.exec_driver_sql(f"SELECT pg_advisory_lock({GATE})")
        gate.commit()

        def write() -> None:
            with key.begin() as connection:
                connection.exec_driver_sql("SET LOCAL proof.gate = 'on'")
                scene.update(connection, number, version)

        writer = threading.Thread(target=write)
        writer.start()
        waits = text(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = :gate"
            " AND NOT granted"
        )
        while not gate.execute(waits, {"gate": GATE}).scalar_one():
            gate.commit()
        gate.commit()
        yield
        gate.exec_driver_sql(f"SELECT pg_advisory_unlock({GATE})")
        gate.commit()
    writer.join()


def overtaken(scene: Scene) -> None:
    """A commit is overtaken by a later one between drawing its position and becoming visible."""
    reader = scene.process()
    run(reader.page(scene.page))

    def save() -> None:
        with scene.database.engine.begin() as connection:
            scene.update(connection, scene.second, 1)

    with held_commit(scene, scene.first, 1):
        second = threading.Thread(target=save)
        second.start()
        second.join(timeout=0.5)
        passed = not second.is_alive()
        if passed:
            scene.note(scene.second, 1)
        run(reader.page(scene.page))
    second.join()
    scene.note(scene.first, 1)
    if not passed:
        scene.note(scene.second, 1)
    run(reader.page(scene.page))


def test_commits_become_visible_in_the_order_of_their_positions(postgres: Scene) -> None:
    install(postgres, _GATE, _AT_THE_END)
    overtaken(postgres)
    assert postgres.oracle.violations == []


def test_position_drawn_in_a_deferred_trigger_without_the_lock_is_overtaken(
    postgres: Scene,
) -> None:
    """`deferred_nolock`."""
    without_our_triggers(postgres, _DEFERRED, _GATE, _AT_THE_END)
    overtaken(postgres)
    assert [found.kind for found in postgres.oracle.violations] == ["stale"]


def slow_transaction(scene: Scene) -> None:
    """A transaction changes something, another one commits, a page is made, the first commits."""
    reader = scene.process()
    run(reader.page(scene.page))
    with scene.database.engine.connect() as slow, slow.begin():
        scene.update(slow, scene.first, 1)
        scene.database.commit({scene.second: 1})
        scene.note(scene.second, 1)
        run(reader.page(scene.page))
    scene.note(scene.first, 1)
    run(reader.page(scene.page))


def test_slow_transaction_gets_its_position_when_it_commits(postgres: Scene) -> None:
    slow_transaction(postgres)
    assert postgres.oracle.violations == []


def test_position_drawn_at_once_without_a_lock_is_overtaken(postgres: Scene) -> None:
    """`nolock`."""
    without_our_triggers(postgres, _AT_ONCE)
    slow_transaction(postgres)
    assert [found.kind for found in postgres.oracle.violations] == ["stale"]


def two_sessions(scene: Scene) -> None:
    """Two sessions write in turns, each over its own connection."""
    reader = scene.process()
    with scene.database.engine.connect() as one, scene.database.engine.connect() as two:
        for turn, (session, number) in enumerate(
            ((one, scene.second), (two, scene.second), (one, scene.first)), start=1
        ):
            with session.begin():
                scene.update(session, number, turn)
            scene.note(number, turn)
            run(reader.page(scene.page))


def test_sessions_draw_positions_from_one_sequence(postgres: Scene) -> None:
    two_sessions(postgres)
    assert postgres.oracle.violations == []


def test_sequence_that_caches_positions_breaks_their_order(postgres: Scene) -> None:
    """`cache20`."""
    install(postgres, "ALTER TABLE cache_log ALTER COLUMN position SET CACHE 20")
    two_sessions(postgres)
    assert "stale" in {found.kind for found in postgres.oracle.violations}


def uncommitted_position(scene: Scene) -> None:
    """A page is made while a commit has drawn its position and is not visible."""
    reader = scene.process()
    with held_commit(scene, scene.first, 1):
        run(reader.page(scene.page))
    scene.note(scene.first, 1)
    run(reader.page(scene.page))


def test_stamp_is_a_visible_position(postgres: Scene) -> None:
    install(postgres, _GATE, _AT_THE_END)
    uncommitted_position(postgres)
    assert postgres.oracle.violations == []


def test_stamp_of_the_sequence_is_above_what_the_snapshot_shows(
    postgres: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`seqstamp`."""
    statement = (
        "SELECT m.epoch, m.floor, coalesce(pg_sequence_last_value("
        "pg_get_serial_sequence('cache_log', 'position')::regclass), 0) FROM cache_meta m"
    )
    for module in (stamps, engine_module):
        monkeypatch.setattr(module, "head_statement", lambda dialect: statement)
    install(postgres, _GATE, _AT_THE_END)
    uncommitted_position(postgres)
    assert [found.kind for found in postgres.oracle.violations] == ["stale"]


def save_between_renders(scene: Scene) -> None:
    """A save falls between the renders of a page's two blocks."""
    page = scene.process().page(scene.page)
    assert "rendered" in page
    scene.database.commit({scene.first: 1})
    scene.note(scene.first, 1)
    run(page)


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_snapshot_shows_one_state_to_every_block(kind: str, request: pytest.FixtureRequest) -> None:
    scene: Scene = request.getfixturevalue(kind)
    save_between_renders(scene)
    assert scene.oracle.violations == []


def test_read_committed_tears_pages(postgres: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """`READ COMMITTED`."""

    @contextmanager
    def each_statement_anew(
        epoch: str, after: int | None, *, replica: bool = False
    ) -> Iterator[tuple[Content, LogRows]]:
        with open_snapshot(postgres.database.engine, epoch, after) as (_, rows):
            pass

        def content(number: int) -> int:
            with postgres.database.engine.connect() as connection:
                statement = text("SELECT headline FROM article WHERE id = :id")
                return int(connection.execute(statement, {"id": number}).scalar_one())

        yield content, rows

    monkeypatch.setattr(postgres.database, "snapshot", each_statement_anew)
    save_between_renders(postgres)
    assert [found.kind for found in postgres.oracle.violations] == ["torn"]


def replaced(scene: Scene) -> None:
    """INSERT OR REPLACE takes an article away by another key than its id, and tells no trigger."""
    reader = scene.process()
    install(scene, "UPDATE article SET legacy_system = 'cms', legacy_id = id")
    run(reader.page(scene.page))
    with scene.database.engine.begin() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM article WHERE id = ?", (scene.first,))
        names = list(rows.keys())
        values = ", ".join(f"{name} + 1000" if name == "id" else name for name in names)
        connection.exec_driver_sql(
            f"INSERT OR REPLACE INTO article ({', '.join(names)})"  # noqa: S608 - the table's own
            f" SELECT {values} FROM article WHERE id = ?",
            (scene.first,),
        )
    scene.note(scene.first, GONE)
    run(reader.page(scene.page))


def test_article_that_a_replace_takes_away_is_not_shown(sqlite: Scene) -> None:
    replaced(sqlite)
    assert sqlite.oracle.violations == []


def test_replace_goes_unnoticed_without_the_trigger_before_inserts(sqlite: Scene) -> None:
    """`no_beforeinsert`."""
    with sqlite.database.engine.connect() as connection:
        name = connection.exec_driver_sql(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
            " AND sql LIKE '%BEFORE INSERT ON%article%' AND tbl_name = 'article'"
        ).scalar_one()
    install(sqlite, f'DROP TRIGGER "{name}"')
    replaced(sqlite)
    assert [found.kind for found in sqlite.oracle.violations] == ["stale"]
