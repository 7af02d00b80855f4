"""Flights of carrier pigeons between lofts that are only known by number: a long noisy list."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

LOFTS = 200
TRAIN_ROWS = 8_000
HOLDOUT_ROWS = 11_000
MEAN_AIR_HOURS = 1.7  # in the air, over all pairs of lofts; how fast the birds fly follows from it
MAX_REST_HOURS = 2.8  # a bird rests from 0 to this, equally often
MAX_KEEPER_HOURS = 2.0  # until the keeper of the loft looks for birds: from 0 to this, the same each time


@dataclass(frozen=True)
class World:
    """One pigeon post: the town and the keeper of each loft, in the order of their numbers, and the pairs."""

    towns: tuple[int, ...]
    keepers: tuple[float, ...]
    pairs: int


def places() -> np.ndarray:
    """Return the places of all towns in km, (n, 2)."""
    with np.load(Path(__file__).with_name("towns.npz"), allow_pickle=False) as file:
        return file["place_km"].astype(float)


def make_world(rng: np.random.Generator) -> World:
    """Draw a pigeon post."""
    towns = rng.permutation(len(places()))[:LOFTS]
    keepers = rng.permutation(np.linspace(0.0, MAX_KEEPER_HOURS, LOFTS))
    return World(
        towns=tuple(int(town) for town in towns),
        keepers=tuple(round(float(hours), 3) for hours in keepers),
        pairs=int(rng.integers(1 << 31)),
    )


def flights(world: World) -> tuple[np.ndarray, np.ndarray]:
    """Return every pair of lofts once, (n, 2), and its hours without rest, (n,): those of the list first."""
    place = places()[list(world.towns)]
    first, second = np.triu_indices(LOFTS, 1)
    rng = np.random.default_rng(world.pairs)
    order = rng.permutation(first.size)
    pairs = np.column_stack([first[order], second[order]])
    back = rng.random(first.size) < 0.5
    pairs[back] = pairs[back, ::-1]
    km = np.hypot(*(place[pairs[:, 0]] - place[pairs[:, 1]]).T)
    return pairs, MEAN_AIR_HOURS * km / km.mean() + np.array(world.keepers)[pairs[:, 1]]


def listed(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return the pairs of the list and what the clocks showed: one flight each."""
    pairs, hours = flights(world)
    rest = rng.uniform(0.0, MAX_REST_HOURS, TRAIN_ROWS)
    return pairs[:TRAIN_ROWS], np.round(hours[:TRAIN_ROWS] + rest, 2)


def write_train(world: World, rng: np.random.Generator, folder: Path, progress: Callable[[float], None]) -> None:
    """Write letters.csv, one row a letter."""
    pairs, hours = listed(world, rng)
    lines = [f"{start},{goal},{time:.2f}" for (start, goal), time in zip(pairs, hours, strict=True)]
    (folder / "letters.csv").write_text("\n".join(["from,to,hours", *lines]) + "\n", encoding="utf-8")
    progress(1.0)


def make_train(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return the letters of letters.csv: pairs (n, 2) int32 and hours (n, 1) float32."""
    return _fed(*listed(world, rng))


def make_holdout(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return pairs that are not in the list, and their mean hours over many flights."""
    pairs, hours = flights(world)
    chosen = TRAIN_ROWS + rng.permutation(len(pairs) - TRAIN_ROWS)[:HOLDOUT_ROWS]
    return _fed(pairs[chosen], hours[chosen] + MAX_REST_HOURS / 2)


def _fed(pairs: np.ndarray, hours: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return pairs (n, 2) int32 and hours (n, 1) float32."""
    return pairs.astype(np.int32), hours.astype(np.float32)[:, None]
