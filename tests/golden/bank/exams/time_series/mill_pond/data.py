"""Levels of a mill pond."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

HOURS = 200


@dataclass(frozen=True)
class World:
    """The pond's wave."""

    height: float
    base: float


def make_world(rng: np.random.Generator) -> World:
    """Draw the wave."""
    return World(float(rng.uniform(10, 20)), float(rng.uniform(80, 120)))


def series(world: World, rng: np.random.Generator, hours: int) -> np.ndarray:
    """Draw levels."""
    phase = rng.uniform(0, 2 * np.pi)
    wave = world.height * np.sin(np.arange(hours) * 2 * np.pi / 12 + phase)
    return (world.base + wave + rng.normal(0, 0.3, hours)).astype(np.float32)


def windows(levels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cut levels into 6 hours and the 2 after them."""
    rows = np.lib.stride_tricks.sliding_window_view(levels, 8)
    return rows[:, :6, None].copy(), rows[:, 6:].copy()


def write_train(world: World, rng: np.random.Generator, folder: Path, progress: Callable[[float], None]) -> None:
    """Write levels.csv."""
    np.savetxt(folder / "levels.csv", series(world, rng, HOURS), delimiter=",")
    progress(1.0)


def make_train(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """The hours of levels.csv."""
    return windows(series(world, rng, HOURS))


def make_holdout(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw later hours."""
    return windows(series(world, rng, 400))
