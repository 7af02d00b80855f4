"""Watches the clocks during a sitting and records what must not be lost: jumps, and a sign of life each minute."""

from __future__ import annotations

from contextlib import suppress

from mockexam.errors import ToldError
from mockexam.exam import events as ev
from mockexam.exam.clock import Clock, Reading, jump_between
from mockexam.sitting.logbook import Logbook

TICK_SECONDS = 60.0


class Timekeeper:
    """Reads the clocks for a sitting."""

    def __init__(self, clock: Clock, logbook: Logbook) -> None:
        """Compare from the newest reading on record on, so that a jump made while the app was closed is seen."""
        self._clock = clock
        self._logbook = logbook
        self._before = logbook.state.clock.last

    def read(self) -> Reading:
        """What the clocks say now."""
        return self._clock.read()

    def look(self) -> Reading:
        """Read the clocks, and record a jump or, each minute, that they run."""
        now = self.read()
        event = self._event(now) if self._logbook.state.finished is None else None
        self._before = now
        if event is not None:
            # A full disk must not stop the clock: the next minute's event holds the same elapsed time.
            with suppress(ToldError):
                self._logbook.append(event)
        return now

    def _event(self, now: Reading) -> ev.Event | None:
        jump = jump_between(self._before, now)
        if jump is not None:
            return ev.ClockJumped(at=now, seconds=round(jump, 3))
        return ev.Ticked(at=now) if self._tick_due(now) else None

    def _tick_due(self, now: Reading) -> bool:
        last = self._logbook.state.clock.last
        return last.boot_id != now.boot_id or now.boot - last.boot >= TICK_SECONDS
