"""`portal doctor` sees what an operator would otherwise learn at night; on real servers."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from pathlib import Path

import pytest
import redis
from joserfc.jwk import RSAKey

from portal.cache.inspection import ACL_EXAMPLE
from portal.cache.inspection import Observation
from portal.cache.inspection import inspect_redis
from portal.cache.inspection import inspect_server
from portal.cli.doctor import Finding
from portal.cli.doctor import examine
from portal.cli.doctor import is_open_to_others
from portal.content.inspection import inspect_database
from portal.extensions import make_engine
from portal.settings import Settings
from tests.identity import CLIENT
from tests.identity import run_identity_provider
from tests.operation.running import REPOSITORY
from tests.operation.test_proxy import open_to_others
from tests.servers import RedisServer
from tests.servers import find_valkey
from tests.servers import run_cluster
from tests.servers import run_redis
from tests.servers import run_sentinel


def now() -> datetime:
    return datetime.now(UTC)


def by_subject(found: list[Observation]) -> dict[str, Observation]:
    return {observation.subject: observation for observation in found}


@pytest.fixture(scope="module")
def good_redis() -> Iterator[RedisServer]:
    """Set up by the shipped file."""
    with run_redis("--include", str(REPOSITORY / "deploy" / "redis.conf")) as server:
        yield server


def execute(server: RedisServer, *command: object) -> None:
    with redis.Redis(port=server.port) as client:
        client.execute_command(*command)


def test_a_secret_is_open_to_others_who_may_read_it_and_reach_it(tmp_path: Path):
    """A closed folder keeps a file that is readable for the other users of containers."""
    folder = tmp_path / "secrets"
    folder.mkdir()
    file, link = folder / "secret_key", tmp_path / "link"
    file.touch()
    link.symlink_to(file)
    open_to_others(folder)
    for mode, of_folder, is_open in (
        (0o644, 0o755, True),
        (0o644, 0o711, True),
        (0o644, 0o700, False),
        (0o640, 0o755, False),
    ):
        file.chmod(mode)
        folder.chmod(of_folder)
        assert [is_open_to_others(place) for place in (file, link)] == [is_open] * 2


def test_secrets_of_a_container_are_judged_by_the_machine_that_has_them():
    assert not is_open_to_others(Path("/run/secrets/portal/secret-key"))


def test_a_redis_that_is_a_cache_is_well(good_redis: RedisServer):
    found = inspect_server(good_redis.url, now())
    assert [observation for observation in found if not observation.healthy] == []
    assert by_subject(found)["redis maxmemory"].seen == "256 MB"
    assert by_subject(found)["redis role"].seen == "master"
    assert len(found) == 8


def test_a_valkey_that_is_a_cache_is_well():
    """Looked at by its own name; the shipped user of Redis is enough there too."""
    options = ("--maxmemory", "64mb", "--maxmemory-policy", "volatile-lfu")
    with run_redis(*options, program=find_valkey()) as server:
        execute(server, *ACL_EXAMPLE.replace("PASSWORD", "word").split())
        execute(server, "ACL", "LOG", "RESET")
        found = inspect_server(f"redis://portal:word@127.0.0.1:{server.port}/0", now())
        assert [observation for observation in found if not observation.healthy] == []
        assert by_subject(found)["redis version"].seen.startswith("Valkey ")
        with redis.Redis(port=server.port) as client:
            assert client.acl_log() == []


def test_a_redis_as_it_is_installed_is_told_what_to_change(tmp_path: Path):
    with run_redis("--save", "60 1", "--appendonly", "yes") as server:
        found = by_subject(inspect_server(server.url, now()))
    assert "set maxmemory 256mb" in found["redis maxmemory"].advice
    assert "volatile-lfu" in found["redis maxmemory-policy"].advice
    assert found["redis persistence"].seen.startswith("appendonly")
    assert found["redis commands"].healthy


def test_a_redis_that_is_away_or_locked_is_one_finding(good_redis: RedisServer):
    away = inspect_server("redis://127.0.0.1:1/0", now())
    assert [(item.subject, item.healthy) for item in away] == [("redis", False)]
    wrong = inspect_server(f"redis://nobody:hunter2@127.0.0.1:{good_redis.port}/0", now())
    assert [item.healthy for item in wrong] == [False]
    assert "hunter2" not in wrong[0].seen


def test_a_user_without_a_needed_command_is_seen(good_redis: RedisServer):
    words = ACL_EXAMPLE.replace("PASSWORD", "word").split()
    url = f"redis://portal:word@127.0.0.1:{good_redis.port}/0"
    execute(good_redis, *words)
    assert by_subject(inspect_server(url, now()))["redis commands"].healthy
    execute(good_redis, *words, "-eval", "-unlink")
    found = by_subject(inspect_server(url, now()))["redis commands"]
    assert found.seen == "refused: unlink, eval"
    assert "ACL SETUSER" in found.advice


def test_the_example_user_can_do_nothing_else(good_redis: RedisServer):
    execute(good_redis, *ACL_EXAMPLE.replace("PASSWORD", "word").split())
    with redis.Redis(port=good_redis.port, username="portal", password="word") as client:  # noqa: S106 - of this test alone
        for command in (("FLUSHALL",), ("KEYS", "*"), ("CONFIG", "GET", "*"), ("SET", "x", "1")):
            with pytest.raises(redis.exceptions.NoPermissionError):
                client.execute_command(*command)


def test_clocks_that_differ_are_seen(good_redis: RedisServer, postgres_url: str):
    later = now() + timedelta(minutes=5)
    for found in (
        by_subject(inspect_server(good_redis.url, later))["redis clock"],  # type: ignore[arg-type]  # both are observations
        by_subject(inspect_database(postgres_url, later))["database clock"],  # type: ignore[arg-type]  # both are observations
    ):
        assert not found.healthy
        assert -300.5 < float(found.seen.partition(" ")[0]) < -295
        assert "chrony" in found.advice


def test_a_database_as_the_portal_makes_it_is_well(database_url: str):
    found = inspect_database(database_url, now())
    assert [observation for observation in found if not observation.healthy] == []
    assert len(found) >= 3


def test_a_database_that_only_reads_is_seen(postgres_url: str):
    engine = make_engine(postgres_url)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        name = engine.url.database
        connection.exec_driver_sql(f'ALTER DATABASE "{name}" SET default_transaction_read_only=on')
    engine.dispose()
    found = by_subject(inspect_database(postgres_url, now()))  # type: ignore[arg-type]  # both are observations
    assert not found["database writes"].healthy


def test_the_identity_provider_is_asked_who_it_is(
    monkeypatch: pytest.MonkeyPatch, sqlite_url: str, tmp_path: Path
):
    """The issuer, the key; and what to do when it is away or the packages are."""
    with run_identity_provider("https://mau.example/", now, {"sub": "x"}) as provider:
        for name, value in {
            "ENVIRONMENT": "development",
            "DATABASE_URL": sqlite_url,
            "MEDIA": str(tmp_path),
            "OPERATORS": "both",
            "OIDC_ISSUER": provider.address,
            "OIDC_CLIENT_ID": CLIENT,
            "OIDC_OPERATOR_GROUPS": "a",
        }.items():
            monkeypatch.setenv(f"PORTAL_{name}", value)
        assert provider_finding() == Finding("identity provider", True, provider.address)
        provider.key = RSAKey.generate_key(2048, {"use": "enc"})
        assert "no usable key" in provider_finding().seen
    assert "openid-configuration" in provider_finding().seen
    assert "PORTAL_OIDC_ISSUER" in provider_finding().advice
    monkeypatch.setitem(sys.modules, "joserfc.jwt", None)
    found = {finding.subject: finding for finding in examine()}
    assert "pip install 'provincial-portal[oidc]'" in found["site files"].seen


def provider_finding() -> Finding:
    return next(finding for finding in examine() if finding.subject == "identity provider")


def look_at(**settings: object) -> dict[str, Observation]:
    return by_subject(inspect_redis(Settings.model_validate(settings), now()))


def test_each_server_that_sentinels_watch_is_looked_at_by_itself():
    """A real master, its replica and one Sentinel; then the master is gone."""
    with run_sentinel() as group:
        watching = f"127.0.0.1:{group.sentinel.port}"
        settings = {
            "cache_redis_sentinels": (watching, "127.0.0.1:1"),
        }
        master = f"redis 127.0.0.1:{group.master.port}"
        replica = f"redis 127.0.0.1:{group.replica.port}"
        found = look_at(**settings)
        end = time.monotonic() + 30
        # The first copy of a master takes its time.
        while not found[f"{replica} role"].healthy:
            assert found[f"{replica} role"].seen == "slave without its primary"
            assert time.monotonic() < end
            found = look_at(**settings)
        assert found[f"redis sentinel {watching}"].healthy
        assert not found["redis sentinel 127.0.0.1:1"].healthy
        assert "run three" in found["redis sentinels"].advice
        assert found[f"{master} role"].seen == "master"
        assert (found[f"{replica} role"].healthy, found[f"{replica} role"].seen) == (True, "slave")
        for part in ("version", "maxmemory", "maxmemory-policy", "persistence", "clock"):
            assert f"{master} {part}" in found
            assert f"{replica} {part}" in found
        execute(group.replica, "CONFIG", "SET", "save", "60 1")
        execute(group.replica, "CONFIG", "SET", "maxmemory", "64mb")
        found = look_at(**settings)
        assert found[f"{replica} maxmemory"].healthy
        assert not found[f"{master} maxmemory"].healthy
        unknown = look_at(**settings, cache_redis_sentinel_master="other")
        assert "SENTINEL_MASTER" in unknown[f"redis sentinel {watching}"].advice
    assert not look_at(cache_type="RedisSentinelCache")["redis sentinels"].healthy
    both = look_at(cache_redis_sentinels=("h:1",), cache_redis_cluster=("h:2",))
    assert "are both set" in both["redis"].seen


def test_each_node_of_a_cluster_is_looked_at_by_itself():
    """Three real masters; then one of them is away."""
    with run_cluster() as servers:
        places = tuple(f"127.0.0.1:{server.port}" for server in servers)
        settings = {"cache_redis_cluster": places}
        execute(servers[1], "CONFIG", "SET", "maxmemory", "64mb")
        execute(servers[1], "CONFIG", "SET", "maxmemory-policy", "volatile-lfu")
        found = look_at(**settings)
        assert found["redis cluster"].seen == "16384 of 16384 slots on 3 nodes"
        assert found["redis cluster"].healthy
        healthy = [found[f"redis {place} maxmemory"].healthy for place in places]
        assert healthy == [False, True, False]
        for place in places:
            assert found[f"redis {place} commands"].healthy
            assert "default" not in found[f"redis {place} persistence"].seen
        servers[2].process.kill()
        servers[2].process.wait()
        away = look_at(**settings)
        assert not away.get(f"redis {places[2]}", away["redis cluster"]).healthy
    assert not look_at(**settings)["redis cluster"].healthy
