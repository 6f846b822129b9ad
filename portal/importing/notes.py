"""What the readers of single blocks write down on the way: origins and flags."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field

from portal.importing.dump import Flag
from portal.importing.dump import Origin

_LONGEST = 300


@dataclass(slots=True)
class Notes:
    """The growing record of one file."""

    file: str
    flags: list[Flag] = field(default_factory=list)
    origins: list[Origin] = field(default_factory=list)

    def flag(self, rule: str, first_line: int, message: str, *, last_line: int = 0) -> None:
        """Ask a person to look at these lines."""
        short = message if len(message) <= _LONGEST else f"{message[: _LONGEST - 1]}…"
        self.flags.append(Flag(rule, first_line, max(first_line, last_line), short))

    def origin(self, name: str, first_line: int, rule: str, *, last_line: int = 0) -> None:
        """Note where a field was taken from."""
        last = max(first_line, last_line)
        self.origins.append(Origin(name, self.file, first_line, last, rule))
