"""Hourly heat drawn by seven buildings on one pipe: the same weather, but other sizes, walls and habits."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
from scipy.signal import lfilter

BUILDINGS = ("hospital", "school", "pool", "town_hall", "bakery", "church", "kiosk")
HOURS = 24
TRAIN_HOURS = 2 * 365 * 24
LATER_HOURS = 365 * 24
# The later year is lived through this often, each time with other weather: no single cold spell decides a mark.
STRETCHES = 12
WINDOWS_A_STRETCH = 200
TRAIN_WINDOWS = 4800
BURN_IN = 30 * 24

# Mean load in kW; hours that the walls take to follow the weather; warmest weather that is still heated for, in °C.
SIZE_KW = np.array([2400.0, 640.0, 1100.0, 260.0, 85.0, 150.0, 9.0])
WALLS_H = np.array([14.0, 7.0, 4.0, 10.0, 3.0, 24.0, 1.5])
LIMIT_C = np.array([20.0, 17.0, 24.0, 17.0, 15.0, 14.0, 18.0])
# Share of the load that needs no cold weather: hot water, ovens, the pool.
ALWAYS = np.array([0.45, 0.15, 0.55, 0.15, 0.6, 0.12, 0.2])


@dataclass(frozen=True)
class World:
    """One town: its climate, the sizes of its buildings and the hours that they keep."""

    start: str
    mean_c: float
    sizes_kw: tuple[float, ...]
    shifts_h: tuple[float, ...]


def make_world(rng: np.random.Generator) -> World:
    """Draw a town. Sizes, dates and opening hours differ; what makes a forecast hard differs little."""
    start = datetime(2019, 1, 1) + timedelta(days=int(rng.integers(0, 900)))
    return World(
        start=start.isoformat(timespec="minutes"),
        mean_c=round(float(rng.uniform(6.8, 7.2)), 2),
        sizes_kw=tuple(float(f"{kw:.3g}") for kw in SIZE_KW * rng.uniform(0.7, 1.4, 7)),
        shifts_h=tuple(round(float(h), 2) for h in rng.uniform(-1.0, 1.0, 7)),
    )


def _habits(world: World) -> np.ndarray:
    """How hard each building heats at each hour of the day: 1 is enough to stay warm."""
    hour = np.arange(24.0)[:, None] - np.array(world.shifts_h)

    def bump(centre: float, width: float) -> np.ndarray:
        away = (hour - centre + 12.0) % 24.0 - 12.0
        return np.exp(-0.5 * (away / width) ** 2)

    morning, day, evening, night = bump(6.5, 1.2), bump(12.5, 3.5), bump(19.0, 1.8), bump(2.5, 2.2)
    shares = np.array([  # one row a building: morning, day, evening, night
        [0.35, 0.20, 0.25, -0.15],
        [1.60, 0.70, -0.40, -0.55],
        [0.50, 0.40, 0.70, -0.45],
        [1.20, 0.60, -0.35, -0.50],
        [0.20, -0.20, -0.55, 1.40],
        [0.10, -0.20, 1.30, -0.30],
        [0.80, 0.60, 0.90, -0.65],
    ])  # fmt: skip
    shapes = (morning, day, evening, night)
    return 1.0 + sum(shape * shares[:, i] for i, shape in enumerate(shapes))


def _simulate(world: World, rng: np.random.Generator, first_hour: int, count: int) -> np.ndarray:
    """Load in kW of the seven buildings, (count, 7), from an hour counted from the start of the record."""
    hours = np.arange(first_hour - BURN_IN, first_hour + count)
    # The year is coldest about 20 days after it begins.
    since_coldest = hours + 24.0 * (datetime.fromisoformat(world.start).timetuple().tm_yday - 20)
    year = -8.0 * np.cos(2.0 * np.pi * since_coldest / 8766.0)
    day = -3.0 * np.cos(2.0 * np.pi * (hours - 3.0) / 24.0)
    # Cold and mild spells follow each other in about five days, and one can see them coming.
    turn = 2.0 * np.pi / 120.0
    damp = np.exp(-1.0 / 150.0)
    spells = lfilter([1.0], [1.0, -2.0 * damp * np.cos(turn), damp**2], rng.normal(0.0, 1.0, len(hours)))
    spells *= 4.0 / 116.0
    outside = world.mean_c + year + day + spells
    habits = _habits(world)[hours % 24]
    loads = np.empty((len(hours), 7))
    for i in range(7):
        keep = np.exp(-1.0 / WALLS_H[i])
        felt = lfilter([1.0 - keep], [1.0, -keep], outside - world.mean_c) + world.mean_c
        cold = np.maximum(LIMIT_C[i] - felt, 0.0) / (LIMIT_C[i] - world.mean_c)
        loads[:, i] = world.sizes_kw[i] * habits[:, i] * (ALWAYS[i] + (1.0 - ALWAYS[i]) * cold)
    loads *= np.exp(rng.normal(0.0, 0.02, loads.shape))
    return loads[BURN_IN:].astype(np.float32)


def _record(world: World, rng: np.random.Generator) -> np.ndarray:
    """The candidate's two years, rounded as the meters round."""
    return np.round(_simulate(world, rng, 0, TRAIN_HOURS), 2)


def write_train(world: World, rng: np.random.Generator, folder: Path, progress: Callable[[float], None]) -> None:
    """Write heat.csv: two years, an hour a row, a column a building."""
    progress(0.0)
    start = datetime.fromisoformat(world.start)
    lines = [",".join(("time", *BUILDINGS))]
    for i, row in enumerate(_record(world, rng)):
        time = (start + timedelta(hours=i)).isoformat(sep=" ", timespec="minutes")
        lines.append(",".join((time, *(f"{load:.2f}" for load in row))))
        if i % 1000 == 0:
            progress(i / TRAIN_HOURS)
    (folder / "heat.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    progress(1.0)


def make_train(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Windows of the record, oldest first and spread evenly over it, cut as those of the hold-out."""
    starts = np.linspace(0, TRAIN_HOURS - 2 * HOURS, TRAIN_WINDOWS).astype(int)
    return _windows(_record(world, rng), starts)


def make_holdout(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Windows from the year after the record: 24 hours of seven loads, and the next 24 hours of them."""
    stretches = []
    for _ in range(STRETCHES):
        table = np.round(_simulate(world, rng, TRAIN_HOURS, LATER_HOURS), 2)
        starts = rng.choice(LATER_HOURS - 2 * HOURS + 1, WINDOWS_A_STRETCH, replace=False)
        stretches.append(_windows(table, starts))
    return np.concatenate([x for x, _ in stretches]), np.concatenate([y for _, y in stretches])


def _windows(table: np.ndarray, starts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cut windows of 24 rows, and the 24 rows after each."""
    features = np.stack([table[start : start + HOURS] for start in starts])
    return features, np.stack([table[start + HOURS : start + 2 * HOURS] for start in starts])
