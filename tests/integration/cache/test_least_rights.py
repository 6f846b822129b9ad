"""The user of deploy/redis-users.acl does all that the portal does, on real servers of every kind.

`ACL LOG` of each server tells what was refused, so an empty one proves that nothing more is needed.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import redis
from sqlalchemy import NullPool
from sqlalchemy.orm import Session

from portal.app import Portal
from portal.cache.inspection import ACL_EXAMPLE
from portal.cache.inspection import inspect_redis
from portal.content import log
from portal.extensions import make_engine
from portal.settings import Settings
from tests.clocks import StandingClock
from tests.integration.cache.conftest import PATIENT
from tests.integration.composition.small_site import SmallSite
from tests.servers import RedisServer
from tests.servers import SentinelGroup
from tests.servers import run_redis

FILE = Path(__file__).parents[3] / "deploy" / "redis-users.acl"
PASSWORD = "of-these-tests-alone"  # noqa: S105 - of these tests alone
USER = FILE.read_text("utf-8").splitlines()[1].replace("PASSWORD", PASSWORD)


@pytest.fixture
def site(tmp_path: Path, sqlite_url: str, clock: StandingClock) -> Iterator[SmallSite]:
    site = SmallSite(tmp_path / "site", sqlite_url, clock)
    site.sections()
    yield site
    site.close()


def use_everything(site: SmallSite, **settings: Any) -> None:
    """What a portal and its operator do with Redis, and the doctor after them."""
    site.news()
    site.lay_out("article", {"key": "a", "block": "news"}, {"key": "b", "block": "news"})
    path = f"/tin-tuc/story-{site.article('Story')}"
    settings |= {"cache_options": PATIENT, "cache_key_prefix": "portal:"}

    def view() -> dict[str, int]:
        app = site.app(**settings)
        portal: Portal = app.extensions["portal"]
        assert app.test_client().get(path).status_code == 200
        portal.composer.settle()
        assert portal.composition.shared.is_available
        assert portal.composition.shared.probe_once()
        return dict(portal.composer.statistics())

    first, second = view(), view()
    assert not [name for name in (first | second) if "error_" in name]
    assert {n: v for n, v in first.items() if n.startswith("shared")} != {
        n: v for n, v in second.items() if n.startswith("shared")
    }
    engine = make_engine(site.database_url, poolclass=NullPool)
    with Session(engine) as session, session.begin():
        log.append(session, ["*"])
    view()
    seen = inspect_redis(Settings(**settings), datetime.now(UTC))
    refused = [item for item in seen if "refused" in item.seen]
    assert refused == []
    assert [item for item in seen if item.subject.endswith("commands")]


def refusals(*servers: RedisServer) -> list[Any]:
    """What each server refused to anybody since it started."""
    found: list[Any] = []
    for server in servers:
        with redis.Redis(port=server.port, username="root", password=PASSWORD) as client:
            assert client.acl_whoami() == "root"
            found += [(entry["object"], entry["reason"]) for entry in client.acl_log()]
    return found


def test_the_file_is_what_the_doctor_advises():
    """One user, described once; the door is closed for all others."""
    default, portal = FILE.read_text("utf-8").splitlines()
    assert default == "user default off"
    assert portal == ACL_EXAMPLE.replace("ACL SETUSER", "user")


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[RedisServer]:
    """A server that starts with the shipped file, and a root of the test's own."""
    file = tmp_path / "users.acl"
    root = f"user root on >{PASSWORD} ~* &* +@all"
    file.write_text(f"{FILE.read_text('utf-8').replace('PASSWORD', PASSWORD)}{root}\n")
    for folder in (*tmp_path.parents, tmp_path):
        if folder.is_relative_to("/tmp"):  # noqa: S108 - the server runs as another user
            folder.chmod(folder.stat().st_mode | 0o011)
    with run_redis("--aclfile", str(file)) as server:
        yield server


def test_one_server_refuses_nothing_that_the_portal_asks(site: SmallSite, guarded: RedisServer):
    use_everything(site, cache_redis_url=f"redis://portal:{PASSWORD}@127.0.0.1:{guarded.port}/0")
    assert refusals(guarded) == []
    with redis.Redis(port=guarded.port) as nobody, pytest.raises(redis.AuthenticationError):
        nobody.get("portal:x")


def test_a_log_that_is_empty_would_tell_of_a_missing_command(guarded: RedisServer):
    """The proof above can fail: one command less is in the log."""
    with redis.Redis(port=guarded.port, username="root", password=PASSWORD) as root:
        root.execute_command("ACL", "SETUSER", "portal", "-eval")
    url = f"redis://portal:{PASSWORD}@127.0.0.1:{guarded.port}/0"
    seen = inspect_redis(Settings(cache_redis_url=url), datetime.now(UTC))
    assert "refused: eval" in [item.seen for item in seen]
    assert refusals(guarded)[0][0] == "eval"


def add_users(*servers: RedisServer) -> None:
    for server in servers:
        with redis.Redis(port=server.port) as client:
            client.flushall()
            client.execute_command("ACL", "SETUSER", *USER.split()[1:])
            client.execute_command(*f"ACL SETUSER root on >{PASSWORD} ~* &* +@all".split())
            client.execute_command("ACL", "LOG", "RESET")


def test_a_cluster_refuses_nothing_that_the_portal_asks(
    site: SmallSite, redis_cluster: tuple[RedisServer, ...]
):
    add_users(*redis_cluster)
    use_everything(
        site,
        cache_type="RedisClusterCache",
        cache_redis_url=f"redis://portal:{PASSWORD}@127.0.0.1/0",
        cache_redis_cluster=tuple(f"127.0.0.1:{server.port}" for server in redis_cluster),
    )
    assert refusals(*redis_cluster) == []


def test_a_master_behind_sentinels_refuses_nothing_that_the_portal_asks(
    site: SmallSite, redis_sentinel: SentinelGroup
):
    add_users(redis_sentinel.master)
    with redis.Redis(port=redis_sentinel.replica.port) as client:
        client.execute_command("ACL", "SETUSER", *USER.split()[1:])
        client.execute_command(*f"ACL SETUSER root on >{PASSWORD} ~* &* +@all".split())
        client.execute_command("ACL", "LOG", "RESET")
    use_everything(
        site,
        cache_type="RedisSentinelCache",
        cache_redis_url=f"redis://portal:{PASSWORD}@/0",
        cache_redis_sentinels=(f"127.0.0.1:{redis_sentinel.sentinel.port}",),
    )
    assert refusals(redis_sentinel.master, redis_sentinel.replica) == []
