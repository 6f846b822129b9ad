"""`python -m portal.cli`: the command line where the `portal` script is not on PATH."""

from __future__ import annotations

from portal.cli import main

main()
