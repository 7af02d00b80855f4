"""Real handwritten digits, seen through a made-up cable: scrambled, unevenly lit and frosted.

Three published pictures of one digit are laid over each other on each drawer, drawn anew for the candidate and for the
grader. So no published picture is on any drawer: who looks for the nearest finds less than a network that has learned
from the candidate's shots. A frosted fibre looks like one that sees no ink, so frost can't be told from paper.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.stats import norm
from sklearn.datasets import load_digits

FIBRES = 64
TRAIN_DRAWERS = 400
HOLDOUT_DRAWERS = 8_000
WRITINGS = 3  # pictures on a drawer
EVEN = 8.0  # how evenly they share the ink
FROST = 0.5
GLOW = 0.08  # of empty paper or frost, as a share of full ink
NOISE = 0.03
CLARITY = 2.1  # of the best fibre, the logarithm; the worst has as much less
FLICKER = 2.5  # of the lamp, in logarithms, too
COUNTS = 20_000.0


@dataclass(frozen=True)
class World:
    """One cable: where each fibre ends and how much light it lets through."""

    cable_seed: int


def make_world(rng: np.random.Generator) -> World:
    """Draw a cable."""
    return World(cable_seed=int(rng.integers(0, 2**31)))


def label(rng: np.random.Generator, drawers: int) -> tuple[np.ndarray, np.ndarray]:
    """Label as many drawers: ink (drawers, 64) from 0 to 1, and digits (drawers,), all equally frequent."""
    published = load_digits()
    digits = rng.permutation(np.arange(drawers) % 10)
    pictures = np.argsort(published.target, kind="stable")  # digit by digit
    counts = np.bincount(published.target)
    first = np.cumsum(counts)[digits] - counts[digits]
    share = rng.dirichlet(np.full(WRITINGS, EVEN), drawers)
    ink = np.zeros((drawers, FIBRES))
    for part in share.T:
        ink += part[:, None] * published.data[pictures[first + rng.integers(0, counts[digits])]]
    return ink / 16.0, digits.astype(np.int64)


def shoot(world: World, rng: np.random.Generator, ink: np.ndarray, digits: np.ndarray) -> np.ndarray:
    """Take a shot of each drawer: counts (n, 64), whole numbers."""
    cable = np.random.default_rng(world.cable_seed)
    ends = cable.permutation(FIBRES)
    # The same set of fibres in every paper, from dim to bright: of eight places with like ink, each gets one of the
    # eight dimmest, one of the next eight, and so on. So all papers are as hard.
    places = np.argsort(load_digits().data.mean(axis=0), kind="stable").reshape(8, 8)
    grades = cable.permuted(np.linspace(-CLARITY, CLARITY, FIBRES).reshape(8, 8), axis=1).T
    clarity = np.empty(FIBRES)
    clarity[places] = np.exp(cable.permuted(grades, axis=1))
    frosted = rng.random(ink.shape) < FROST
    light = GLOW + np.where(frosted, 0.0, ink[:, ends])
    light = np.maximum(light + rng.normal(0.0, NOISE, light.shape), 0.0)
    # As many dark and bright shots of every digit.
    lamp = np.empty(len(ink))
    for digit in range(10):
        shots = np.flatnonzero(digits == digit)
        lamp[shots] = FLICKER * norm.ppf((rng.permutation(len(shots)) + 0.5) / len(shots))
    return np.round(COUNTS * np.exp(lamp)[:, None] * clarity[ends] * light)


def _shots(world: World, rng: np.random.Generator, drawers: int) -> tuple[np.ndarray, np.ndarray]:
    """Take one shot of each of as many new drawers."""
    ink, digits = label(rng, drawers)
    return shoot(world, rng, ink, digits), digits


def write_train(world: World, rng: np.random.Generator, folder: Path, progress: Callable[[float], None]) -> None:
    """Write shots.csv, one row a drawer."""
    counts, digits = _shots(world, rng, TRAIN_DRAWERS)
    progress(0.5)
    lines = [",".join([*(f"f{i:02d}" for i in range(FIBRES)), "digit"])]
    for row, digit in zip(counts, digits, strict=True):
        lines.append(",".join([*(f"{count:.0f}" for count in row), str(digit)]))
    (folder / "shots.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    progress(1.0)


def make_train(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Take the shots of shots.csv: features (n, 64) float32 and labels (n,) int64."""
    counts, digits = _shots(world, rng, TRAIN_DRAWERS)
    return counts.astype(np.float32), digits


def make_holdout(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Take shots of other drawers: features (n, 64) float32 and labels (n,) int64."""
    counts, digits = _shots(world, rng, HOLDOUT_DRAWERS)
    return counts.astype(np.float32), digits
