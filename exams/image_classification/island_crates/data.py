"""Crates for ten islands: what "The post boat" trains and is graded on.

On the lid of every crate stand none to four digits in chalk, each the number of an island. The digits are real
handwriting: the 8 x 8 digits of the UCI repository, kept in digits.npz (see make_digits.py in the question's
scoring folder). Lids, chalk and camera are made up. The candidate's crates have the digits of the first rows, and
the grader's those of the last: neighbouring rows seem to be by one writer. Who looks up the published digits finds
none of the grader's lids: each digit is turned, slanted, sized, worn and placed by the hold-out's generator.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image

DIGITS = Path(__file__).parent / "digits.npz"
ISLANDS = 6
SIDE = 30
TRAIN_CRATES = 3_000
HOLDOUT_CRATES = 2_000
SPLIT = 1_250  # the first row of the digits that the candidate does not get
COUNTS = (0.12, 0.3, 0.3, 0.2, 0.08)  # how often a crate has 0, 1, ... digits
FINE = 5  # points per point of the 8 x 8 digits, once they are smoothed
BATCH = 250  # crates that are painted at a time


@dataclass(frozen=True)
class World:
    """One harbour: its wood, its light and its chalk."""

    wood: float  # brightness of the lids
    chalk: float  # how much brighter the chalk is
    grain: float  # strength of the wood's grain
    slope: float  # direction in radians that most light comes from


def make_world(rng: np.random.Generator) -> World:
    """Draw a harbour; all are equally hard."""
    return World(
        wood=round(float(rng.uniform(60, 75)), 1),
        chalk=round(float(rng.uniform(130, 145)), 1),
        grain=round(float(rng.uniform(10, 13)), 1),
        slope=round(float(rng.uniform(0, 2 * np.pi)), 2),
    )


@cache
def _stretch(few: int, many: int) -> np.ndarray:
    """The matrix (many, few) that interpolates smoothly."""
    return np.asarray(Image.fromarray(np.eye(few, dtype=np.float32)).resize((few, many), Image.Resampling.BICUBIC))


@cache
def _handwriting() -> tuple[np.ndarray, np.ndarray]:
    """Smooth digits (1797, 60, 60) from 0 to 1, with an empty margin, and what they are."""
    with np.load(DIGITS) as file:
        small, digits = np.pad(file["images"] / np.float32(16), ((0, 0), (2, 2), (2, 2))), file["digits"]
    finer = _stretch(12, 12 * FINE)
    return np.clip(finer @ small @ finer.T, 0, 1), digits.astype(np.int64)


def _place(sizes: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Centres (k, 2) as x, y of digits of these heights, on the lid and clear of each other if there is room."""
    found = np.zeros((0, 2))
    for i, size in enumerate(sizes):
        room = SIDE / 2 - 0.52 * size
        spots = SIDE / 2 + rng.uniform(-room, room, (40, 2))
        apart = np.abs(spots[:, None] - found) / (size + sizes[:i, None]) * 2
        clear = ((apart[..., 0] > 0.78) | (apart[..., 1] > 0.98)).all(1)
        found = np.vstack([found, spots[clear.argmax()]])  # the first that is clear, else the first
    return found


def _chalk(
    rows: np.ndarray, crates: np.ndarray, spots: np.ndarray, sizes: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Strokes from 0 to 1 on each lid (BATCH, SIDE, SIDE): each digit turned, slanted and sized in its own way."""
    fine, _ = _handwriting()
    k, canvas = len(rows), np.zeros((BATCH, SIDE, SIDE), np.float32)
    turn, slant, wide = rng.normal(0, 0.09, k), rng.normal(0, 0.09, k), rng.uniform(0.9, 1.1, k)
    scale = 8 * FINE / sizes  # points of the fine digit per pixel
    y, x = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32)
    dx, dy = x - spots[:, 0, None, None], y - spots[:, 1, None, None]
    cos, sin = (f(turn)[:, None, None] for f in (np.cos, np.sin))
    u, v = cos * dx + sin * dy, cos * dy - sin * dx
    u = (u - slant[:, None, None] * v) / wide[:, None, None]
    middle = fine.shape[1] / 2 - 0.5
    at = [np.clip(part * scale[:, None, None] + middle, 0, fine.shape[1] - 1) for part in (v, u)]
    row, column = (np.rint(part).astype(np.int16) for part in at)
    ink = fine[rows[:, None, None], row, column]
    # The digits are grey and soft; chalk has an edge, and presses harder in one digit than in the next.
    pressure = rng.uniform(0.4, 0.56, k)[:, None, None]
    ink = np.clip((ink - pressure) * 3 + 0.5, 0, 1) * rng.uniform(0.7, 1.0, k)[:, None, None]
    np.maximum.at(canvas, crates, ink.astype(np.float32))
    return canvas


def _cloud(rng: np.random.Generator, n: int, rows: int, columns: int) -> np.ndarray:
    """Smooth noise (n, SIDE, SIDE) of standard deviation about 1."""
    small = rng.standard_normal((n, rows, columns), dtype=np.float32)
    return _stretch(rows, SIDE) @ small @ _stretch(columns, SIDE).T


def _lids(world: World, rng: np.random.Generator) -> np.ndarray:
    """Empty lids (BATCH, SIDE, SIDE): planks with grain, seams, knots and scratches."""
    n = BATCH
    y, x = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32)
    wood = world.wood + rng.normal(0, 8, (n, 1, 1)) + world.grain * _cloud(rng, n, 18, 3) + 6 * _cloud(rng, n, 4, 4)
    plank = rng.uniform(9, 15, (n, 1, 1))
    seam = np.abs((y + rng.uniform(0, 15, (n, 1, 1))) % plank - plank / 2)
    wood -= 30 * np.clip(1.2 - seam, 0, 1)
    for _ in range(2):  # chalk from earlier journeys, rubbed off, and scratches
        angle, off = rng.uniform(0, np.pi, (n, 1, 1)), rng.uniform(-14, 14, (n, 1, 1))
        across = (x - SIDE / 2) * np.sin(angle) + (y - SIDE / 2) * np.cos(angle) - off
        along = (x - SIDE / 2) * np.cos(angle) - (y - SIDE / 2) * np.sin(angle) - rng.uniform(-12, 12, (n, 1, 1))
        length = rng.uniform(2, 7, (n, 1, 1)) * (rng.random((n, 1, 1)) < 0.3)
        wood += rng.uniform(20, 85, (n, 1, 1)) * np.clip(1.1 - np.abs(across), 0, 1) * (np.abs(along) < length)
    return wood.astype(np.float32)


def _crates(world: World, rng: np.random.Generator, count: int, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pictures (count, SIDE, SIDE) of whole numbers, and what stands on them, (count, ISLANDS) of 0 and 1."""
    _, digits = _handwriting()
    by_digit = [rows[digits[rows] == d] for d in range(1, ISLANDS + 1)]
    labels = np.zeros((count, ISLANDS), np.int64)
    pictures = np.zeros((count, SIDE, SIDE), np.uint8)
    y, x = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32) / SIDE - 0.5
    for start in range(0, count, BATCH):
        used, crates, spots, sizes = [], [], [], []
        for i, k in enumerate(rng.choice(len(COUNTS), BATCH, p=COUNTS)):
            islands = rng.permutation(ISLANDS)[:k]  # counted from 0
            labels[start + i, islands] = 1
            size = rng.uniform(11.5, 14.0, k)
            used += [rng.choice(by_digit[d]) for d in islands]
            crates += [i] * int(k)
            sizes.append(size)
            spots.append(_place(size, rng))
        chalk = _chalk(np.array(used), np.array(crates), np.concatenate(spots), np.concatenate(sizes), rng)
        worn = np.clip(0.92 + 0.14 * _cloud(rng, BATCH, 12, 12), 0.4, 1.1)
        scene = _lids(world, rng) + world.chalk * chalk * worn
        light = world.slope + rng.normal(0, 1, (BATCH, 1, 1))
        scene *= 1 + rng.uniform(0, 0.5, (BATCH, 1, 1)) * (np.cos(light) * x + np.sin(light) * y)
        scene += rng.uniform(3, 9, (BATCH, 1, 1)) * rng.standard_normal(scene.shape)
        pictures[start : start + BATCH] = np.clip(scene, 0, 255)
    return pictures, labels


def _harbour(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """The candidate's crates."""
    return _crates(world, rng, TRAIN_CRATES, np.arange(SPLIT))


def write_train(world: World, rng: np.random.Generator, folder: Path, progress: Callable[[float], None]) -> None:
    """Write crates/crate_<number>.png and crates.csv, which says what stands on each."""
    (folder / "crates").mkdir()
    pictures, labels = _harbour(world, rng)
    lines = ["file,islands"]
    for i, (picture, label) in enumerate(zip(pictures, labels, strict=True)):
        name = f"crate_{i:04d}.png"
        Image.fromarray(picture).save(folder / "crates" / name, "PNG", compress_level=1)
        lines.append(f"{name},{' '.join(map(str, np.flatnonzero(label) + 1))}")
        if i % 100 == 0:
            progress(i / TRAIN_CRATES)
    (folder / "crates.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    progress(1.0)


def make_train(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """The candidate's crates as (n, 30, 30, 1), values 0..255; labels (n, 6) of 0 and 1."""
    pictures, labels = _harbour(world, rng)
    return pictures[..., None].astype(np.float32), labels


def make_holdout(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Other crates of the same harbour, with handwriting that no crate of the candidate has."""
    _, digits = _handwriting()
    pictures, labels = _crates(world, rng, HOLDOUT_CRATES, np.arange(SPLIT, len(digits)))
    return pictures[..., None].astype(np.float32), labels
