"""Penguins and their forms: real birds, measured again with short instruments, and with many empty cells."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

TRAIN_ROWS = 1_500
HOLDOUT_ROWS = 4_000
LOST = 0.2  # share of the cells that are empty by chance
COLUMNS = "beak_mm,depth_mm,flipper_mm,mass_g,island,sex,species"
ERROR = np.array([1.0, 0.5, 3.0, 100.0])  # standard deviation of a measure
STEP = np.array([0.1, 0.1, 1.0, 10.0])  # each measure is noted to this
LONGEST = np.array([45.0, np.inf, 200.0, 4500.0])  # where each instrument ends


@dataclass(frozen=True)
class World:
    """One team's instruments, and which birds it meets only after the record has ended."""

    offsets: tuple[float, ...]  # what each instrument shows too much
    unseen: tuple[int, ...]  # rows of penguins.csv


def _penguins() -> np.ndarray:
    """All birds: the six columns of a form, then the species; NaN where the sex is unknown."""
    return np.genfromtxt(Path(__file__).with_name("penguins.csv"), delimiter=",", skip_header=1)


def make_world(rng: np.random.Generator) -> World:
    """Draw the instruments, and one bird of every two alike that the record does not show."""
    penguins = _penguins()
    # Sorted by species, then by the length of the beak, neighbours are alike: so both halves are equally hard.
    pairs = np.lexsort([penguins[:, 0], penguins[:, 6]]).reshape(-1, 2)
    unseen = np.sort(pairs[np.arange(len(pairs)), rng.integers(0, 2, len(pairs))])
    return World(offsets=tuple(np.round(rng.uniform(-0.5, 0.5, 4) * ERROR, 2).tolist()), unseen=tuple(unseen.tolist()))


def _forms(world: World, rng: np.random.Generator, seen: bool, rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Measure birds, a form each time: the columns (rows, 6) with NaN for a gap, and species (rows,)."""
    penguins = _penguins()
    used = np.isin(np.arange(len(penguins)), world.unseen, invert=seen)
    kinds = rng.integers(0, 3, rows)
    birds = np.zeros(rows, np.int64)
    for kind in range(3):
        mine = kinds == kind
        birds[mine] = rng.choice(np.flatnonzero(used & (penguins[:, 6] == kind)), int(mine.sum()))
    forms = penguins[birds, :6]
    measured = forms[:, :4] + np.array(world.offsets) + ERROR * np.clip(rng.normal(size=(rows, 4)), -3, 3)
    measured = np.round(measured / STEP) * STEP
    forms[:, :4] = np.where(measured > LONGEST, np.nan, measured)
    forms[rng.random(forms.shape) < LOST] = np.nan
    return forms.astype(np.float32), kinds


def write_train(world: World, rng: np.random.Generator, folder: Path, progress: Callable[[float], None]) -> None:
    """Write forms.csv, a form a row, with empty cells."""
    forms, species = make_train(world, rng)
    progress(0.5)
    digits = (1, 1, 0, 0, 0, 0)
    lines = [
        ",".join(
            ["" if np.isnan(cell) else f"{cell:.{n}f}" for cell, n in zip(form, digits, strict=True)] + [str(kind)]
        )
        for form, kind in zip(forms, species, strict=True)
    ]
    (folder / "forms.csv").write_text("\n".join([COLUMNS, *lines]) + "\n", encoding="utf-8")
    progress(1.0)


def make_train(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """The forms of forms.csv: features (n, 6) float32 with NaN for a gap, labels (n,) int64."""
    return _forms(world, rng, True, TRAIN_ROWS)


def make_holdout(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Forms of birds that the record does not show, in the same form."""
    return _forms(world, rng, False, HOLDOUT_ROWS)
