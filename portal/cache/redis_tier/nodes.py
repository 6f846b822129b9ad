"""The servers that a deployment is made of, for looking at each: one, those that Sentinels watch,
the nodes of a cluster. The portal itself never asks this while it serves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from urllib.parse import urlunsplit

import redis
from redis.exceptions import RedisError

from portal.cache.redis_tier.configuration import read_host
from portal.cache.redis_tier.connections import connection_options
from portal.cache.redis_tier.servers import read_url
from portal.settings import Settings

PATIENCE_SECONDS = 2.0
"""How long a look waits; pages wait milliseconds."""
SLOTS = 16_384


@dataclass(frozen=True, slots=True)
class Node:
    """One server by its address; `name` tells it from the others."""

    name: str
    url: str
    is_primary: bool = True


@dataclass(frozen=True, slots=True)
class Watch:
    """What one Sentinel says; `problem` instead where it says nothing."""

    name: str
    master: Node | None = None
    replicas: tuple[Node, ...] = ()
    sentinels: int = 0
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Cluster:
    """A cluster as one of its nodes sees it."""

    nodes: tuple[Node, ...]
    failed: tuple[str, ...]
    slots: int
    without_replica: tuple[str, ...]


def open_client(url: str, options: dict[str, Any]) -> Any:
    """A client with the connection options of the portal that waits as long as a person may.

    Raises `ConfigError` for what is no address.
    """
    ours = {key: value for key, value in options.items() if not key.startswith("sentinel_")}
    waits = {"socket_timeout": PATIENCE_SECONDS, "socket_connect_timeout": PATIENCE_SECONDS}
    chosen = connection_options(**{**ours, **waits, "decode_responses": True})
    return redis.Redis.from_pool(redis.ConnectionPool(**{**chosen, **read_url(url)}))


def ask_sentinels(settings: Settings) -> Iterator[Watch]:
    """What each Sentinel that the settings name says of the master."""
    url, name = settings.cache_redis_url or "redis://", settings.cache_redis_sentinel_master
    named = {
        key.removeprefix("sentinel_"): value
        for key, value in settings.cache_options.items()
        if key.startswith("sentinel_")
    }
    for place in settings.cache_redis_sentinels:
        host, port = read_host(place, "CACHE_REDIS_SENTINELS")
        client = open_client(
            f"redis://{_written(host)}:{port}", {**settings.cache_options, **named}
        )
        with client:
            try:
                told = _pairs(client.execute_command("SENTINEL", "MASTER", name))
                followers = client.execute_command("SENTINEL", "REPLICAS", name)
            except (RedisError, OSError) as problem:
                yield Watch(place, problem=said(problem))
                continue
        yield Watch(
            place,
            _node_at(url, told["ip"], told["port"], is_primary=True),
            tuple(
                _node_at(url, one["ip"], one["port"], is_primary=False)
                for one in (_pairs(follower) for follower in followers)
            ),
            int(told["num-other-sentinels"]) + 1,
        )


def ask_cluster(settings: Settings) -> Cluster | str:
    """The cluster as the first node that answers sees it; what was said where none does."""
    url, problems = settings.cache_redis_url or "redis://", []
    for place in settings.cache_redis_cluster or (urlsplit(url).netloc.rpartition("@")[2],):
        node = _node_at(url, *read_host(place, "CACHE_REDIS_CLUSTER"), is_primary=True)
        with open_client(node.url, dict(settings.cache_options)) as client:
            try:
                return _read_cluster(url, client.execute_command("CLUSTER NODES"))
            except (RedisError, OSError) as problem:
                problems.append(f"{place}: {said(problem)}")
    return "; ".join(problems)


def _read_cluster(url: str, told: dict[str, dict[str, Any]]) -> Cluster:
    nodes, failed, slots = [], [], 0
    primaries: dict[str, str] = {}
    followed = set()
    for place, one in told.items():
        flags = set(str(one["flags"]).split(","))
        if flags & {"fail", "fail?", "noaddr", "handshake"}:
            failed.append(place)
            continue
        host, port = read_host(place, "CACHE_REDIS_CLUSTER")
        nodes.append(_node_at(url, host, port, is_primary="master" in flags))
        ranges = [(int(part[0]), int(part[-1])) for part in one["slots"] if part[0].isdigit()]
        slots += sum(high - low + 1 for low, high in ranges)
        if "master" in flags and ranges:
            primaries[one["node_id"]] = place
        elif "slave" in flags:
            followed.add(one["master_id"])
    alone = tuple(place for number, place in primaries.items() if number not in followed)
    return Cluster(tuple(nodes), tuple(failed), slots, alone)


def _node_at(url: str, host: str, port: int | str, *, is_primary: bool) -> Node:
    """The node of that place, with scheme, user and password of `url`."""
    parts = urlsplit(url)
    user, at, _ = parts.netloc.rpartition("@")
    place = f"{_written(host)}:{port}"
    whole = urlunsplit((parts.scheme, f"{user}{at}{place}", "", parts.query, ""))
    return Node(place, whole, is_primary)


def _written(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _pairs(row: Any) -> dict[str, str]:
    """A row that redis-py may or may not have read as pairs already."""
    return row if isinstance(row, dict) else dict(zip(row[::2], row[1::2], strict=True))


def said(problem: Exception) -> str:
    """The first line of what went wrong."""
    return str(problem).partition("\n")[0] or type(problem).__name__
