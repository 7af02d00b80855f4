"""Blends of real wines, measured by three made-up labs that report on scales of their own.

Each wine is a blend of two wines of one kind from the published table, drawn anew for the candidate and for the
grader. So no row of the table is among the reports, and who looks it up gains no more than other blends of the
same kinds; the errors of the measurements decide how well any model can do.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.datasets import load_wine

READINGS = (
    "alcohol",
    "malic_acid",
    "ash",
    "alkalinity",
    "magnesium",
    "phenols",
    "flavanoids",
    "nonflavanoids",
    "proanthocyanins",
    "colour",
    "hue",
    "od_ratio",
    "proline",
)
LABS = ("arbor", "bering", "corda")
VINES = ("k1", "k2", "k3")
TRAIN_WINES, TRAIN_REPORTS = 90, 10  # reports of each wine
HOLDOUT_WINES, HOLDOUT_REPORTS = 1_320, 4
SHARE = (0.3, 0.7)  # of the first of two wines in a blend
ERROR = 0.7  # of a measurement, as a share of the spread between wines
GAP_CHANCE = 0.15
GAP = -1.0


@dataclass(frozen=True)
class World:
    """The scales of the labs. Only who uses which scale varies."""

    scales: tuple[tuple[float, ...], ...]  # a row a lab, a factor a reading


def make_world(rng: np.random.Generator) -> World:
    """Draw the scales: for each reading one lab has small, one middling, one large numbers."""
    steps = np.column_stack([rng.permutation([-1.5, 0.0, 1.5]) for _ in READINGS])
    factors = np.exp(steps + rng.uniform(-0.1, 0.1, steps.shape))
    return World(scales=tuple(tuple(round(float(factor), 3) for factor in lab) for lab in factors))


def blend(rng: np.random.Generator, wines: int) -> tuple[np.ndarray, np.ndarray]:
    """Blend as many wines, each from two of its kind: true readings (wines, 13) and kinds, all equally frequent."""
    table = load_wine()
    kinds = rng.permutation(np.arange(wines) % len(VINES))
    pairs = np.array([rng.choice(np.flatnonzero(table.target == kind), 2, replace=False) for kind in kinds])
    share = rng.uniform(*SHARE, (wines, 1))
    return share * table.data[pairs[:, 0]] + (1.0 - share) * table.data[pairs[:, 1]], kinds.astype(np.int64)


def measure(world: World, rng: np.random.Generator, true: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Measure each of the wines once, by a random lab: readings with NaN for gaps, and the labs' codes."""
    table = load_wine().data
    labs = rng.integers(0, len(LABS), len(true))
    error = rng.normal(0.0, ERROR, true.shape) * table.std(axis=0)
    readings = np.maximum(true + error, 0.05 * table.mean(axis=0)) * np.array(world.scales)[labs]
    readings[rng.random(readings.shape) < GAP_CHANCE] = np.nan
    return np.round(readings, 3), labs


def cells_of(readings: np.ndarray, order: np.ndarray) -> list[str]:
    """Return one report's readings in the file's order, empty where there is a gap."""
    return ["" if np.isnan(readings[i]) else f"{readings[i]:.3f}" for i in order]


def _reports(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Have the candidate's wines measured: wine numbers from 1, readings, labs and kinds, one of each a report."""
    true, kinds = blend(rng, TRAIN_WINES)
    picks = rng.permutation(np.repeat(np.arange(TRAIN_WINES), TRAIN_REPORTS))
    return picks + 1, *measure(world, rng, true[picks]), kinds[picks]


def write_train(world: World, rng: np.random.Generator, folder: Path, progress: Callable[[float], None]) -> None:
    """Write arbor.csv, bering.csv and corda.json, each in a format and column order of its own."""
    numbers, readings, labs, kinds = _reports(world, rng)
    progress(0.4)
    for code, lab in enumerate(LABS):
        order = np.arange(len(READINGS)) if code == 0 else rng.permutation(len(READINGS))
        names = [READINGS[i] for i in order]
        rows = np.flatnonzero(labs == code)
        heads = [(str(numbers[row]), VINES[kinds[row]]) for row in rows]
        cells = [cells_of(readings[row], order) for row in rows]
        if code == 0:
            lines = [",".join(["wine", "vine", *names])]
            lines += [",".join([*head, *values]) for head, values in zip(heads, cells, strict=True)]
        elif code == 1:
            lines = [";".join([*names, "wine", "vine"])]
            lines += [";".join([*values, *head]).replace(".", ",") for head, values in zip(heads, cells, strict=True)]
        else:
            records = [
                {"wine": int(wine), "vine": vine}
                | {name: float(cell) if cell else None for name, cell in zip(names, values, strict=True)}
                for (wine, vine), values in zip(heads, cells, strict=True)
            ]
            (folder / f"{lab}.json").write_text(json.dumps(records, indent=0), encoding="utf-8")
            continue
        (folder / f"{lab}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    progress(1.0)


def make_train(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Have the reports of the three files made, as the marker feeds them, and labels (n,) int64."""
    _, readings, labs, kinds = _reports(world, rng)
    return _fed(readings, labs), kinds


def make_holdout(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Blend other wines and have them measured, as the marker feeds them, and labels (n,) int64."""
    true, kinds = (np.repeat(part, HOLDOUT_REPORTS, axis=0) for part in blend(rng, HOLDOUT_WINES))
    readings, labs = measure(world, rng, true)
    return _fed(readings, labs), kinds


def _fed(readings: np.ndarray, labs: np.ndarray) -> np.ndarray:
    """Features (n, 14) float32, GAP for gaps."""
    return np.column_stack([np.where(np.isnan(readings), GAP, readings), labs]).astype(np.float32)
