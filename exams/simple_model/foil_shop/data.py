"""Foils of 20 metals and other solids: how thick a foil must be to hold back half of an X-ray."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

TRAIN_ROWS = 2_000
HOLDOUT_ROWS = 4_000
ERROR = 0.03  # of a thickness, as a share of it
LEAST, MOST = 12.0, 80.0  # what the dial of an X-ray source can be set to, in keV
COLUMNS = "number,density,dial_kev,half_mm"


@dataclass(frozen=True)
class World:
    """One shop's instruments: both are wrong by a fixed factor."""

    dial: float  # keV of the ray for each keV on the dial
    gauge: float  # mm on the gauge for each mm of the foil


def make_world(rng: np.random.Generator) -> World:
    """Draw both factors, each as far off as in every other shop."""
    side = (-1.0, 1.0)[int(rng.integers(2))]
    dial, gauge = 1.0 + side * rng.uniform(0.06, 0.08, 2)
    return World(dial=round(float(dial), 3), gauge=round(float(gauge), 3))


def half_thickness(world: World, elements: np.ndarray, dial: np.ndarray) -> np.ndarray:
    """Return, in mm on the gauge, how much of an element holds back half of the ray."""
    rows = np.loadtxt(Path(__file__).with_name("foils.csv"), delimiter=",", skiprows=1)
    density, held = rows[elements, 1], np.log(rows[elements, 2:])
    # The published energies are evenly spaced in their logarithm, from 10 to 100 keV.
    place = np.log10(world.dial * dial / 10.0) * (held.shape[1] - 1)
    left = np.clip(place.astype(int), 0, held.shape[1] - 2)
    row = np.arange(len(held))
    per_cm = density * np.exp(held[row, left] + (place - left) * (held[row, left + 1] - held[row, left]))
    return world.gauge * 10.0 * np.log(2.0) / per_cm


def _tests(world: World, rng: np.random.Generator, rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Test foils: number, density and dial (rows, 3), and the thickness that halves the ray (rows,)."""
    table = np.loadtxt(Path(__file__).with_name("foils.csv"), delimiter=",", skiprows=1)
    elements = rng.integers(0, len(table), rows)
    dial = np.round(np.exp(rng.uniform(np.log(LEAST), np.log(MOST), rows)), 1)
    error = 1.0 + ERROR * np.clip(rng.normal(size=rows), -3, 3)
    half = half_thickness(world, elements, dial) * error
    half = np.array([float(f"{one:.3g}") for one in half])  # three digits are noted
    return np.column_stack([table[elements, 0], np.round(table[elements, 1], 2), dial]).astype(np.float32), half


def write_train(world: World, rng: np.random.Generator, folder: Path, progress: Callable[[float], None]) -> None:
    """Write foils.csv, one row a test."""
    tests, half = make_train(world, rng)
    progress(0.5)
    lines = [
        f"{number:.0f},{density:.2f},{dial:.1f},{thick:g}"
        for (number, density, dial), thick in zip(tests, half, strict=True)
    ]
    (folder / "foils.csv").write_text("\n".join([COLUMNS, *lines]) + "\n", encoding="utf-8")
    progress(1.0)


def make_train(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """The tests of foils.csv: features (n, 3) float32, labels (n,)."""
    return _tests(world, rng, TRAIN_ROWS)


def make_holdout(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Unseen tests of the same shop."""
    return _tests(world, rng, HOLDOUT_ROWS)
