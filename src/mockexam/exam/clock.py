"""The locked clock: nothing gives time back.

The wall clock survives a reboot but can be set. The boot clock can't be set and counts suspend, but starts anew with
each boot. The time elapsed is the larger of what both say; after a reboot it continues at least from the last event.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

JUMP_SECONDS = 5.0
"""A larger disagreement of the two clocks is recorded and shown."""


@dataclass(frozen=True)
class Reading:
    """The machine's clocks at one moment."""

    wall: float
    """Seconds since 1970 UTC."""
    boot: float
    """Seconds since the machine started, suspend included."""
    boot_id: str
    """Identifies this boot of the machine."""


WARNING_MINUTES = (60, 30, 10, 5, 1)
"""Minutes left at which each frontend warns once."""


class TimeWarnings:
    """Decides when to warn. Limits crossed before the first call are skipped."""

    def __init__(self) -> None:
        self._before: float | None = None

    def crossed(self, remaining: float | None) -> int | None:
        """The limit (minutes) that the time left (seconds) crossed since the last call; the smallest of several."""
        before, self._before = self._before, remaining
        if remaining is None or before is None:
            return None
        return min((m for m in WARNING_MINUTES if remaining <= m * 60 < before), default=None)


def warning_level(remaining: float | None) -> int | None:
    """The smallest of WARNING_MINUTES not below the time left (seconds); None above them all, or if untimed."""
    return None if remaining is None else min((m for m in WARNING_MINUTES if remaining <= m * 60), default=None)


class Clock(Protocol):
    """The machine's clocks, or a test's."""

    def read(self) -> Reading: ...


@dataclass(frozen=True)
class LockedClock:
    """The clock of one attempt, from its recorded readings."""

    started: Reading
    duration: float | None
    """Seconds of the attempt; None for an untimed one."""
    anchor: Reading
    """The first recorded reading of the newest boot."""
    anchor_elapsed: float
    """Seconds that had elapsed at the anchor."""
    last: Reading

    @classmethod
    def start(cls, at: Reading, duration: float | None) -> LockedClock:
        return cls(started=at, duration=duration, anchor=at, anchor_elapsed=0.0, last=at)

    def elapsed(self, now: Reading) -> float:
        """Seconds since the start, never negative."""
        by_wall = now.wall - self.started.wall
        newest = now if now.boot_id == self.anchor.boot_id else self.last
        by_boot = self.anchor_elapsed + max(0.0, newest.boot - self.anchor.boot)
        return max(0.0, by_wall, by_boot)

    def remaining(self, now: Reading) -> float | None:
        """Seconds left, at least 0; None when untimed."""
        if self.duration is None:
            return None
        return max(0.0, self.duration - self.elapsed(now))

    def expired(self, now: Reading) -> bool:
        return self.remaining(now) == 0.0

    def wall_deadline(self, now: Reading) -> float | None:
        """The wall clock's time, as it is set now, at which the time is up; None when untimed."""
        if self.duration is None:
            return None
        return now.wall + self.duration - self.elapsed(now)

    def observe(self, at: Reading) -> LockedClock:
        """The clock with one more recorded reading."""
        if at.boot_id == self.anchor.boot_id:
            # Not by `replace`, which takes twice as long: the review folds tens of thousands of events at once.
            return LockedClock(self.started, self.duration, self.anchor, self.anchor_elapsed, last=at)
        return replace(self, anchor=at, anchor_elapsed=self.elapsed(at), last=at)


def jump_between(before: Reading, after: Reading) -> float | None:
    """Seconds by which the wall clock was set (forward: positive), if over JUMP_SECONDS; across a reboot only back."""
    if before.boot_id == after.boot_id:
        moved = (after.wall - before.wall) - (after.boot - before.boot)
    else:
        moved = min(0.0, after.wall - before.wall)
    return moved if abs(moved) > JUMP_SECONDS else None
