"""Real wines, measured again by three made-up labs that report on scales of their own."""

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
TRAIN_REPORTS = 10  # of each wine
HOLDOUT_REPORTS = 30
ERROR = 0.25  # of a measurement, as a share of the spread between wines
GAP_CHANCE = 0.10
GAP = -1.0


@dataclass(frozen=True)
class World:
    """Which wines the candidate gets, and the scales of the labs. Only who uses which scale varies."""

    split_seed: int
    scales: tuple[tuple[float, ...], ...]  # a row a lab, a factor a reading


def make_world(rng: np.random.Generator) -> World:
    """Draw a split and the scales: for each reading one lab has small, one middling, one large numbers."""
    steps = np.column_stack([rng.permutation([-1.2, 0.0, 1.2]) for _ in READINGS])
    factors = np.exp(steps + rng.uniform(-0.1, 0.1, steps.shape))
    return World(
        split_seed=int(rng.integers(0, 2**31)),
        scales=tuple(tuple(round(float(factor), 3) for factor in lab) for lab in factors),
    )


def split_wines(world: World) -> tuple[np.ndarray, np.ndarray]:
    """Return the numbers of the candidate's wines and of the marker's: half of each kind, none in both."""
    rng = np.random.default_rng(world.split_seed)
    kinds = load_wine().target
    halves = [np.array_split(rng.permutation(np.flatnonzero(kinds == kind)), 2) for kind in range(len(VINES))]
    mine, theirs = (np.concatenate(part) for part in zip(*halves, strict=True))
    return mine, theirs


def measure(world: World, rng: np.random.Generator, wines: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Measure each of the wines once, by a random lab: readings with NaN for gaps, lab codes, kinds."""
    table = load_wine()
    true = table.data[wines]
    labs = rng.integers(0, len(LABS), len(wines))
    error = rng.normal(0.0, ERROR, true.shape) * table.data.std(axis=0)
    readings = np.maximum(true + error, 0.05 * table.data.mean(axis=0)) * np.array(world.scales)[labs]
    readings[rng.random(readings.shape) < GAP_CHANCE] = np.nan
    return np.round(readings, 3), labs, table.target[wines].astype(np.int64)


def cells_of(readings: np.ndarray, order: np.ndarray) -> list[str]:
    """Return one report's readings in the file's order, empty where there is a gap."""
    return ["" if np.isnan(readings[i]) else f"{readings[i]:.3f}" for i in order]


def _reports(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Have the candidate's wines measured: the number of the wine of each report, then as `measure`."""
    wines, _ = split_wines(world)
    numbers = rng.permutation(len(wines)) + 1
    picks = rng.permutation(np.repeat(np.arange(len(wines)), TRAIN_REPORTS))
    return numbers[picks], *measure(world, rng, wines[picks])


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
    """Measure the other wines anew, as the marker feeds them, and labels (n,) int64."""
    _, wines = split_wines(world)
    readings, labs, kinds = measure(world, rng, np.repeat(wines, HOLDOUT_REPORTS))
    return _fed(readings, labs), kinds


def _fed(readings: np.ndarray, labs: np.ndarray) -> np.ndarray:
    """Features (n, 14) float32, GAP for gaps."""
    return np.column_stack([np.where(np.isnan(readings), GAP, readings), labs]).astype(np.float32)
