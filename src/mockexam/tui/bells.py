"""When the clock rings."""

from __future__ import annotations

MINUTES = (60, 30, 10, 5, 1)
"""Minutes left at which it rings, each once."""


class Bells:
    """Watches the time left go by. What had been crossed before the first look stays silent: it was rung, or missed."""

    def __init__(self) -> None:
        self._before: float | None = None

    def look(self, remaining: float | None) -> int | None:
        """The minutes to ring for at this time left (seconds), or None. Of several crossed at once, the smallest."""
        before, self._before = self._before, remaining
        if remaining is None or before is None:
            return None
        return min((m for m in MINUTES if remaining <= m * 60 < before), default=None)


def level(remaining: float | None) -> int | None:
    """The smallest of MINUTES that the time left (seconds) lies within; None while there is more, or no limit."""
    if remaining is None:
        return None
    return min((m for m in MINUTES if remaining <= m * 60), default=None)
