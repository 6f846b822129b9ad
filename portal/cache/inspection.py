"""Looks at a Redis or Valkey server with a cache's eyes: what it would lose, keep, or get wrong.

Nothing of a portal is only in Redis, and nothing there is believed without the database's log. So
none of this makes an answer wrong: it makes the portal slower, or the server a burden.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from redis.exceptions import NoPermissionError
from redis.exceptions import RedisError
from redis.exceptions import ResponseError

from portal.cache.redis_tier.configuration import cache_type
from portal.cache.redis_tier.nodes import SLOTS
from portal.cache.redis_tier.nodes import Node
from portal.cache.redis_tier.nodes import ask_cluster
from portal.cache.redis_tier.nodes import ask_sentinels
from portal.cache.redis_tier.nodes import open_client
from portal.cache.redis_tier.nodes import said
from portal.errors import ConfigError
from portal.settings import Settings

OLDEST_REDIS = (6, 2)
LARGEST_SKEW = 2.0
"""Seconds between two clocks above which ages in logs and metrics mislead."""
FEWEST_SENTINELS = 3

NEEDED_COMMANDS = ("mget", "set", "unlink", "eval", "get", "del", "pttl", "pexpire", "ping")
"""What the cache sends. An ACL user needs these and no others."""
ACL_EXAMPLE = (
    "ACL SETUSER portal on >PASSWORD ~portal:* resetchannels -@all +mget +set +unlink +eval +get"
    " +del +pttl +pexpire +ping +info +time +hello +command +cluster|slots +cluster|nodes"
)


@dataclass(frozen=True, slots=True)
class Observation:
    """One thing seen of a server: whether it is well, and what to change if not."""

    subject: str
    healthy: bool
    seen: str
    advice: str = ""


def inspect_redis(settings: Settings, now: datetime) -> list[Observation]:
    """Everything that can be seen of the servers that the settings name; raises nothing."""
    try:
        kind = cache_type(settings)
    except ConfigError as problem:
        return [Observation("redis", False, str(problem), "set one of the two")]
    if kind == "RedisSentinelCache":
        return [*_look_at_sentinels(settings, now)]
    if kind == "RedisClusterCache":
        return [*_look_at_cluster(settings, now)]
    if not settings.cache_redis_url:
        return [Observation("redis", True, "none; each process remembers by itself")]
    options = dict(settings.cache_options)
    return inspect_server(settings.cache_redis_url, now, settings.cache_key_prefix, options)


def inspect_server(
    url: str,
    now: datetime,
    prefix: str = "portal:",
    options: dict[str, Any] | None = None,
    *,
    is_primary: bool = True,
) -> list[Observation]:
    """Everything that can be seen of the server at `url`; raises nothing."""
    try:
        client = open_client(url, options or {})
        client.ping()
    except (ConfigError, RedisError, OSError) as problem:
        return [Observation("redis", False, said(problem), _what_to_check(problem))]
    with client:
        return [*_look(client, url, now, prefix, is_primary)]


def _what_to_check(problem: Exception) -> str:
    if "CERTIFICATE_VERIFY_FAILED" in str(problem):
        return 'name its authority: PORTAL_CACHE_OPTIONS={"ssl_ca_certs": "/path/to/ca.pem"}'
    if "WRONG_VERSION_NUMBER" in str(problem):
        return "it speaks no TLS there: take its tls-port, or redis:// in a network of its own"
    return "check the address, the password and the server"


def _look_at_nodes(
    nodes: Iterable[Node], settings: Settings, now: datetime
) -> Iterator[Observation]:
    """Each server by its name, and whether all have the same version."""
    versions = set()
    for node in nodes:
        for found in inspect_server(
            node.url,
            now,
            settings.cache_key_prefix,
            dict(settings.cache_options),
            is_primary=node.is_primary,
        ):
            subject = found.subject.replace("redis", f"redis {node.name}", 1)
            versions |= {found.seen} if found.subject == "redis version" else set()
            yield replace(found, subject=subject)
    if len(versions) > 1:
        seen = ", ".join(sorted(versions))
        yield Observation("redis versions", False, seen, "bring all servers to the same version")


def _look_at_sentinels(settings: Settings, now: datetime) -> Iterator[Observation]:
    if not settings.cache_redis_sentinels:
        advice = "set PORTAL_CACHE_REDIS_SENTINELS to HOST:PORT of each"
        yield Observation("redis sentinels", False, "none is named", advice)
        return
    watches = list(ask_sentinels(settings))
    for watch in watches:
        seen = watch.problem or f"{watch.master.name if watch.master else 'nobody'} is the master"
        advice = (
            "check its address, and PORTAL_CACHE_REDIS_SENTINEL_MASTER" if watch.problem else ""
        )
        yield Observation(f"redis sentinel {watch.name}", not watch.problem, seen, advice)
    answering = [watch for watch in watches if watch.master is not None]
    if not answering:
        return
    known = max(watch.sentinels for watch in answering)
    enough = known >= FEWEST_SENTINELS
    advice = "" if enough else "run three on three machines: fewer cannot outvote one that errs"
    yield Observation("redis sentinels", enough, f"{known} watch", advice)
    masters = {watch.master.name: watch.master for watch in answering if watch.master}
    if len(masters) > 1:
        seen = f"they disagree: {', '.join(sorted(masters))}"
        yield Observation("redis master", False, seen, "wait for the failover to end; ask again")
    replicas = {node.name: node for watch in answering for node in watch.replicas}
    if not replicas:
        advice = "add a replica, or there is nothing to fail over to"
        yield Observation("redis replicas", False, "none", advice)
    yield from _look_at_nodes([*masters.values(), *replicas.values()], settings, now)


def _look_at_cluster(settings: Settings, now: datetime) -> Iterator[Observation]:
    found = ask_cluster(settings)
    if isinstance(found, str):
        yield Observation("redis cluster", False, found, "check PORTAL_CACHE_REDIS_CLUSTER")
        return
    whole = found.slots == SLOTS and not found.failed
    away = f"; away: {', '.join(found.failed)}" if found.failed else ""
    yield Observation(
        "redis cluster",
        whole,
        f"{found.slots} of {SLOTS} slots on {len(found.nodes)} nodes{away}",
        ""
        if whole
        else "bring the nodes back, or give their slots to others: redis-cli --cluster fix",
    )
    if found.without_replica:
        # A part of the cache that is lost is rendered anew: no fault, but a slow morning.
        seen = f"none of {', '.join(found.without_replica)}"
        yield Observation("redis replicas", True, seen)
    yield from _look_at_nodes(found.nodes, settings, now)


def _look(
    client: Any, url: str, now: datetime, prefix: str, is_primary: bool
) -> Iterator[Observation]:
    yield _look_at_transport(url)
    information = _ask(client.info)
    if information is None:
        yield Observation("redis", False, "INFO is refused", "allow it: +info")
        return
    yield _look_at_version(information)
    yield _look_at_role(information, is_primary)
    yield from _look_at_memory(information)
    yield _look_at_persistence(information)
    yield _look_at_clock(client, now)
    yield _look_at_commands(client, prefix)


def _look_at_transport(url: str) -> Observation:
    parts = urlsplit(url)
    safe = parts.scheme in {"rediss", "unix"} or (parts.hostname or "") in _HERE
    seen = {"rediss": "TLS", "unix": "Unix socket"}.get(parts.scheme, "plain TCP")
    advice = "use rediss:// where others share the network; entries are sealed, but can be read"
    return Observation("redis transport", safe, seen, "" if safe else advice)


_HERE = ("localhost", "127.0.0.1", "::1")


def _look_at_version(information: dict[str, Any]) -> Observation:
    valkey = information.get("valkey_version")
    name, version = ("Valkey", valkey) if valkey else ("Redis", information["redis_version"])
    numbers = tuple(int(part) for part in str(version).split(".")[:2])
    oldest = ".".join(map(str, OLDEST_REDIS))
    healthy = numbers >= OLDEST_REDIS
    advice = "" if healthy else f"upgrade to {oldest} or newer; older ones get no repairs"
    return Observation("redis version", healthy, f"{name} {version}", advice)


def _look_at_role(information: dict[str, Any], is_primary: bool) -> Observation:
    role = str(information.get("role", "unknown"))
    if not is_primary:
        linked = information.get("master_link_status") == "up"
        advice = "" if linked else "mend its way to the primary: it could not take over"
        seen = role if linked else f"{role} without its primary"
        return Observation("redis role", linked, seen, advice)
    healthy = role == "master"
    advice = "" if healthy else "name the primary: a replica refuses every write"
    return Observation("redis role", healthy, role, advice)


def _look_at_memory(information: dict[str, Any]) -> Iterator[Observation]:
    limit = int(information.get("maxmemory", 0))
    yield Observation(
        "redis maxmemory",
        limit > 0,
        f"{limit // 1_048_576} MB" if limit else "none",
        ""
        if limit
        else "set maxmemory 256mb: without it the cache grows until the kernel kills it",
    )
    policy = str(information.get("maxmemory_policy", "unknown"))
    evicts = policy != "noeviction"
    good = policy in {"volatile-lfu", "allkeys-lfu", "volatile-lru", "allkeys-lru"}
    yield Observation(
        "redis maxmemory-policy",
        good,
        policy,
        ""
        if good
        else "set maxmemory-policy volatile-lfu"
        + ("" if evicts else ": when it is full, nothing new is stored"),
    )


def _look_at_persistence(information: dict[str, Any]) -> Observation:
    kept = []
    if int(information.get("aof_enabled", 0)):
        kept.append("appendonly")
    if int(information.get("rdb_saves", 0)) or int(information.get("rdb_bgsave_in_progress", 0)):
        kept.append("snapshots")
    healthy = not kept
    advice = "" if healthy else 'set save "" and appendonly no: a cache need not survive a restart'
    return Observation("redis persistence", healthy, ", ".join(kept) or "none", advice)


def _look_at_clock(client: Any, now: datetime) -> Observation:
    told = _ask(client.time)
    if told is None:
        return Observation("redis clock", True, "TIME is refused; not looked at")
    skew = told[0] + told[1] / 1e6 - now.timestamp()
    healthy = abs(skew) <= LARGEST_SKEW
    advice = "" if healthy else "run a time service (chrony) on both machines"
    return Observation("redis clock", healthy, f"{skew:+.1f} s from here", advice)


def _look_at_commands(client: Any, prefix: str) -> Observation:
    key = f"{prefix}doctor"
    tried: dict[str, tuple[Any, ...]] = {
        "get": ("GET", key),
        "mget": ("MGET", key, key),
        "set": ("SET", key, "", "PX", 1000),
        "del": ("DEL", key),
        "pttl": ("PTTL", key),
        "pexpire": ("PEXPIRE", key, 1000),
        "eval": ("EVAL", "return 1", 0),
        "unlink": ("UNLINK", key),
        "ping": ("PING",),
    }
    refused = [name for name in NEEDED_COMMANDS if _is_refused(client, tried[name])]
    if refused:
        return Observation(
            "redis commands", False, f"refused: {', '.join(refused)}", f"allow them: {ACL_EXAMPLE}"
        )
    return Observation("redis commands", True, f"{len(NEEDED_COMMANDS)} of {len(NEEDED_COMMANDS)}")


def _is_refused(client: Any, command: tuple[Any, ...]) -> bool:
    try:
        client.execute_command(*command)
    except NoPermissionError:
        return True
    except ResponseError as problem:
        # Out of memory and read-only are told elsewhere.
        return "NOPERM" in str(problem)
    return False


def _ask(question: Any) -> Any:
    try:
        return question()
    except RedisError:
        return None
