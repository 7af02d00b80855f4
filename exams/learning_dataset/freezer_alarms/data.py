"""Alarms in a cold store: an open door nine times in ten, and three rare causes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

TRAIN_ROWS = 16_000
HOLDOUT_ROWS = 100_000

CAUSES = ("compressor", "door", "leak", "sensor")
SHARES = np.array([0.03, 0.92, 0.015, 0.035])
ROOMS = ("berries", "bread", "fish", "ice", "meat", "peas")
MAKES = ("alto", "brise", "corvo")
READINGS = ("rise_k_h", "pressure_bar", "current_a", "humidity_pct", "jump_k", "minutes")
DECIMALS = (2, 2, 2, 0, 2, 1)
# How often each cause (row) strikes the sturdy, the middling and the poor make.
MAKE_CHANCE = np.array([[0.62, 0.26, 0.12], [0.33, 0.33, 0.34], [0.12, 0.26, 0.62], [0.25, 0.50, 0.25]])
ROOM_LOADS = (-1.7, -1.4, -0.3, 0.3, 1.4, 1.7)


@dataclass(frozen=True)
class World:
    """One cold store: how heavily each room is loaded, and which make breaks how. Only who is who varies."""

    room_loads: tuple[float, ...]
    make_order: tuple[int, ...]
    usual_bar: float
    usual_a: float


def make_world(rng: np.random.Generator) -> World:
    """Draw a store."""
    return World(
        room_loads=tuple(float(load) for load in rng.permutation(ROOM_LOADS)),
        make_order=tuple(int(place) for place in rng.permutation(len(MAKES))),
        usual_bar=round(float(rng.uniform(11.0, 13.0)), 1),
        usual_a=round(float(rng.uniform(5.5, 7.0)), 1),
    )


def sample(world: World, rng: np.random.Generator, rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw alarms: features (rows, 8), rounded as they are logged, and causes (rows,)."""
    cause = rng.choice(len(CAUSES), rows, p=SHARES)
    room = rng.integers(0, len(ROOMS), rows)
    kind = (rng.random(rows)[:, None] > np.cumsum(MAKE_CHANCE[:, :2], axis=1)[cause]).sum(axis=1)
    make = np.array(world.make_order)[kind]
    # A full room is slow to warm in any case, and its compressor works differently: what is
    # unusual in one room is normal in another.
    load = np.array(world.room_loads)[room]
    noise = rng.normal(0.0, 1.0, (rows, len(READINGS)))
    readings = [
        np.exp(np.array([0.3, 0.9, 0.1, 1.1])[cause] + load + 0.55 * noise[:, 0]),
        world.usual_bar + np.array([-0.8, 0.0, -1.1, 0.0])[cause] - 0.8 * load + 0.6 * noise[:, 1],
        world.usual_a + np.array([1.0, 0.0, 0.6, -0.1])[cause] + 0.8 * load + 0.6 * noise[:, 2],
        np.clip(np.array([48.0, 58.0, 50.0, 47.0])[cause] + 7.0 * noise[:, 3], 5.0, 100.0),
        np.exp(np.array([-1.2, -1.0, -1.2, 0.2])[cause] + 0.7 * noise[:, 4]),
        np.exp(np.array([3.2, 1.9, 3.1, 3.0])[cause] + 1.1 * noise[:, 5]),
    ]
    rounded = [np.round(values, digits) for values, digits in zip(readings, DECIMALS, strict=True)]
    return np.column_stack([*rounded, room, make]), cause.astype(np.int64)


def write_train(world: World, rng: np.random.Generator, folder: Path, progress: Callable[[float], None]) -> None:
    """Write alarms.csv, one row an alarm."""
    features, causes = sample(world, rng, TRAIN_ROWS)
    lines = [",".join(["room", "make", *READINGS, "cause"])]
    for i, (row, cause) in enumerate(zip(features, causes, strict=True)):
        cells = [f"{value:.{digits}f}" for value, digits in zip(row[:6], DECIMALS, strict=True)]
        lines.append(",".join([ROOMS[int(row[6])], MAKES[int(row[7])], *cells, CAUSES[cause]]))
        if i % 1_000 == 0:
            progress(i / TRAIN_ROWS)
    (folder / "alarms.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    progress(1.0)


def make_train(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw the alarms of alarms.csv: features (n, 8) float32 and labels (n,) int64."""
    features, causes = sample(world, rng, TRAIN_ROWS)
    return features.astype(np.float32), causes


def make_holdout(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw unseen alarms: features (n, 8) float32 and labels (n,) int64."""
    features, causes = sample(world, rng, HOLDOUT_ROWS)
    return features.astype(np.float32), causes
