"""Flight strips without a name: real flights out of New York in 2013, of eight airlines of very different size."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

TRAIN_SHARE = 0.4  # of the 80,000 flights of strips.npz; the others are the hold-out

AIRLINES = ("AirTran", "Alaska", "American", "Delta", "ExpressJet", "Frontier", "Mesa", "United")
AIRPORTS = ("Kennedy", "LaGuardia", "Newark")
PARTS = ("dawn", "morning", "noon", "afternoon", "evening")
SIZES = ("small", "medium", "large", "")
NO_SIZE = SIZES.index("")
GAP = -1.0

ERROR = 0.12  # relative, of miles and of minutes
NUMBER_GAPS = 0.2
SIZE_GAPS = 0.5  # on top of the planes that the source does not list


@dataclass(frozen=True)
class World:
    """Which flights are handed out. Errors and gaps are new for each data set."""

    split: int


def make_world(rng: np.random.Generator) -> World:
    """Draw a split."""
    return World(split=int(rng.integers(0, 2**31)))


def flights(world: World, train: bool) -> dict[str, np.ndarray]:
    """Return one side of the split; every airline is split in the same ratio."""
    with np.load(Path(__file__).with_name("strips.npz")) as file:
        table = {name: file[name] for name in file.files}
    rng = np.random.default_rng(world.split)
    rows = []
    for airline in range(len(AIRLINES)):
        own = rng.permutation(np.flatnonzero(table["airline"] == airline))
        few = round(TRAIN_SHARE * own.size)
        rows.append(own[:few] if train else own[few:])
    chosen = rng.permutation(np.concatenate(rows))
    return {name: column[chosen] for name, column in table.items()}


def sample(world: World, rng: np.random.Generator, train: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return strips as they can be read today: features (n, 5) and airlines (n,)."""
    table = flights(world, train)
    count = table["airline"].size
    numbers = []
    for name in ("miles", "minutes"):
        read = np.round(table[name] * np.exp(ERROR * rng.normal(size=count)))
        lost = (rng.random(count) < NUMBER_GAPS) | (table[name] < 0)
        numbers.append(np.where(lost, GAP, read))
    size = np.where(rng.random(count) < SIZE_GAPS, NO_SIZE, table["size"])
    features = np.column_stack([*numbers, table["airport"], table["part"], size])
    return features.astype(np.float32), table["airline"].astype(np.int64)


def write_train(world: World, rng: np.random.Generator, folder: Path, progress: Callable[[float], None]) -> None:
    """Write strips.csv, one row a flight."""
    features, airlines = sample(world, rng, train=True)
    lines = ["miles,minutes,airport,part,size,airline"]
    for i, (row, airline) in enumerate(zip(features, airlines, strict=True)):
        numbers = ["" if value == GAP else f"{value:.0f}" for value in row[:2]]
        airport, part, size = (int(code) for code in row[2:])
        words = [AIRPORTS[airport], PARTS[part], SIZES[size], AIRLINES[airline]]
        lines.append(",".join([*numbers, *words]))
        if i % 1_000 == 0:
            progress(i / airlines.size)
    (folder / "strips.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    progress(1.0)


def make_train(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return the flights of strips.csv: features (n, 5) float32 and labels (n,) int64."""
    return sample(world, rng, train=True)


def make_holdout(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return the other flights: features (n, 5) float32 and labels (n,) int64."""
    return sample(world, rng, train=False)
