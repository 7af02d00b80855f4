"""Where things lie on an axis, and which values are worth a label. Pure; positions are per cent of the plot."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from mockexam.text import formats

DAY = 86400.0
"""Seconds."""


@dataclass(frozen=True, slots=True)
class Tick:
    """A labelled place on an axis."""

    at: float
    """Per cent."""
    label: str


@dataclass(frozen=True, slots=True)
class Axis:
    """A stretch of numbers, drawn from left to right (or from the bottom up)."""

    low: float
    high: float

    def at(self, value: float) -> float:
        """Per cent from `low`; what lies outside is drawn on the border, in the middle if the stretch is empty."""
        if self.high <= self.low:
            return 50.0
        return round(100.0 * min(1.0, max(0.0, (value - self.low) / (self.high - self.low))), 2)

    def up(self, value: float) -> float:
        """Per cent from the top, for an axis that grows upwards."""
        return round(100.0 - self.at(value), 2)


def time_axis(first: float, last: float) -> Axis:
    """An axis over moments, four days at least, with a little room at both ends."""
    span = last - first
    room = max(0.03 * span, (4 * DAY - span) / 2)
    return Axis(first - room, last + room)


_STEPS: tuple[tuple[float, str, int], ...] = (
    (DAY, "day", 1), (2 * DAY, "day", 2), (7 * DAY, "day", 7), (14 * DAY, "day", 14),
    (30 * DAY, "month", 1), (61 * DAY, "month", 2), (91 * DAY, "month", 3), (183 * DAY, "month", 6),
    (365 * DAY, "year", 1), (730 * DAY, "year", 2), (1826 * DAY, "year", 5), (3652 * DAY, "year", 10),
)  # fmt: skip
_LABELS: dict[str, Callable[[float], str]] = {
    "day": formats.short_day,
    "month": formats.month,
    "year": lambda wall: str(formats.local(wall).year),
}


def date_ticks(axis: Axis, most: int = 6) -> tuple[Tick, ...]:
    """Round dates of the local calendar on this axis, `most` or one more."""
    span = axis.high - axis.low
    _, unit, count = next((step for step in _STEPS if span / step[0] <= most), _STEPS[-1])
    label = _LABELS[unit]
    return tuple(Tick(axis.at(wall), label(wall)) for wall in _moments(axis, unit, count))


def _moments(axis: Axis, unit: str, count: int) -> Iterator[float]:
    # Without a zone, so that midnight stays midnight over a change to summer time.
    moment = _floor(formats.local(axis.low).replace(tzinfo=None), unit, count)
    with suppress(OverflowError, OSError, ValueError):  # a broken clock reaches beyond the calendar
        while (wall := moment.timestamp()) <= axis.high:
            if wall >= axis.low:
                yield wall
            moment = _next(moment, unit, count)


def _floor(moment: datetime, unit: str, count: int) -> datetime:
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    if unit == "day":
        # Weeks start on Monday.
        return midnight - timedelta(days=midnight.weekday()) if count >= 7 else midnight
    if unit == "month":
        return midnight.replace(day=1, month=midnight.month - (midnight.month - 1) % count)
    return midnight.replace(day=1, month=1, year=max(1, midnight.year - midnight.year % count))


def _next(moment: datetime, unit: str, count: int) -> datetime:
    if unit == "day":
        return moment + timedelta(days=count)
    months = moment.year * 12 + moment.month - 1 + (count if unit == "month" else 12 * count)
    return moment.replace(year=months // 12, month=months % 12 + 1)


_ROUND_SECONDS = (10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1800.0, 3600.0, 7200.0, 14400.0, 28800.0, 86400.0)


def elapsed_ticks(axis: Axis, most: int = 6) -> tuple[Tick, ...]:
    """Round times of an attempt on this axis, in hours and minutes."""
    step = next((s for s in _ROUND_SECONDS if axis.high / s <= most), axis.high / most)
    times = [i * step for i in range(int(axis.high / step) + 1)] if step > 0 else [0.0]
    return tuple(Tick(axis.at(t), formats.at(t)[: -3 if step >= 60 else None]) for t in times)


def per_cent_ticks() -> tuple[Tick, ...]:
    """The ticks of an axis from 0 to 100 per cent."""
    return tuple(Tick(float(v), f"{v}") for v in (0, 20, 40, 60, 80, 100))


def mean_window(count: int) -> int:
    """Over how many of so many values a running mean is told: five, or a 25th so that it stays a line to read."""
    return max(5, count // 25)


def running_mean(values: Sequence[float], window: int) -> list[float]:
    """The mean of each value and those before it, `window` at the most."""
    means, total = [], 0.0
    for n, value in enumerate(values):
        total += value - (values[n - window] if n >= window else 0.0)
        means.append(total / min(n + 1, window))
    return means
