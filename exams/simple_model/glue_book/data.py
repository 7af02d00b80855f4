"""A logger that counts minutes: usual temperatures of a harbour, and moments at which something was glued."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

TRAIN_ROWS = 1_000
HOLDOUT_ROWS = 4_000
YEAR = 365 * 24 * 60  # minutes
ERROR = 0.6  # standard deviation of a reading in °C
COLUMNS = "minute,air_c"


@dataclass(frozen=True)
class World:
    """One logger: when in the year it was switched on, and how its readings differ from what is usual."""

    start: int  # minutes after midnight of New Year
    factor: float
    offset: float


def make_world(rng: np.random.Generator) -> World:
    """Draw the logger."""
    return World(
        start=int(rng.integers(0, YEAR)),
        factor=round(float(rng.uniform(0.97, 1.03)), 3),
        offset=round(float(rng.uniform(-2.0, 2.0)), 2),
    )


def usual(minutes: np.ndarray) -> np.ndarray:
    """Return the usual temperature in °C, this many minutes after a New Year."""
    hourly = np.loadtxt(Path(__file__).with_name("normals.csv"), delimiter=",").ravel()
    hour, minute = np.divmod(minutes % YEAR, 60)
    return hourly[hour] + minute / 60.0 * (hourly[(hour + 1) % len(hourly)] - hourly[hour])


def _moments(world: World, rng: np.random.Generator, rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw moments of two years: the counter (rows, 1), and what the logger reads (rows,)."""
    minutes = rng.choice(2 * YEAR, rows, replace=False)
    air = world.offset + world.factor * usual(minutes + world.start)
    air += ERROR * np.clip(rng.normal(size=rows), -3, 3)
    return minutes[:, None].astype(np.float32), np.round(air, 1)


def write_train(world: World, rng: np.random.Generator, folder: Path, progress: Callable[[float], None]) -> None:
    """Write logger.csv, one row a reading, in the order of time."""
    minutes, air = make_train(world, rng)
    progress(0.5)
    lines = [f"{minute:.0f},{degrees:.1f}" for (minute,), degrees in zip(minutes, air, strict=True)]
    (folder / "logger.csv").write_text("\n".join([COLUMNS, *lines]) + "\n", encoding="utf-8")
    progress(1.0)


def make_train(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """The readings of logger.csv: features (n, 1) float32, labels (n,)."""
    minutes, air = _moments(world, rng, TRAIN_ROWS)
    order = np.argsort(minutes[:, 0])
    return minutes[order], air[order]


def make_holdout(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Other moments of the same two years."""
    return _moments(world, rng, HOLDOUT_ROWS)
