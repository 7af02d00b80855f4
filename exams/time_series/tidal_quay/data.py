"""Hourly water level at a quay in a river mouth: tides, a slow trend, and floods from rain in the hills."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
from scipy.signal import fftconvolve, lfilter

HOURS_IN = 72
HOURS_OUT = 12
TRAIN_HOURS = 3 * 365 * 24
LATER_HOURS = 2 * 365 * 24
# The later years are lived through this often, each time with other weather: no single flood decides a mark.
STRETCHES = 12
WINDOWS_A_STRETCH = 400
# Windows of the record that a diagnosis compares with, spread evenly over the three years.
TRAIN_WINDOWS = 4800
BURN_IN = 60 * 24


@dataclass(frozen=True)
class World:
    """One harbour: its mean level and trend, its tide, and how its river answers rain."""

    start: str
    base_cm: float
    trend_cm_a_year: float
    tide_cm: float
    tide_phase: float
    spring_phase: float
    year_phase: float
    flood_lag_h: float
    storm_rate: float


def make_world(rng: np.random.Generator) -> World:
    """Draw a harbour. Levels, dates and phases differ a lot; what makes a forecast hard differs little."""
    start = datetime(2019, 1, 1) + timedelta(days=int(rng.integers(0, 365)))
    return World(
        start=start.isoformat(timespec="minutes"),
        base_cm=round(float(rng.uniform(380.0, 620.0)), 1),
        trend_cm_a_year=round(float(rng.uniform(3.0, 6.0)) * float(rng.choice([-1.0, 1.0])), 2),
        tide_cm=round(float(rng.uniform(87.0, 93.0)), 1),
        tide_phase=round(float(rng.uniform(0.0, 2.0 * np.pi)), 3),
        spring_phase=round(float(rng.uniform(0.0, 2.0 * np.pi)), 3),
        year_phase=round(float(rng.uniform(0.0, 2.0 * np.pi)), 3),
        flood_lag_h=round(float(rng.uniform(13.0, 14.0)), 2),
        storm_rate=round(float(rng.uniform(0.0125, 0.0135)), 5),
    )


def _rain(world: World, rng: np.random.Generator, hours: np.ndarray) -> np.ndarray:
    """Millimetres of rain in the hills in each hour: storms of some hours, more of them in the wet season."""
    season = 1.0 + 0.3 * np.sin(2.0 * np.pi * hours / 8766.0 + world.year_phase)
    rain = np.zeros(len(hours))
    for i in np.flatnonzero(rng.random(len(hours)) < world.storm_rate * season):
        length = int(rng.integers(3, 13))
        shape = np.sin(np.pi * (np.arange(length) + 0.5) / length) * rng.gamma(4.0, 0.25, length)
        storm = float(rng.gamma(2.5, 1.6)) * shape
        rain[i : i + length] += storm[: len(rain) - i]
    return np.round(rain, 1)


def _simulate(world: World, rng: np.random.Generator, first_hour: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Level (cm) and rain (mm) for `count` hours from `first_hour`, counted from the start of the record."""
    hours = np.arange(first_hour - BURN_IN, first_hour + count, dtype=float)
    rain = _rain(world, rng, hours)
    # Dry ground drinks most of the rain, wet ground passes it on.
    wetness = lfilter([1.0], [1.0, -np.exp(-1.0 / 48.0)], rain)
    running_off = rain * (0.15 + 0.85 * wetness / (wetness + 25.0))
    # The flood wave: nothing for some hours, then a quick rise and a slow fall.
    delay = np.maximum(np.arange(120, dtype=float) - world.flood_lag_h + 6.0, 0.0)
    wave = delay**2 * np.exp(-delay / 5.0)
    flood = 10.0 * fftconvolve(running_off, wave / wave.sum() * 10.0)[: len(rain)]
    spring = 1.0 + 0.3 * np.cos(2.0 * np.pi * hours / 354.4 + world.spring_phase)
    angle = 2.0 * np.pi * hours / 12.42 + world.tide_phase
    tide = world.tide_cm * spring * (np.cos(angle) + 0.18 * np.cos(2.0 * angle + 0.7))
    # A river in flood holds the tide back.
    tide = tide / (1.0 + flood / 80.0)
    year = 18.0 * np.sin(2.0 * np.pi * hours / 8766.0 + world.year_phase + 0.6)
    wind = lfilter([1.0], [1.0, -0.93], rng.normal(0.0, 1.6, len(hours)))
    level = world.base_cm + world.trend_cm_a_year * hours / 8766.0 + year + tide + flood + wind
    level += rng.normal(0.0, 1.5, len(hours))
    return np.round(level[BURN_IN:], 1), rain[BURN_IN:]


def _gaps(rng: np.random.Generator, count: int) -> np.ndarray:
    """Hours in which the level gauge was silent."""
    silent = np.zeros(count, dtype=bool)
    for start in rng.integers(200, count - 200, 40):
        silent[start : start + int(rng.choice([1, 2, 3, 6, 18, 40]))] = True
    return silent


def _record(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """The candidate's three years: the level, NaN where the gauge was silent, and the rain."""
    level, rain = _simulate(world, rng, 0, TRAIN_HOURS)
    return np.where(_gaps(rng, TRAIN_HOURS), np.nan, level), rain


def write_train(world: World, rng: np.random.Generator, folder: Path, progress: Callable[[float], None]) -> None:
    """Write quay.csv: three years, an hour a row; the level is empty where the gauge was silent."""
    progress(0.0)
    level, rain = _record(world, rng)
    start = datetime.fromisoformat(world.start)
    lines = ["time,level_cm,rain_mm"]
    for i in range(TRAIN_HOURS):
        value = "" if np.isnan(level[i]) else f"{level[i]:.1f}"
        time = (start + timedelta(hours=i)).isoformat(sep=" ", timespec="minutes")
        lines.append(f"{time},{value},{rain[i]:.1f}")
        if i % 2000 == 0:
            progress(i / TRAIN_HOURS)
    (folder / "quay.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    progress(1.0)


def make_train(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Windows of the record in which the gauge was never silent, oldest first, cut as those of the hold-out."""
    table = np.stack(_record(world, rng), axis=1).astype(np.float32)
    starts = np.arange(TRAIN_HOURS - HOURS_IN - HOURS_OUT + 1)
    silent = np.concatenate([[0], np.cumsum(np.isnan(table[:, 0]))])
    whole = starts[silent[starts + HOURS_IN + HOURS_OUT] == silent[starts]]
    chosen = whole[np.linspace(0, len(whole) - 1, TRAIN_WINDOWS).astype(int)]
    return _windows(table, chosen)


def make_holdout(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Windows from the two years after the record: 72 hours of level and rain, and the next 12 levels."""
    stretches = []
    for _ in range(STRETCHES):
        table = np.stack(_simulate(world, rng, TRAIN_HOURS, LATER_HOURS), axis=1).astype(np.float32)
        starts = rng.choice(LATER_HOURS - HOURS_IN - HOURS_OUT + 1, WINDOWS_A_STRETCH, replace=False)
        stretches.append(_windows(table, starts))
    return np.concatenate([x for x, _ in stretches]), np.concatenate([y for _, y in stretches])


def _windows(table: np.ndarray, starts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cut windows of HOURS_IN rows of (level, rain), and the levels of the HOURS_OUT rows after each."""
    ends = starts + HOURS_IN
    features = np.stack([table[start:end] for start, end in zip(starts, ends, strict=True)])
    return features, np.stack([table[end : end + HOURS_OUT, 0] for end in ends])
