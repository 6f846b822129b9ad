"""Hosts of a network on this machine: network namespaces, each with a cable to the machine itself.

Only who may administrate networks can make them. For others the hosts are loopback addresses: the
same processes and the same proof, without a network of their own; `Host.is_real` tells.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from contextlib import contextmanager
from dataclasses import dataclass

from tests.servers import find_program

# RFC 2544 keeps 198.18.0.0/15 for measurements between hosts; no real network is hidden by it.
_NETWORK = "198.18"


@dataclass(frozen=True, slots=True)
class Host:
    """Where programs run. `machine` is the address at which they reach this machine's servers."""

    address: str
    machine: str
    prefix: tuple[str, ...] = ()
    """What stands before a command to run it on this host."""

    @property
    def is_real(self) -> bool:
        """Whether it has a network of its own."""
        return bool(self.prefix)


@contextmanager
def make_hosts(number: int) -> Iterator[tuple[Host, ...]]:
    """So many hosts for the time of the context."""
    program = str(find_program("ip", "Debian package iproute2", ("usr/sbin", "sbin")))
    if not _may_make_networks(program):
        yield tuple(Host(f"127.0.0.{index + 2}", "127.0.0.1") for index in range(number))
        return
    with ExitStack() as stack:
        net = _free_net(program)
        yield tuple(stack.enter_context(_make(program, net, index)) for index in range(number))


def _may_make_networks(program: str) -> bool:
    if os.geteuid() != 0:
        return False
    name = f"portal-{os.getpid()}-try"
    try:
        _call(program, "netns", "add", name)
    except subprocess.CalledProcessError:
        return False
    try:
        _call(program, "netns", "exec", name, "true")
        _call(program, "-netns", name, "link", "add", "try", "type", "veth", "peer", "name", "end")
    except subprocess.CalledProcessError:
        return False
    finally:
        _call(program, "netns", "delete", name)
    return True


def _free_net(program: str) -> int:
    """The third number of addresses that nobody on this machine has."""
    taken = _call(program, "-brief", "address")
    first = os.getpid() % 256
    return next(
        net for net in (*range(first, 256), *range(first)) if f" {_NETWORK}.{net}." not in taken
    )


@contextmanager
def _make(program: str, net: int, index: int) -> Iterator[Host]:
    name, cable = f"portal-{os.getpid()}-{index}", f"pp{net}n{index}"
    machine, address = (f"{_NETWORK}.{net}.{4 * index + end}" for end in (1, 2))
    _call(program, "netns", "add", name)
    try:
        _call(program, "link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", name)
        _call(program, "address", "add", f"{machine}/30", "dev", cable)
        _call(program, "link", "set", cable, "up")
        _call(program, "-netns", name, "address", "add", f"{address}/30", "dev", "eth0")
        _call(program, "-netns", name, "link", "set", "eth0", "up")
        _call(program, "-netns", name, "link", "set", "lo", "up")
        yield Host(address, machine, (program, "netns", "exec", name))
    finally:
        # The cable goes with the namespace.
        _call(program, "netns", "delete", name)


def _call(program: str, *arguments: str) -> str:
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=True)
    return done.stdout
