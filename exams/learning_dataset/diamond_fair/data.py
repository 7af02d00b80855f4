"""Real diamonds with the prices of a made-up house: complete in its book, full of gaps at the fair."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

TRAIN_ROWS = 8_000
HOLDOUT_ROWS = 20_000

CUTS = ("Fair", "Good", "Very Good", "Premium", "Ideal")
COLOURS = ("D", "E", "F", "G", "H", "I", "J")
CLARITIES = ("I1", "SI2", "SI1", "VS2", "VS1", "VVS2", "VVS1", "IF")
KINDS = (CUTS, COLOURS, CLARITIES)
COLUMNS = "carat,length_mm,width_mm,height_mm,depth_pct,table_pct,cut,colour,clarity,price"
SIZES = 4  # columns that say how large a stone is
DECIMALS = (2, 2, 2, 2, 1, 1)

GAP = -1.0
SIZE_GAPS = 0.5  # at the fair
OTHER_GAPS = 0.2
TASTE = 0.2  # the house pays up to this much more or less for a cut, a colour or a clarity, in logarithms
MOOD = 0.08  # spread of a single price


@dataclass(frozen=True)
class World:
    """One house: what it likes in cuts, colours and clarities, and which diamonds stand in its book."""

    tastes: tuple[tuple[float, ...], ...]
    split: int


def make_world(rng: np.random.Generator) -> World:
    """Draw a house; only who likes what varies, not how much it matters."""
    return World(
        tastes=tuple(
            tuple(round(float(taste), 4) for taste in rng.permutation(np.linspace(-TASTE, TASTE, len(names))))
            for names in KINDS
        ),
        split=int(rng.integers(1 << 31)),
    )


def stones(world: World, train: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return one side of the split: all nine columns, and what the house pays on average."""
    with np.load(Path(__file__).with_name("stones.npz"), allow_pickle=False) as file:
        sizes, shares, codes, price = (file[name].astype(float) for name in ("sizes", "shares", "codes", "price"))
    order = np.random.default_rng(world.split).permutation(len(price))
    chosen = order[:TRAIN_ROWS] if train else order[TRAIN_ROWS : TRAIN_ROWS + HOLDOUT_ROWS]
    for column, tastes in enumerate(world.tastes):
        price = price * np.exp(np.array(tastes)[codes[:, column].astype(int)])
    return np.column_stack([sizes / 100.0, shares / 10.0, codes])[chosen], price[chosen]


def priced(rng: np.random.Generator, price: np.ndarray) -> np.ndarray:
    """Return single prices in whole dollars."""
    return np.round(price * np.exp(MOOD * rng.normal(size=price.size)))


def with_gaps(rng: np.random.Generator, features: np.ndarray) -> np.ndarray:
    """Return the features as they are noted at the fair. One of the four sizes is always there."""
    lost = rng.random(features.shape) < np.where(np.arange(features.shape[1]) < SIZES, SIZE_GAPS, OTHER_GAPS)
    unknown = np.flatnonzero(lost[:, :SIZES].all(axis=1))
    lost[unknown, rng.integers(0, SIZES, unknown.size)] = False
    return np.where(lost, GAP, features)


def write_train(world: World, rng: np.random.Generator, folder: Path, progress: Callable[[float], None]) -> None:
    """Write book.csv, one row a diamond."""
    features, price = stones(world, train=True)
    lines = [COLUMNS]
    for i, (row, paid) in enumerate(zip(features, priced(rng, price), strict=True)):
        numbers = [f"{value:.{digits}f}" for value, digits in zip(row[:6], DECIMALS, strict=True)]
        words = [names[int(code)] for names, code in zip(KINDS, row[6:], strict=True)]
        lines.append(",".join([*numbers, *words, f"{paid:.0f}"]))
        if i % 500 == 0:
            progress(i / len(features))
    (folder / "book.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    progress(1.0)


def make_train(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return the diamonds of book.csv: features (n, 9) float32 and prices (n, 1) float32."""
    features, price = stones(world, train=True)
    return features.astype(np.float32), priced(rng, price).astype(np.float32)[:, None]


def make_holdout(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return other diamonds, with gaps: features (n, 9) float32 and prices (n, 1) float32."""
    features, price = stones(world, train=False)
    paid = priced(rng, price)
    return with_gaps(rng, features).astype(np.float32), paid.astype(np.float32)[:, None]
