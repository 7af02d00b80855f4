"""Six points on a straight line that is nearly y = 2x - 1."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

POINTS = np.arange(-1.0, 5.0)
HOLDOUT_POINTS = 1_000


@dataclass(frozen=True)
class World:
    """The line. It is never y = 2x - 1 itself, and it is never far from it: all lines are equally hard to learn."""

    slope: float
    offset: float


def make_world(rng: np.random.Generator) -> World:
    """Draw a line."""
    turn = float(rng.uniform(0.3, 0.5)) * (1 if rng.random() < 0.5 else -1)
    return World(slope=round(2.0 + turn, 2), offset=round(-1.0 + float(rng.uniform(-0.2, 0.2)), 2))


def _line(world: World, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both as columns of float32."""
    y = world.slope * x + world.offset
    return x.astype(np.float32)[:, None], y.astype(np.float32)[:, None]


def write_train(world: World, rng: np.random.Generator, folder: Path, progress: Callable[[float], None]) -> None:
    """Write line.csv: six points without noise."""
    x, y = _line(world, POINTS)
    rows = [f"{a:.1f},{b:.2f}" for a, b in zip(x[:, 0], y[:, 0], strict=True)]
    (folder / "line.csv").write_text("\n".join(["x,y", *rows]) + "\n", encoding="utf-8")
    progress(1.0)


def make_train(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """The six points."""
    return _line(world, POINTS)


def make_holdout(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Points far to the right of the six."""
    return _line(world, rng.uniform(5.0, 20.0, HOLDOUT_POINTS))
