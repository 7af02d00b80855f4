"""Real handwritten digits, seen through a made-up cable: scrambled, unevenly lit and frosted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

FIBRES = 64
TRAIN_DRAWERS = 800
HOLDOUT_SHOTS = 4  # of each drawer that the candidate did not get
FROST = 0.12
GLOW = 0.08  # of empty paper, as a share of full ink
NOISE = 0.04
FLICKER = 1.3
COUNTS = 4_000.0


@dataclass(frozen=True)
class World:
    """One cable: where each fibre ends and how much light it lets through, and which drawers are whose."""

    cable_seed: int
    split_seed: int


def make_world(rng: np.random.Generator) -> World:
    """Draw a cable and a split of the drawers."""
    return World(cable_seed=int(rng.integers(0, 2**31)), split_seed=int(rng.integers(0, 2**31)))


def split_drawers(world: World) -> tuple[np.ndarray, np.ndarray]:
    """Return the numbers of the candidate's drawers and of the marker's: none is in both."""
    order = np.random.default_rng(world.split_seed).permutation(len(load_digits().target))
    return order[:TRAIN_DRAWERS], order[TRAIN_DRAWERS:]


def shoot(world: World, rng: np.random.Generator, drawers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Take a shot of each drawer: counts (n, 64), whole numbers, and digits (n,)."""
    cable = np.random.default_rng(world.cable_seed)
    ends = cable.permutation(FIBRES)
    # The same set of fibres in every paper, from dim to bright, but in another order.
    clarity = np.exp(cable.permutation(np.linspace(-1.6, 1.6, FIBRES)))
    digits = load_digits()
    light = GLOW + digits.data[drawers][:, ends] / 16.0
    lamp = np.exp(rng.normal(0.0, FLICKER, (len(drawers), 1)))
    noise = rng.normal(0.0, NOISE, light.shape)
    frosted = rng.random(light.shape) < FROST
    counts = np.where(frosted, 0.0, COUNTS * lamp * clarity * np.maximum(light + noise, 0.0))
    return np.round(counts), digits.target[drawers].astype(np.int64)


def _shots(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Take the candidate's shots: one of each of his drawers."""
    drawers, _ = split_drawers(world)
    return shoot(world, rng, drawers)


def write_train(world: World, rng: np.random.Generator, folder: Path, progress: Callable[[float], None]) -> None:
    """Write shots.csv, one row a drawer."""
    counts, digits = _shots(world, rng)
    progress(0.5)
    lines = [",".join([*(f"f{i:02d}" for i in range(FIBRES)), "digit"])]
    for row, digit in zip(counts, digits, strict=True):
        lines.append(",".join([*(f"{count:.0f}" for count in row), str(digit)]))
    (folder / "shots.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    progress(1.0)


def make_train(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Take the shots of shots.csv: features (n, 64) float32 and labels (n,) int64."""
    counts, digits = _shots(world, rng)
    return counts.astype(np.float32), digits


def make_holdout(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Take new shots of the other drawers: features (n, 64) float32 and labels (n,) int64."""
    _, drawers = split_drawers(world)
    counts, digits = shoot(world, rng, np.repeat(drawers, HOLDOUT_SHOTS))
    return counts.astype(np.float32), digits
