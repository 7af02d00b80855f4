"""Pictures of a dial thermometer: what "The boiler gauge" trains and is graded on.

The needle moves over three quarters of a circle, from the lower left to the lower right. The watchman's camera is
never held alike: the dial lies anywhere near the middle, nearer or farther, in uneven light and behind dull glass.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

SIDE = 32
TRAIN_PICTURES = 2_000
HOLDOUT_PICTURES = 2_000
BATCH = 400  # pictures that are painted at a time
FULL = 120.0  # °C at the end of the scale
START, SWEEP = np.radians(135.0), np.radians(270.0)  # of the scale: from the lower left, clockwise (y points down)
SHIFT = 2.5  # pixels that the middle of the dial is off, at most
MARKS = 6  # intervals between the long strokes of the scale


@dataclass(frozen=True)
class World:
    """One boiler house: its gauge and its light."""

    face: float  # brightness of the dial
    wall: float  # brightness around it
    tip: float  # reach of the needle, in radii of the dial
    tail: float  # and of its other end
    slope: float  # direction in radians that most light comes from


def make_world(rng: np.random.Generator) -> World:
    """Draw a boiler house; all are equally hard."""
    return World(
        face=round(float(rng.uniform(175, 205)), 1),
        wall=round(float(rng.uniform(70, 100)), 1),
        tip=round(float(rng.uniform(0.74, 0.8)), 3),
        tail=round(float(rng.uniform(0.2, 0.26)), 3),
        slope=round(float(rng.uniform(0, 2 * np.pi)), 2),
    )


def _edge(inside: np.ndarray) -> np.ndarray:
    """From 0 to 1 within a pixel of an edge."""
    return np.clip(inside + 0.5, 0, 1)


def _cloud(rng: np.random.Generator, n: int, few: int) -> np.ndarray:
    """Smooth noise (n, SIDE, SIDE) of standard deviation about 1."""
    finer = Image.fromarray(np.eye(few, dtype=np.float32)).resize((few, SIDE), Image.Resampling.BICUBIC)
    return np.asarray(finer) @ rng.standard_normal((n, few, few), dtype=np.float32) @ np.asarray(finer).T


def _paint(world: World, rng: np.random.Generator, celsius: np.ndarray) -> np.ndarray:
    """Pictures (n, SIDE, SIDE) of the gauge at these temperatures in °C."""
    n = len(celsius)

    def draw(low: float, high: float) -> np.ndarray:
        return rng.uniform(low, high, (n, 1, 1)).astype(np.float32)

    y, x = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32)
    radius = draw(10.0, 12.5)
    dx = x - (SIDE - 1) / 2 - draw(-SHIFT, SHIFT)
    dy = y - (SIDE - 1) / 2 - draw(-SHIFT, SHIFT)
    far = np.hypot(dx, dy)

    scene = world.wall + draw(-15, 15) + 9 * _cloud(rng, n, 8)
    face = world.face + draw(-15, 15) + 6 * _cloud(rng, n, 5)
    scene += _edge(radius - far) * (face - scene)
    scene -= _edge(1 - np.abs(far - radius)) * draw(60, 90)  # the rim

    # The scale: long strokes, the same distance apart, and none in the gap at the bottom.
    along = (np.arctan2(dy, dx) - START) % (2 * np.pi) / SWEEP * MARKS
    nearest = np.clip(np.rint(along), 0, MARKS)
    beside = np.abs(along - nearest) * SWEEP / MARKS * far
    stroke = _edge(0.5 - beside) * _edge(far - 0.76 * radius) * _edge(0.94 * radius - far)
    scene -= draw(50, 90) * stroke

    # The needle tapers to its tip, and has a short thick tail.
    angle = (START + SWEEP * celsius / FULL).astype(np.float32)[:, None, None]
    ahead, aside = dx * np.cos(angle) + dy * np.sin(angle), np.abs(dy * np.cos(angle) - dx * np.sin(angle))
    width = 1.2 - 0.8 * ahead / radius
    needle = _edge(width - aside) * _edge(world.tip * radius - ahead) * _edge(world.tail * radius + ahead)
    scene -= draw(95, 135) * np.maximum(needle, _edge(0.16 * radius - far))

    # Glass and camera: a streak of glare, dirt, uneven light, noise.
    turn = draw(0, np.pi)
    across = dx * np.cos(turn) + dy * np.sin(turn) - draw(-9, 9)
    scene += draw(0, 50) * np.exp(-((across / draw(1, 3)) ** 2)) * (far < radius)
    light = world.slope + rng.normal(0, 1, (n, 1, 1))
    scene *= 1 + draw(0, 0.6) * (np.cos(light) * (x / SIDE - 0.5) + np.sin(light) * (y / SIDE - 0.5))
    scene = draw(0.75, 1.1) * scene + draw(3, 9) * rng.standard_normal(scene.shape)
    return np.clip(scene, 0, 255).astype(np.uint8)


def _pictures(world: World, rng: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Pictures (count, SIDE, SIDE) and temperatures in °C, to a tenth."""
    celsius = np.round(rng.uniform(0, FULL, count), 1)
    painted = [_paint(world, rng, celsius[i : i + BATCH]) for i in range(0, count, BATCH)]
    return np.concatenate(painted), celsius


def write_train(world: World, rng: np.random.Generator, folder: Path, progress: Callable[[float], None]) -> None:
    """Write gauge.npz with the arrays `pictures` and `celsius`."""
    pictures, celsius = _pictures(world, rng, TRAIN_PICTURES)
    np.savez(folder / "gauge.npz", pictures=pictures, celsius=celsius.astype(np.float32))
    progress(1.0)


def make_train(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """The candidate's pictures as (n, 32, 32, 1), values 0..255; labels in °C, (n, 1)."""
    pictures, celsius = _pictures(world, rng, TRAIN_PICTURES)
    return pictures[..., None].astype(np.float32), celsius[:, None]


def make_holdout(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Other pictures of the same gauge, in the same form."""
    pictures, celsius = _pictures(world, rng, HOLDOUT_PICTURES)
    return pictures[..., None].astype(np.float32), celsius[:, None]
