"""Hourly levels of water tanks: people draw water all day, and a pump fills the tank between two marks.

Every gauge has a zero and a height of its own. The record has low and small tanks, the unseen are high and large.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

HOURS_IN = 48
HOURS_OUT = 12
TANKS = 30
TRAIN_DAYS = 60
TRAIN_WINDOWS = 4800
# Each unseen tank gives a few windows of two weeks: no single tank decides a mark.
UNSEEN_TANKS = 1600
UNSEEN_DAYS = 14
WINDOWS_A_TANK = 10
BURN_IN = 72
STEPS = 4  # of the pump, an hour


@dataclass(frozen=True)
class World:
    """One district: when its record begins, where its gauges have their zero, and how it draws water."""

    start: str
    low_zero_cm: float
    high_zero_cm: float
    busy_hour: float
    draw: float
    pump: float


def make_world(rng: np.random.Generator) -> World:
    """Draw a district. Dates, zeros and hours differ; what makes a forecast hard differs little."""
    return World(
        start=(datetime(2018, 1, 1) + timedelta(days=int(rng.integers(0, 1500)))).isoformat(timespec="minutes"),
        low_zero_cm=round(float(rng.uniform(140.0, 160.0)), 1),
        high_zero_cm=round(float(rng.uniform(1490.0, 1510.0)), 1),
        busy_hour=round(float(rng.uniform(0.0, 24.0)), 1),
        draw=round(float(rng.uniform(0.99, 1.01)), 3),
        pump=round(float(rng.uniform(0.99, 1.01)), 3),
    )


def _tanks(world: World, rng: np.random.Generator, count: int, hours: int, *, unseen: bool) -> np.ndarray:
    """Levels in cm, (tanks, hours)."""
    drawn_an_hour = world.draw * rng.uniform(0.07, 0.13, count)
    pumped_an_hour = world.pump * rng.uniform(0.2, 0.4, count)
    busy = world.busy_hour + rng.uniform(0.0, 24.0, count)
    total = BURN_IN + hours
    demand = rng.gamma(16.0, 1.0 / 16.0, (total, count))
    # 0 is the mark at which the pump starts, 1 the mark at which it stops.
    fill, on = rng.uniform(0.0, 1.0, count), np.zeros(count, dtype=bool)
    filled = np.empty((total, count))
    for i in range(total):
        drawn = drawn_an_hour * (1.0 + 0.5 * np.sin(2.0 * np.pi * (i - busy) / 24.0)) * demand[i]
        for _ in range(STEPS):
            on = (fill < 0.0) | (on & (fill <= 1.0))
            fill = fill + (pumped_an_hour * on - drawn) / STEPS
        filled[i] = fill
    zero = world.high_zero_cm if unseen else world.low_zero_cm
    zero, height = zero + rng.uniform(0.0, 200.0, count), rng.uniform(80.0, 120.0, count) * (4.0 if unseen else 1.0)
    shaken = filled[BURN_IN:] + rng.normal(0.0, 0.01, (hours, count))
    return np.round(zero + height * shaken, 1).T


def _record(world: World, rng: np.random.Generator) -> np.ndarray:
    """The candidate's tanks, (tanks, hours)."""
    return _tanks(world, rng, TANKS, 24 * TRAIN_DAYS, unseen=False)


def _windows(level: np.ndarray, starts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """48 hours of one tank, and its 12 hours after them."""
    window = np.lib.stride_tricks.sliding_window_view(level, HOURS_IN + HOURS_OUT)[starts].astype(np.float32)
    return window[:, :HOURS_IN, None].copy(), window[:, HOURS_IN:].copy()


def _plot(levels: np.ndarray, path: Path) -> None:
    """Four tanks, five days."""
    hours, width, height, left = 120, 780, 330, 50
    low, high = np.floor(levels[:4, :hours].min()), np.ceil(levels[:4, :hours].max())

    def spot(hour: float, value: float) -> tuple[float, float]:
        return left + hour * 5.8, 20 + (high - value) / (high - low) * (height - 60)

    image = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(image)
    for day in range(6):
        draw.line([spot(24 * day, low), spot(24 * day, high)], fill="#dddddd")
        draw.text((spot(24 * day, low)[0] - 8, height - 32), f"{24 * day} h", fill="black")
    for value in (low, high):
        draw.text((4, spot(0, value)[1] - 6), f"{value:.0f} cm", fill="black")
    for tank, colour in enumerate(("black", "#2060c0", "#c03020", "#208040")):
        draw.line([spot(i, v) for i, v in enumerate(levels[tank, :hours])], fill=colour, width=2)
    draw.text((left, 4), "black: tank 1   blue: tank 2   red: tank 3   green: tank 4", fill="black")
    image.save(path)


def write_train(world: World, rng: np.random.Generator, folder: Path, progress: Callable[[float], None]) -> None:
    """Write tanks.csv, tank after tank, an hour a row, and plot.png."""
    progress(0.0)
    levels = _record(world, rng)
    start = datetime.fromisoformat(world.start)
    times = [(start + timedelta(hours=i)).isoformat(sep=" ", timespec="minutes") for i in range(levels.shape[1])]
    lines = ["tank,time,level_cm"]
    for tank, level in enumerate(levels):
        lines += [f"{tank + 1},{time},{value:.1f}" for time, value in zip(times, level, strict=True)]
        progress((tank + 1) / len(levels) * 0.9)
    (folder / "tanks.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    _plot(levels, folder / "plot.png")
    progress(1.0)


def make_train(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Windows of every tank of the record, spread evenly over its days, cut as those of the hold-out."""
    levels = _record(world, rng)
    starts = np.linspace(0, levels.shape[1] - HOURS_IN - HOURS_OUT, TRAIN_WINDOWS // TANKS).astype(int)
    tanks = [_windows(level, starts) for level in levels]
    return np.concatenate([x for x, _ in tanks]), np.concatenate([y for _, y in tanks])


def make_holdout(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Windows of unseen tanks, which stand higher and are larger than those of the record."""
    levels = _tanks(world, rng, UNSEEN_TANKS, 24 * UNSEEN_DAYS, unseen=True)
    count = levels.shape[1] - HOURS_IN - HOURS_OUT + 1
    tanks = [_windows(level, rng.choice(count, WINDOWS_A_TANK, replace=False)) for level in levels]
    return np.concatenate([x for x, _ in tanks]), np.concatenate([y for _, y in tanks])
