"""Time in tests: it moves only when a test moves it."""

from __future__ import annotations

from datetime import datetime
from datetime import timedelta


class StandingClock:
    """A clock that stands still. Calling it gives the moment (aware UTC)."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        return self.moment

    def advance(self, **duration: float) -> datetime:
        """Move on by a duration (`hours=1`) and return the new moment."""
        self.moment += timedelta(**duration)
        return self.moment
