"""Prints the portal's address once it answers: `announcing.py HOST PORT`.

A program of its own, standard library only: the server forks its workers, and a process that
forks while one of its threads runs may leave a lock held for ever in the child.
"""

from __future__ import annotations

import http.client
import os
import sys
import threading


def announce(host: str, port: int) -> None:
    """Wait until the server answers, print where; give up when the server is gone."""
    server = os.getppid()
    while os.getppid() == server:
        connection = http.client.HTTPConnection(host, port, timeout=2)
        try:
            connection.request("GET", "/-/health/live")
            # Any answer will do: a portal for other host names refuses this one.
            connection.getresponse()
            break
        except (OSError, http.client.HTTPException):
            threading.Event().wait(0.1)
        finally:
            connection.close()
    else:
        return
    shown = "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104 - compared, not bound
    shown = f"[{shown}]" if ":" in shown else shown
    sys.stdout.write(f"The portal answers at http://{shown}:{port}/ (stop it with Ctrl+C)\n")
    sys.stdout.flush()


if __name__ == "__main__":
    announce(sys.argv[1], int(sys.argv[2]))
