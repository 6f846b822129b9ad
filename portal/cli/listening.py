"""Where `portal serve` listens: a host becomes one address, and a port is held or refused.

The port is held before anybody is told of it, and for this server alone: two that share one would
share its readers as well.
"""

from __future__ import annotations

import errno
import socket
from dataclasses import dataclass

import click

# After this many the port range is crowded enough to ask the operator.
PORTS_TRIED = 50
LAST_PORT = 65_535
BACKLOG = 1024


@dataclass(frozen=True, slots=True)
class Address:
    """What a host stands for; `scope` is what an address of IPv6 has behind its port."""

    family: int
    host: str
    scope: tuple[int, ...] = ()


def resolve(host: str) -> Address:
    """The address of a host: that of IPv4 where it has both, which is the one clients are given.

    Raises `click.BadParameter` for what this machine knows no address of.
    """
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else "it is no name of a host"
        raise click.BadParameter(
            f"{host!r} cannot be resolved ({reason}); name an address of this machine, such as"
            " 127.0.0.1, or 0.0.0.0 for all of them",
            param_hint="'--host'",
        ) from problem
    family, *_, place = min(found, key=lambda each: each[0] != socket.AF_INET)
    return Address(family, str(place[0]), tuple(int(part) for part in place[2:]))


def listen(address: Address, first: int, *, fixed: bool) -> socket.socket:
    """A listening socket at `first`, or unless that is `fixed` at the next port that is free.

    Port 0 is any free one. Raises `click.ClickException` when there is none.
    """
    last = first if fixed else min(first + PORTS_TRIED - 1, LAST_PORT)
    for port in range(first, last + 1):
        try:
            return _listen_at(address, port)
        except OSError as problem:
            if problem.errno != errno.EADDRINUSE:
                raise click.ClickException(
                    f"port {port} of {address.host} cannot be used: {problem.strerror};"
                    " name another with --port, or an address of this machine with --host"
                ) from problem
    taken = f"port {first} of {address.host} is" if fixed else f"ports {first} to {last} are all"
    raise click.ClickException(f"{taken} taken; stop what listens there, or name another --port")


def _listen_at(address: Address, port: int) -> socket.socket:
    listener = socket.socket(address.family, socket.SOCK_STREAM)
    try:
        # Connections of a server that has just ended do not count as somebody who listens.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address.host, port, *address.scope))
        listener.listen(BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener
