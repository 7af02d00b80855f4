"""Digits that are engraved in metal tags: what "Engraved tags" trains and is graded on.

The digits are real handwriting (see make_digits.py in the question's scoring folder); metal, light and camera are
made up. Each candidate gets other digits to train on, and the grader others again.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from scipy import ndimage

HERE = Path(__file__).resolve().parent
DIGITS = HERE / "digits.npz"
READER = HERE / "reader.keras"
LEVELS = 16
SIDE = 28
TRAIN_EACH = 12  # pictures of each digit
HOLDOUT_EACH = 280  # pictures of each digit, two tags of each
SLOPE = (150, 190)  # how much light and shade the slopes have
PAINT = (0, 8)  # how much brighter the ground of a stroke is than the metal around it
LAMP = -2.36  # the direction in radians: the lamp stands at the upper left


@dataclass(frozen=True)
class World:
    """One depot: its lamp and its metal, and which digits are engraved there."""

    light: float  # direction in radians that the light comes from
    metal: float  # brightness of the tags
    order: tuple[tuple[int, ...], ...]  # of the handwriting of each digit: the first is for training, the last graded


def make_world(rng: np.random.Generator) -> World:
    """Draw a depot; all are equally hard."""
    _, labels = handwriting()
    return World(
        light=round(float(LAMP + rng.uniform(-0.25, 0.25)), 2),
        metal=round(float(rng.uniform(112, 118)), 1),
        order=tuple(tuple(rng.permutation(np.flatnonzero(labels == digit)).tolist()) for digit in range(10)),
    )


def handwriting() -> tuple[np.ndarray, np.ndarray]:
    """Pictures (3000, 28, 28), 0 (paper) to 1 (ink), and their digits."""
    with np.load(DIGITS) as file:
        return file["pictures"].astype(np.float32) / (LEVELS - 1), file["labels"].astype(np.int64)


def engrave(digits: np.ndarray, light: float, metal: float, rng: np.random.Generator) -> np.ndarray:
    """Photograph tags with these digits (n, 28, 28), 0 to 1, engraved: (n, 28, 28), uint8."""
    n = len(digits)
    depth = np.stack([_moved(digit, rng) for digit in digits])
    # A slope that faces the lamp is bright, the opposite one is dark, and the flat ground of a stroke is plain metal.
    angle = light + rng.uniform(-0.4, 0.4, (n, 1, 1))
    shade = np.cos(angle) * _slope(depth, 2, 1) + np.sin(angle) * _slope(depth, 1, 2)
    steep = rng.uniform(*SLOPE, (n, 1, 1))
    paint = rng.uniform(*PAINT, (n, 1, 1)) * depth
    pictures = metal + rng.normal(0, 5, (n, 1, 1)) + steep * shade + paint
    pictures += 3 * _smooth_noise(rng, n, 2.5) + rng.normal(0, 2, (n, SIDE, SIDE))
    for _ in range(2):  # scratches
        pictures += rng.uniform(-8, 8, (n, 1, 1)) * _scratches(rng, n)
    return np.clip(np.rint(pictures), 0, 255).astype(np.uint8)


def _moved(digit: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The digit turned, slanted, sized and moved a little, with soft edges."""
    turn, slant, size = rng.normal(0, 0.15), rng.normal(0, 0.12), rng.uniform(0.85, 1.1)
    cos, sin = np.cos(turn) / size, np.sin(turn) / size
    matrix = np.array([[cos, -sin], [sin, cos]]) @ np.array([[1, 0], [slant, 1]])
    middle = np.full(2, SIDE / 2 - 0.5)
    offset = middle - matrix @ (middle + rng.uniform(-2, 2, 2))
    moved: np.ndarray = ndimage.affine_transform(digit, matrix, offset, order=1)
    return ndimage.gaussian_filter(moved, 0.6)


def _slope(depth: np.ndarray, axis: int, other: int) -> np.ndarray:
    """How steep each picture (n, 28, 28) is along one axis, a little smoothed along the other one."""
    steep = ndimage.correlate1d(depth, [-0.5, 0, 0.5], axis=axis)
    smooth: np.ndarray = ndimage.correlate1d(steep, [0.25, 0.5, 0.25], axis=other)
    return smooth


def _smooth_noise(rng: np.random.Generator, n: int, width: float) -> np.ndarray:
    """Clouds (n, 28, 28) of standard deviation 1."""
    noise = ndimage.gaussian_filter(rng.standard_normal((n, SIDE, SIDE)), (0, width, width))
    return noise / noise.std((1, 2), keepdims=True)


def _scratches(rng: np.random.Generator, n: int) -> np.ndarray:
    """One straight line (n, 28, 28), 0 to 1, a picture."""
    y, x = np.mgrid[0:SIDE, 0:SIDE]
    angle, off = rng.uniform(0, np.pi, (n, 1, 1)), rng.uniform(-14, 14, (n, 1, 1))
    away = (x - SIDE / 2) * np.sin(angle) + (y - SIDE / 2) * np.cos(angle) - off
    return np.clip(1.2 - np.abs(away), 0, 1)


def _tags(world: World, rng: np.random.Generator, rows: slice) -> tuple[np.ndarray, np.ndarray]:
    """Pictures (n, 28, 28) in any order, and their digits."""
    digits, labels = handwriting()
    chosen = rng.permutation([row for order in world.order for row in order[rows]])
    return engrave(digits[chosen], world.light, world.metal, rng), labels[chosen]


def write_train(world: World, rng: np.random.Generator, folder: Path, progress: Callable[[float], None]) -> None:
    """Write tags/tag_000.png and so on, tags.csv and reader.keras."""
    pictures, labels = _tags(world, rng, slice(TRAIN_EACH))
    (folder / "tags").mkdir()
    with (folder / "tags.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["file", "digit"])
        for number, (picture, label) in enumerate(zip(pictures, labels, strict=True)):
            name = f"tag_{number:03}.png"
            Image.fromarray(picture).save(folder / "tags" / name)
            writer.writerow([name, label])
    (folder / "reader.keras").write_bytes(READER.read_bytes())
    progress(1.0)


def make_train(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """The pictures of tags.csv, (n, 28, 28, 1), and their digits."""
    pictures, labels = _tags(world, rng, slice(TRAIN_EACH))
    return pictures[..., None].astype(np.float32), labels


def make_holdout(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Tags with digits that are on none of the candidate's; each digit is on two of them."""
    twice = [_tags(world, rng, slice(-HOLDOUT_EACH, None)) for _ in range(2)]
    pictures, labels = (np.concatenate(parts) for parts in zip(*twice, strict=True))
    return pictures[..., None].astype(np.float32), labels
