"""Monthly sunspot numbers: the first part of the published record to learn from, windows of the rest to grade."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

DOWNLOADS: dict[str, Path] = {}  # filled in by the grader
RECORD = "monthly-sunspots.csv"
MONTHS_IN, MONTHS_OUT = 132, 36
KEPT = 0.36
"""The share of the record that is held back."""
HOLDOUT_SHARE = 0.9
TRAIN_WINDOWS = 1_600


@dataclass(frozen=True)
class World:
    """By how many months the record that is handed out ends earlier than it could."""

    earlier: int


def make_world(rng: np.random.Generator) -> World:
    """Draw the end of the record: within two years."""
    return World(earlier=int(rng.integers(0, 24)))


def _record(world: World) -> tuple[list[str], np.ndarray, int]:
    """Months, sunspot numbers, and how many of them are handed out."""
    with DOWNLOADS[RECORD].open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1:]
    months, numbers = [row[0] for row in rows], np.array([float(row[1]) for row in rows], np.float32)
    return months, numbers, int(len(numbers) * (1 - KEPT)) - world.earlier


def _windows(numbers: np.ndarray, starts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Windows (n, MONTHS_IN, 1) and the MONTHS_OUT numbers after each."""
    whole = numbers[starts[:, None] + np.arange(MONTHS_IN + MONTHS_OUT)]
    return whole[:, :MONTHS_IN, None], whole[:, MONTHS_IN:]


def write_train(world: World, rng: np.random.Generator, folder: Path, progress: Callable[[float], None]) -> None:
    """Write sunspots.csv, a month a row, oldest first."""
    months, numbers, end = _record(world)
    rows = [f"{month},{number:.1f}" for month, number in zip(months[:end], numbers[:end], strict=True)]
    (folder / "sunspots.csv").write_text("\n".join(["month,sunspots", *rows]) + "\n", encoding="utf-8")
    progress(1.0)


def make_train(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Windows of the record, spread over all of it."""
    _, numbers, end = _record(world)
    last = end - MONTHS_IN - MONTHS_OUT
    return _windows(numbers, np.unique(np.linspace(0, last, TRAIN_WINDOWS).astype(int)))


def make_holdout(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Windows of the months that nobody is handed.

    In random order: there is one sun, so which windows are drawn is all the luck that a hold-out can have.
    """
    _, numbers, end = _record(world)
    starts = np.arange(end, len(numbers) - MONTHS_IN - MONTHS_OUT + 1)
    return _windows(numbers, rng.choice(starts, int(len(starts) * HOLDOUT_SHARE), replace=False))
