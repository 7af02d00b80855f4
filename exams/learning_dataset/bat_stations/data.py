"""Calls of bats at twelve stations: many small packed shards, sorted by station and night, and by hour inside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

STATIONS = 12
NIGHTS = 8
CALLS = 2_000  # in a shard
HOLDOUT_CALLS = 8_004
BANDS = 48
STEPS = 32
SPECIES = 6
TRAIN_EVERY = 24  # make_train returns every 24th call

# Each kind of call falls (or stays, or rises) from one band to another; the curve says how early it falls.
STARTS = np.array([36.0, 32.0, 24.0, 27.0, 17.0, 19.0])
ENDS = np.array([24.0, 26.0, 24.0, 15.0, 17.0, 11.0])
CURVES = np.array([0.5, 1.6, 1.0, 0.6, 1.0, 1.5])
LENGTHS = np.array([16, 12, 20, 14, 18, 12])
# Microphones differ: what lies in band 24 at one station lies in band 18 at another.
SHIFTS = (-6.0, 3.0, 5.0, -2.0, -4.0, 6.0, 2.0, -5.0, -1.0, 4.0, 1.0, -3.0)
HOURS = np.array([0, 2, 4, 1, 3, 5])  # after dusk, one a kind
HOME_SHARES = np.array([0.55, 0.30, 0.12, 0.03, 0.0, 0.0])


@dataclass(frozen=True)
class World:
    """One river: the number of each kind of call, and the band of the crickets at each station."""

    names: tuple[int, ...]
    crickets: tuple[int, ...]


def make_world(rng: np.random.Generator) -> World:
    """Draw a river. Which kind flies where and when, and how the microphones differ, stays: that is the difficulty."""
    return World(
        names=tuple(int(name) for name in rng.permutation(SPECIES)),
        crickets=tuple(int(band) for band in 2 + 3 * rng.permutation(STATIONS)),
    )


def shares(station: int) -> np.ndarray:
    """Return how often each kind is heard at a station: two neighbouring stations are home to the same."""
    first = station // 2
    order = (first + np.array([0, 1, 5, 2, 4, 3])) % SPECIES
    chances = np.empty(SPECIES)
    chances[order] = HOME_SHARES
    return chances


def record(world: World, rng: np.random.Generator, station: int, calls: int) -> tuple[np.ndarray, np.ndarray]:
    """Record one night: pictures (calls, BANDS, STEPS) of 0 and 1, and species (calls,), in the order of the night."""
    kind = rng.choice(SPECIES, calls, p=shares(station))
    hour = HOURS[kind] + 1.5 * rng.normal(size=calls)
    kind = kind[np.argsort(hour)]
    species = np.array(world.names)[kind]

    steps = np.arange(STEPS)
    length = LENGTHS[kind] + rng.integers(-2, 3, calls)
    begin = rng.integers(1, STEPS - length)
    way = (steps - begin[:, None]) / (length[:, None] - 1)
    heard = (way >= 0.0) & (way <= 1.0) & (rng.random((calls, STEPS)) < 0.6)
    fall = np.clip(way, 0.0, 1.0) ** CURVES[kind][:, None]
    start = STARTS[kind] + rng.normal(0.0, 1.2, calls)
    end = ENDS[kind] + rng.normal(0.0, 1.2, calls)
    band = start[:, None] + (end - start)[:, None] * fall + SHIFTS[station]
    band = np.rint(band + rng.normal(0.0, 0.6, (calls, STEPS))).astype(int)

    pictures = np.zeros((calls, BANDS, STEPS), dtype=np.uint8)
    row, step = np.nonzero(heard & (band >= 0) & (band < BANDS))
    pictures[row, band[row, step], step] = 1
    # Crickets sing all night, in a band of their own at each station; and there is always some rustling.
    row, step = np.nonzero(rng.random((calls, STEPS)) < 0.4)
    pictures[row, world.crickets[station] + rng.integers(0, 2, row.size), step] = 1
    rustle = rng.integers(0, BANDS * STEPS, (calls, 40))
    pictures.reshape(calls, -1)[np.arange(calls)[:, None], rustle] = 1
    return pictures, species


def _plot(calls: list[tuple[np.ndarray, int]], path: Path) -> None:
    """Draw one call a station, high pitch above, six calls a row."""
    scale, gap, top = 3, 14, 20
    wide, high = STEPS * scale + gap, BANDS * scale + gap + top
    image = Image.new("RGB", (6 * wide + gap, 2 * high + gap), "white")
    draw = ImageDraw.Draw(image)
    for station, (picture, species) in enumerate(calls):
        x, y = gap + station % 6 * wide, gap + station // 6 * high
        draw.text((x, y), f"{station + 1}: species {species}", fill="black")
        dots = Image.fromarray(255 - 205 * picture[::-1])
        image.paste(dots.resize((STEPS * scale, BANDS * scale), Image.Resampling.NEAREST), (x, y + top))
        draw.rectangle((x - 1, y + top - 1, x + STEPS * scale, y + top + BANDS * scale), outline="#888888")
    image.save(path)


def write_train(world: World, rng: np.random.Generator, folder: Path, progress: Callable[[float], None]) -> None:
    """Write one shard a night and station, eight dots a byte, and calls.png."""
    shown = []
    for station in range(STATIONS):
        for night in range(NIGHTS):
            pictures, species = record(world, rng, station, CALLS)
            if night == 0:
                shown.append((pictures[CALLS // 2], int(species[CALLS // 2])))
            dots = np.packbits(pictures.reshape(CALLS, -1), axis=1)
            name = f"station{station + 1:02d}_night{night + 1}.npz"
            np.savez_compressed(folder / name, dots=dots, species=species.astype(np.uint8))
            progress((station * NIGHTS + night + 1) / (STATIONS * NIGHTS))
    _plot(shown, folder / "calls.png")


def make_train(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return every 24th call of the shards: pictures (n, BANDS, STEPS) float32 and labels (n,) int64."""
    parts, labels = [], []
    for station in range(STATIONS):
        for _night in range(NIGHTS):
            pictures, species = record(world, rng, station, CALLS)
            parts.append(pictures[::TRAIN_EVERY])
            labels.append(species[::TRAIN_EVERY])
    return np.concatenate(parts).astype(np.float32), np.concatenate(labels).astype(np.int64)


def make_holdout(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return calls of other nights, as many from each station: pictures float32 and labels int64."""
    nights = [record(world, rng, station, HOLDOUT_CALLS // STATIONS) for station in range(STATIONS)]
    order = rng.permutation(HOLDOUT_CALLS)
    pictures = np.concatenate([night[0] for night in nights])[order]
    species = np.concatenate([night[1] for night in nights])[order]
    return pictures.astype(np.float32), species.astype(np.int64)
