"""Which hosts a request may name: those of the settings, and any one where machines watch."""

from __future__ import annotations

from flask import Request

WATCHED = frozenset({"/-/health/live", "/-/health/ready", "/-/metrics"})
"""What probes and Prometheus ask for, by the address of a replica and not by the site's name. These
answers hold nothing of the host, and metrics have a door of their own."""


class HostedRequest(Request):
    """A request that Flask refuses for a foreign host unless it is for one of `WATCHED`."""

    @property
    def trusted_hosts(self) -> list[str] | None:
        """The hosts that are answered; none for all."""
        # The path as it came: what Werkzeug would redirect to one of these is none of them.
        return None if self.environ.get("PATH_INFO") in WATCHED else self._hosts

    @trusted_hosts.setter
    def trusted_hosts(self, hosts: list[str] | None) -> None:
        self._hosts = hosts

    _hosts: list[str] | None = None
