"""Hourly flow of a glacier stream and air temperature: each season has a way of its own to turn warmth into water."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
from scipy.signal import lfilter

HOURS_IN = 48
HOURS_OUT = 12
YEAR = 365 * 24
TRAIN_HOURS = 3 * YEAR
# The year after the record is lived through this often, each time with other weather.
STRETCHES = 80
WINDOWS_A_STRETCH = 300
TRAIN_WINDOWS = 4800
BURN_IN = YEAR


@dataclass(frozen=True)
class World:
    """One valley: its warmth, its snow, its ice and the size of its stream."""

    first_year: int
    mean_c: float
    swing_c: float
    size: float
    snow: float
    ice: float
    noon_h: float


def make_world(rng: np.random.Generator) -> World:
    """Draw a valley. Year and clock differ a lot; what makes a forecast hard differs little."""
    return World(
        first_year=int(rng.integers(2008, 2021)),
        mean_c=round(float(rng.uniform(0.95, 1.05)), 2),
        swing_c=round(float(rng.uniform(9.9, 10.1)), 2),
        size=round(float(rng.uniform(0.99, 1.01)), 3),
        snow=round(float(rng.uniform(0.99, 1.01)), 3),
        ice=round(float(rng.uniform(0.99, 1.01)), 3),
        noon_h=round(float(rng.uniform(12.0, 15.0)), 2),
    )


def _simulate(world: World, rng: np.random.Generator, count: int, times: int = 1) -> np.ndarray:
    """Rows (flow in m³/s, air in °C) for `count` hours from a 1 March on, lived through several times.

    The shape is (times, hours, 2). A year before these hours is lived through first.
    """
    hours = np.arange(BURN_IN + count, dtype=float)
    # 1 March is about 60 days into the year, and the year is warmest in late July.
    season = np.cos(2.0 * np.pi * (hours / 24.0 + 60.0 - 205.0) / 365.0)
    day = (3.0 + 1.5 * season) * np.cos(2.0 * np.pi * (hours - world.noon_h) / 24.0)
    spells = lfilter([1.0], [1.0, -0.985], rng.normal(0.0, 1.0, (times, len(hours))))
    spells = lfilter([0.25], [1.0, -0.75], spells) * 0.55
    air = world.mean_c + world.swing_c * season + day + spells
    warm = np.maximum(air, 0.0)
    # Bare ice is dark: it melts faster, and the more so the warmer it gets.
    bare = 0.035 * warm**1.8
    pack, melt_snow, melt_ice = np.zeros(times), np.empty(air.shape), np.empty(air.shape)
    for i in range(len(hours)):
        cover = np.minimum(pack / 400.0, 1.0)
        melt_snow[:, i] = np.minimum(0.22 * warm[:, i] * cover, pack)
        melt_ice[:, i] = bare[:, i] * (1.0 - cover)
        snowfall = np.where(air[:, i] < 0.5, 0.30 * world.snow, 0.0)
        pack = np.minimum(pack - melt_snow[:, i] + snowfall, 1200.0)
    # Snow holds its water back for most of a day; ice sheds it within hours.
    slow = lfilter([1.0 - np.exp(-1.0 / 14.0)], [1.0, -np.exp(-1.0 / 14.0)], np.roll(melt_snow, 5, axis=1))
    quick = lfilter([1.0 - np.exp(-1.0 / 3.0)], [1.0, -np.exp(-1.0 / 3.0)], np.roll(melt_ice, 2, axis=1))
    ground = lfilter([1.0 - np.exp(-1.0 / 600.0)], [1.0, -np.exp(-1.0 / 600.0)], slow + quick)
    flow = world.size * (0.3 + 2.4 * slow + 3.0 * world.ice * quick + 0.8 * ground)
    flow = flow * np.exp(rng.normal(0.0, 0.015, flow.shape))
    rows = np.stack([np.round(flow, 3), np.round(air + rng.normal(0.0, 0.2, air.shape), 1)], axis=2)
    return rows[:, BURN_IN:].astype(np.float32)


def write_train(world: World, rng: np.random.Generator, folder: Path, progress: Callable[[float], None]) -> None:
    """Write ford.csv: three years from 1 March on, an hour a row."""
    progress(0.0)
    start = datetime(world.first_year, 3, 1)
    lines = ["time,flow_m3s,air_c"]
    for i, (flow, air) in enumerate(_simulate(world, rng, TRAIN_HOURS)[0]):
        lines.append(f"{(start + timedelta(hours=i)).isoformat(sep=' ', timespec='minutes')},{flow:.3f},{air:.1f}")
        if i % 2000 == 0:
            progress(i / TRAIN_HOURS)
    (folder / "ford.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    progress(1.0)


def make_train(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Windows of the record, oldest first and spread evenly over it, cut as those of the hold-out."""
    starts = np.linspace(0, TRAIN_HOURS - HOURS_IN - HOURS_OUT, TRAIN_WINDOWS).astype(int)
    return _windows(_simulate(world, rng, TRAIN_HOURS)[0], starts)


def make_holdout(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Windows from whole years after the record: 48 hours of flow and air, and the next 12 flows."""
    stretches = []
    for table in _simulate(world, rng, YEAR, STRETCHES):
        starts = rng.choice(YEAR - HOURS_IN - HOURS_OUT + 1, WINDOWS_A_STRETCH, replace=False)
        stretches.append(_windows(table, starts))
    return np.concatenate([x for x, _ in stretches]), np.concatenate([y for _, y in stretches])


def _windows(table: np.ndarray, starts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cut windows of HOURS_IN rows of (flow, air), and the flows of the HOURS_OUT rows after each."""
    ends = starts + HOURS_IN
    features = np.stack([table[start:end] for start, end in zip(starts, ends, strict=True)])
    return features, np.stack([table[end : end + HOURS_OUT, 0] for end in ends])
