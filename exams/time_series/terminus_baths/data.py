"""Guests of a public bath beside a railway terminus: trains bring them and take them home again.

The timetable differs from day to day, and is known a day ahead. How many of the passengers want to bathe is not.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

HOURS_IN = 24
HOURS_OUT = 24
TRAIN_DAYS = 800
TRAIN_WINDOWS = 5000
# Each unseen stretch has weather of its own and gives a few windows: no single one decides a mark.
STRETCHES = 1200
STRETCH_DAYS = 14
WINDOWS_A_STRETCH = 10
BURN_IN_DAYS = 3
OPENS, CLOSES = 8, 22


@dataclass(frozen=True)
class World:
    """One bath: when its record begins, how many it holds, whom it draws and how long they stay."""

    start: str
    room: int
    share: float
    free: float
    peak_hour: float
    leave: float


def make_world(rng: np.random.Generator) -> World:
    """Draw a bath. Dates and sizes differ; what makes a forecast hard differs little."""
    return World(
        start=(datetime(2016, 1, 1) + timedelta(days=int(rng.integers(0, 1500)))).isoformat(timespec="minutes"),
        room=int(rng.integers(370, 391)),
        share=round(float(rng.uniform(0.099, 0.101)), 4),
        free=round(float(rng.uniform(2.17, 2.23)), 2),
        peak_hour=round(float(rng.uniform(14.7, 15.3)), 1),
        leave=round(float(rng.uniform(0.49, 0.51)), 3),
    )


def _stretches(world: World, rng: np.random.Generator, count: int, days: int, weekday: np.ndarray) -> np.ndarray:
    """Tables of (guests, seats, free day, hour), (count, hours, 4), that begin at midnight of the given weekdays."""
    days += BURN_IN_DAYS
    day = (weekday[:, None] - BURN_IN_DAYS + np.arange(days)) % 7
    free = (day >= 5) | (rng.random((count, days)) < 0.07)
    hours = np.tile(np.arange(24), days)
    free = np.repeat(free, 24, axis=1)

    # Trains: some days have many and some few, and now and then the line is closed for hours.
    rate = np.repeat(rng.uniform(0.3, 2.7, (count, days)), 24, axis=1)
    trains = rng.poisson(rate) * ((hours >= 6) & (hours <= 22))
    seats = 60.0 * rng.integers(2, 6, trains.shape) * np.minimum(trains, 4)
    first = rng.integers(7, 18, (count, days))
    last = first + rng.integers(3, 7, (count, days))
    closed = rng.random((count, days)) < 0.5
    first, last, closed = (np.repeat(x, 24, axis=1) for x in (first, last, closed))
    seats = np.where(closed & (hours >= first) & (hours < last), 0.0, seats)

    # The mood for bathing comes and goes within days.
    mood = np.empty(seats.shape)
    state = rng.normal(0.0, 1.0, count)
    keep = np.exp(-1.0 / 72.0)
    for i in range(mood.shape[1]):
        state = keep * state + np.sqrt(1.0 - keep**2) * rng.normal(0.0, 1.0, count)
        mood[:, i] = state
    taste = 0.4 + 0.8 * np.exp(-(((hours - world.peak_hour) / 4.5) ** 2))
    share = world.share * np.exp(0.5 * mood) * np.where(free, world.free, 1.0) * taste
    open_ = (hours > OPENS) & (hours < CLOSES)
    coming = rng.poisson(seats * share * rng.gamma(25.0, 1.0 / 25.0, seats.shape)) * open_

    # Guests go home with the trains: where none leaves, they stay.
    going = 0.04 + world.leave * (1.0 - np.exp(-seats / 400.0))
    guests, inside = np.empty(seats.shape), np.zeros(count)
    for i in range(guests.shape[1]):
        inside = np.minimum(inside - rng.binomial(inside.astype(int), going[:, i]) + coming[:, i], world.room)
        inside = inside * open_[i]
        guests[:, i] = inside
    rows = np.stack([guests, seats, free, np.broadcast_to(hours, seats.shape)], axis=2).astype(np.float32)
    return rows[:, 24 * BURN_IN_DAYS :]


def _record(world: World, rng: np.random.Generator) -> np.ndarray:
    """The candidate's record, (hours, 4)."""
    weekday = datetime.fromisoformat(world.start).weekday()
    return _stretches(world, rng, 1, TRAIN_DAYS, np.array([weekday]))[0]


def _windows(table: np.ndarray, starts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Two days of a table, in the second of which nobody knows the guests yet, and these guests."""
    length = HOURS_IN + HOURS_OUT
    windows = np.stack([table[start : start + length] for start in starts])
    targets = windows[:, HOURS_IN:, 0].copy()
    windows[:, HOURS_IN:, 0] = 0.0
    return windows, targets


def write_train(world: World, rng: np.random.Generator, folder: Path, progress: Callable[[float], None]) -> None:
    """Write baths.csv, an hour a row, oldest first."""
    progress(0.0)
    start = datetime.fromisoformat(world.start)
    lines = ["time,guests,seats,free_day"]
    for i, (guests, seats, free, _) in enumerate(_record(world, rng)):
        time = (start + timedelta(hours=i)).isoformat(sep=" ", timespec="minutes")
        lines.append(f"{time},{guests:.0f},{seats:.0f},{free:.0f}")
        if i % 500 == 0:
            progress(i / (24 * TRAIN_DAYS))
    (folder / "baths.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    progress(1.0)


def make_train(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Windows of the record, oldest first and spread evenly over it, cut as those of the hold-out."""
    table = _record(world, rng)
    return _windows(table, np.linspace(0, len(table) - HOURS_IN - HOURS_OUT, TRAIN_WINDOWS).astype(int))


def make_holdout(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Windows of many other stretches of two weeks."""
    features, targets = [], []
    for table in _stretches(world, rng, STRETCHES, STRETCH_DAYS, rng.integers(0, 7, STRETCHES)):
        count = len(table) - HOURS_IN - HOURS_OUT + 1
        x, y = _windows(table, rng.choice(count, WINDOWS_A_STRETCH, replace=False))
        features.append(x)
        targets.append(y)
    return np.concatenate(features), np.concatenate(targets)
