"""Data of the kettle: minutes grow with the litres, give or take a few seconds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

SAMPLES = 800
UNSEEN = 400


@dataclass(frozen=True)
class World:
    """One kettle."""

    minutes_a_litre: float
    minutes_to_warm_up: float


def make_world(rng: np.random.Generator) -> World:
    """Draw a kettle."""
    return World(minutes_a_litre=rng.uniform(2.4, 2.6), minutes_to_warm_up=rng.uniform(0.65, 0.75))


def write_train(world: World, rng: np.random.Generator, folder: Path, progress: Callable[[float], None]) -> None:
    """Write `boils.csv`."""
    litres, minutes = _boils(world, rng, SAMPLES)
    rows = np.column_stack([litres, minutes])
    np.savetxt(folder / "boils.csv", rows, delimiter=",", fmt="%.4f", header="litres,minutes", comments="")
    progress(1.0)


def make_train(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Litres (800, 1) and minutes (800, 1), as written."""
    return _boils(world, rng, SAMPLES)


def make_holdout(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Litres (400, 1) and minutes (400, 1)."""
    return _boils(world, rng, UNSEEN)


def _boils(world: World, rng: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    litres = rng.uniform(0.3, 1.8, (count, 1))
    minutes = world.minutes_to_warm_up + world.minutes_a_litre * litres + rng.normal(0, 0.05, (count, 1))
    return litres.astype(np.float32), minutes.astype(np.float32)
