"""Fleeces by their use: six measures of the wool, and tags of which many are wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

TRAIN_ROWS = 2_000
HOLDOUT_ROWS = 8_000
WRONG_TAGS = 800  # of the training rows
USES = 3
COLUMNS = "fibre_um,length_mm,crimps_cm,grease_pct,strength_n,yellowness,use"
USUAL = np.array([30.0, 95.0, 4.0, 15.0, 36.0, 5.0])
SPREAD = np.array([3.5, 14.0, 0.7, 2.5, 5.0, 1.2])
STEP = np.array([0.1, 1.0, 0.1, 0.1, 0.1, 0.1])  # each measure is noted to this


@dataclass(frozen=True)
class World:
    """One valley's sheep and one mill's taste. Each use gets a third of the fleeces, so no paper is harder."""

    usual: tuple[float, ...]
    softness: tuple[float, float, float]  # what fibre, length and strength add to the first measure of quality
    firmness: tuple[float, float, float]  # what crimps, grease and yellowness add to the second
    middle: float = 0.0
    turn: float = 0.0


def make_world(rng: np.random.Generator) -> World:
    """Draw the sheep, then set both limits so that the three uses are equally common."""
    world = World(
        usual=tuple(np.round(USUAL * rng.uniform(0.95, 1.05, len(USUAL)), 1).tolist()),
        softness=(1.0, round(float(rng.uniform(0.55, 0.65)), 2), round(float(rng.uniform(-0.55, -0.45)), 2)),
        firmness=(1.0, round(float(rng.uniform(-0.65, -0.55)), 2), round(float(rng.uniform(0.45, 0.55)), 2)),
    )
    soft, firm = quality(world, draw(world, rng, 20_000))
    lean = 1.3 * firm + 0.3 * soft
    turn = float(np.median(lean))
    middle = float(np.quantile(np.abs(lean - turn) + 1.2 * soft**2, 1 / 3))
    return replace(world, middle=round(middle, 3), turn=round(turn, 3))


def draw(world: World, rng: np.random.Generator, rows: int) -> np.ndarray:
    """Measure fleeces: the six columns of the table, rounded as they are noted."""
    standard = np.clip(rng.normal(size=(rows, len(USUAL))), -2.5, 2.5)
    return np.round((np.array(world.usual) + SPREAD * standard) / STEP) * STEP


def quality(world: World, fleeces: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return two measures of each fleece, with a spread of about 1: soft to harsh, and loose to firm."""
    fibre, length, crimps, grease, strength, yellow = ((fleeces - np.array(world.usual)) / SPREAD).T
    soft = np.column_stack([fibre, length, strength]) @ world.softness
    firm = np.column_stack([crimps, grease, yellow]) @ world.firmness
    return soft / 1.27, firm / 1.27


def best_use(world: World, fleeces: np.ndarray) -> np.ndarray:
    """Return the right use: knitting where the wool is neither soft nor harsh, else felt or carpet."""
    soft, firm = quality(world, fleeces)
    lean = 1.3 * firm + 0.3 * soft - world.turn
    knitting = np.abs(lean) + 1.2 * soft**2 < world.middle
    return np.where(knitting, 2, np.where(lean > 0.0, 0, 1)).astype(np.int64)


def tagged(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw the fleeces of the record and what their tags say."""
    fleeces = draw(world, rng, TRAIN_ROWS)
    use = best_use(world, fleeces)
    wrong = rng.permutation(TRAIN_ROWS)[:WRONG_TAGS]
    use[wrong] = (use[wrong] + rng.integers(1, USES, WRONG_TAGS)) % USES
    return fleeces, use


def write_train(world: World, rng: np.random.Generator, folder: Path, progress: Callable[[float], None]) -> None:
    """Write fleeces.csv, one row a fleece."""
    fleeces, use = tagged(world, rng)
    progress(0.5)
    lines = [
        f"{fibre:.1f},{length:.0f},{crimps:.1f},{grease:.1f},{strength:.1f},{yellow:.1f},{tag}"
        for (fibre, length, crimps, grease, strength, yellow), tag in zip(fleeces, use, strict=True)
    ]
    (folder / "fleeces.csv").write_text("\n".join([COLUMNS, *lines]) + "\n", encoding="utf-8")
    progress(1.0)


def make_train(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw the fleeces of fleeces.csv with their tags: features (n, 6) float32 and labels (n,) int64."""
    fleeces, use = tagged(world, rng)
    return fleeces.astype(np.float32), use


def make_holdout(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw unseen fleeces with the right uses: features (n, 6) float32 and labels (n,) int64."""
    fleeces = draw(world, rng, HOLDOUT_ROWS)
    return fleeces.astype(np.float32), best_use(world, fleeces)
