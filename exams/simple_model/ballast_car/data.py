"""A railway driven by water: the litres that balance a car, from the number of passengers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

TRAIN_ROWS = 30
FEWEST, MOST = 2, 40  # passengers on the trial rides
SEATS = 50
HOLDOUT_ROWS = 4_000
NOISE_L = 60.0


@dataclass(frozen=True)
class World:
    """One railway: the water for the empty car, and for each passenger."""

    empty_l: float
    passenger_l: float


def make_world(rng: np.random.Generator) -> World:
    """Draw a railway."""
    return World(
        empty_l=round(float(rng.uniform(1_300.0, 1_600.0)), 0),
        passenger_l=round(float(rng.uniform(74.0, 86.0)), 1),
    )


def ride(world: World, rng: np.random.Generator, passengers: np.ndarray) -> np.ndarray:
    """Return the litres that each ride took, to the litre."""
    noise = rng.normal(0.0, NOISE_L, len(passengers))
    return np.round(world.empty_l + world.passenger_l * passengers + noise)


def _trials(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Make the trial rides. The passengers are spread evenly, so no paper gets a poorer set of them."""
    passengers = rng.permutation(np.round(np.linspace(FEWEST, MOST, TRAIN_ROWS)))
    return passengers, ride(world, rng, passengers)


def write_train(world: World, rng: np.random.Generator, folder: Path, progress: Callable[[float], None]) -> None:
    """Write rides.csv, one row a ride."""
    passengers, litres = _trials(world, rng)
    lines = [f"{people:.0f},{water:.0f}" for people, water in zip(passengers, litres, strict=True)]
    (folder / "rides.csv").write_text("\n".join(["passengers,litres", *lines]) + "\n", encoding="utf-8")
    progress(1.0)


def make_train(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Make the rides of rides.csv, as the marker feeds them."""
    return _fed(*_trials(world, rng))


def make_holdout(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw unseen rides, as the marker feeds them."""
    passengers = rng.integers(0, SEATS + 1, HOLDOUT_ROWS).astype(np.float64)
    return _fed(passengers, ride(world, rng, passengers))


def _fed(passengers: np.ndarray, litres: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Passengers (n, 1) float32 and litres (n, 1) float32."""
    return passengers.astype(np.float32)[:, None], litres.astype(np.float32)[:, None]
