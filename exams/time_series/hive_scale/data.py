"""Hourly weight of a beehive: bees that leave and come home, nectar that dries, and goats that lean on the scale."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
from scipy.signal import lfilter

HOURS_IN = 48
HOURS_OUT = 12
TRAIN_DAYS = 400
LATER_DAYS = 200
# The later days are lived through this often, each time with other weather: no single spell decides a mark.
STRETCHES = 20
WINDOWS_A_STRETCH = 200
BURN_IN_DAYS = 60


@dataclass(frozen=True)
class World:
    """One hive: its weight, how many bees fly, when their day begins, and how its goats behave."""

    start: str
    stores_kg: float
    bees_kg: float
    nectar_kg: float
    first_flight_h: float
    bloom_phase: float
    goat_kg: float
    goat_share: float


def make_world(rng: np.random.Generator) -> World:
    """Draw a hive. Weights, dates and hours differ a lot; what makes a forecast hard differs little."""
    start = datetime(2020, 1, 1) + timedelta(days=int(rng.integers(0, 700)))
    return World(
        start=start.isoformat(timespec="minutes"),
        stores_kg=round(float(rng.uniform(50.0, 66.0)), 1),
        bees_kg=round(float(rng.uniform(1.45, 1.55)), 3),
        nectar_kg=round(float(rng.uniform(5.4, 5.6)), 3),
        first_flight_h=round(float(rng.uniform(6.0, 9.0)), 2),
        bloom_phase=round(float(rng.uniform(0.0, 2.0 * np.pi)), 3),
        goat_kg=round(float(rng.uniform(10.9, 11.1)), 2),
        goat_share=round(float(rng.uniform(0.0595, 0.0605)), 4),
    )


def _simulate(world: World, rng: np.random.Generator, days: int) -> np.ndarray:
    """Weight in kg of the hive alone, hour by hour."""
    total = BURN_IN_DAYS + days
    # How good a day is for flying, 0 to 1; good days come in spells.
    weather = lfilter([1.0], [1.0, -0.75], rng.normal(0.0, 1.0, total))
    good = 1.0 / (1.0 + np.exp(-1.3 * weather))
    clock = np.arange(24.0)
    length = 10.5
    day = np.clip((clock + 0.5 - world.first_flight_h) / length, 0.0, 1.0)
    out = np.sin(np.pi * day) ** 0.7
    gathered = day - np.sin(2.0 * np.pi * day) / (2.0 * np.pi)
    stores, wet = world.stores_kg, 0.0
    weight = np.empty((total, 24))
    for i in range(total):
        # Fresh nectar is mostly water, and most of it dries off within a day.
        drying = wet * np.exp(-np.arange(24.0) / 14.0)
        bloom = 1.0 + 0.85 * np.sin(2.0 * np.pi * i / 40.0 + world.bloom_phase)
        brought = world.nectar_kg * good[i] * bloom
        eaten = (0.85 + 0.05 * (stores - world.stores_kg)) * clock / 24.0
        weight[i] = stores + drying + brought * gathered - eaten - 1.6 * world.bees_kg * good[i] * out
        left = drying[-1] * np.exp(-1.0 / 14.0)
        stores += 0.38 * brought - eaten[-1] * 24.0 / 23.0
        wet = left + 0.62 * brought
    rows = weight[BURN_IN_DAYS:].ravel()
    return rows + rng.normal(0.0, 0.08, len(rows))


def _goats(world: World, rng: np.random.Generator, hours: int) -> np.ndarray:
    """What goats add to the reading in each hour, in kg."""
    load = np.zeros(hours)
    visits = round(hours * world.goat_share / 1.75)
    for i in rng.choice(hours, visits, replace=False):
        length = int(rng.choice([1, 2, 3], p=[0.45, 0.35, 0.2]))
        load[i : i + length] = world.goat_kg * rng.gamma(4.0, 0.25, length)[: hours - i]
    return load


def _record(world: World, rng: np.random.Generator) -> np.ndarray:
    """The candidate's record, goats and all."""
    weight = _simulate(world, rng, TRAIN_DAYS)
    return np.round(weight + _goats(world, rng, len(weight)), 2).astype(np.float32)


def write_train(world: World, rng: np.random.Generator, folder: Path, progress: Callable[[float], None]) -> None:
    """Write hive.csv, an hour a row."""
    progress(0.0)
    start = datetime.fromisoformat(world.start)
    lines = ["time,weight_kg"]
    for i, weight in enumerate(_record(world, rng)):
        lines.append(f"{(start + timedelta(hours=i)).isoformat(sep=' ', timespec='minutes')},{weight:.2f}")
        if i % 1000 == 0:
            progress(i / (24 * TRAIN_DAYS))
    (folder / "hive.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    progress(1.0)


def make_train(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Every window of the record, oldest first, cut as those of the hold-out; goats are in it."""
    series = _record(world, rng)
    return _windows(series, np.arange(len(series) - HOURS_IN - HOURS_OUT + 1))


def make_holdout(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Windows from the time after the record, without goats: 48 hours of weight, and the next 12."""
    stretches = []
    for _ in range(STRETCHES):
        series = np.round(_simulate(world, rng, LATER_DAYS), 2).astype(np.float32)
        starts = rng.choice(len(series) - HOURS_IN - HOURS_OUT + 1, WINDOWS_A_STRETCH, replace=False)
        stretches.append(_windows(series, starts))
    return np.concatenate([x for x, _ in stretches]), np.concatenate([y for _, y in stretches])


def _windows(series: np.ndarray, starts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cut windows of HOURS_IN weights, and the HOURS_OUT weights after each."""
    window = np.lib.stride_tricks.sliding_window_view(series, HOURS_IN + HOURS_OUT)[starts]
    return window[:, :HOURS_IN, None].copy(), window[:, HOURS_IN:].copy()
