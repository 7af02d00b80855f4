"""Glazed bowls in a kiln: sound or spoilt, by peak temperature, cooling and thickness."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

TRAIN_ROWS = 3_000
HOLDOUT_ROWS = 4_000
CHANCE = 0.22  # spread of what nobody measured
COLUMNS = "peak_c,cooling_c_h,glaze_mm,sound"


@dataclass(frozen=True)
class World:
    """What this glaze likes. Firings are drawn around it and half of them succeed, so no paper is harder."""

    best_peak_c: float
    best_cooling_c_h: float
    usual_glaze_mm: float
    limit: float = 0.0


def make_world(rng: np.random.Generator) -> World:
    """Draw a glaze, then set the limit so that half of the bowls are sound."""
    world = World(
        best_peak_c=round(float(rng.uniform(1_230.0, 1_270.0)), 0),
        best_cooling_c_h=round(float(rng.uniform(75.0, 95.0)), 0),
        usual_glaze_mm=round(float(rng.uniform(1.1, 1.4)), 2),
    )
    firings = draw(world, rng, 20_000)
    return replace(world, limit=round(float(np.median(quality(world, firings))), 3))


def draw(world: World, rng: np.random.Generator, rows: int) -> np.ndarray:
    """Draw firings: columns peak, cooling and thickness, rounded as the potters note them."""
    peak = world.best_peak_c + rng.uniform(-75.0, 60.0, rows)
    cooling = world.best_cooling_c_h * np.exp(rng.uniform(-1.1, 1.0, rows))
    glaze = world.usual_glaze_mm + rng.uniform(-0.9, 0.9, rows)
    return np.column_stack([np.round(peak), np.round(cooling), np.round(glaze, 2)])


def quality(world: World, firings: np.ndarray) -> np.ndarray:
    """Score each firing: the good ones fill a bent region in the middle, and slow cooling helps."""
    peak = (firings[:, 0] - world.best_peak_c) / 26.0
    cooling = np.log(firings[:, 1] / world.best_cooling_c_h) / 0.5
    glaze = (firings[:, 2] - world.usual_glaze_mm) / 0.45
    # A thick glaze melts early. How fast a bowl may cool depends on peak and thickness together.
    off_peak = (peak + 0.9 * glaze) ** 2
    off_cooling = 0.8 * (cooling - 0.6 * peak * glaze) ** 2
    return -(off_peak + off_cooling + 0.4 * np.maximum(glaze, 0.0) ** 2) - 1.1 * cooling


def sample(world: World, rng: np.random.Generator, rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw firings and whether the bowl was sound."""
    firings = draw(world, rng, rows)
    sound = quality(world, firings) + rng.normal(0.0, CHANCE, rows) > world.limit
    return firings, sound.astype(np.int64)


def write_train(world: World, rng: np.random.Generator, folder: Path, progress: Callable[[float], None]) -> None:
    """Write firings.csv, one row a bowl."""
    firings, sound = sample(world, rng, TRAIN_ROWS)
    progress(0.5)
    lines = [
        f"{peak:.0f},{cooling:.0f},{glaze:.2f},{good}"
        for (peak, cooling, glaze), good in zip(firings, sound, strict=True)
    ]
    (folder / "firings.csv").write_text("\n".join([COLUMNS, *lines]) + "\n", encoding="utf-8")
    progress(1.0)


def make_train(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw the bowls of firings.csv: features (n, 3) float32 and labels (n,) int64."""
    firings, sound = sample(world, rng, TRAIN_ROWS)
    return firings.astype(np.float32), sound


def make_holdout(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw unseen bowls: features (n, 3) float32 and labels (n,) int64."""
    firings, sound = sample(world, rng, HOLDOUT_ROWS)
    return firings.astype(np.float32), sound
