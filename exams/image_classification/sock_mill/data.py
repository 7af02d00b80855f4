"""Snapshots of knitted sock panels: what "Dropped stitches" trains and is marked on.

Every picture is computed from two coordinates that follow the fabric: `u` counts columns of stitches, `v` counts
rows. A fabric that hangs askew or is wavy is a bent pair of coordinates, and the fault bends with it. A dropped
stitch is a ladder: along one column, for a few rows, the loops have run and only bare rungs of thread are left.
All else (colours, stripes, ribs, seams, folds, stains, fluff, loose threads, light) is drawn alike for both classes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from math import cos, pi, sin
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

CLASSES = ("faulty", "sound")
SIDE = 48  # of the squares that the marker feeds in
HOLDOUT_PER_CLASS = 1000
FAINTEST = 0.85  # of the ladders; the clearest is 1
YARNS = (  # red, green, blue
    (188, 62, 58),
    (66, 104, 160),
    (214, 206, 190),
    (84, 140, 96),
    (214, 164, 66),
    (146, 112, 160),
    (128, 132, 138),
    (190, 132, 104),
    (96, 156, 164),
)


@dataclass(frozen=True)
class World:
    """One mill: its yarns, its machine and its lamp. What a ladder looks like is the same everywhere."""

    yarns: tuple[tuple[int, int, int], ...]
    gauge: float  # columns of stitches across the shorter side
    warmth: float  # of the lamp: -1 cold tube, 1 warm bulb
    lamp: float  # direction in radians that most light comes from
    png: float  # share of pictures saved as PNG
    faulty: int  # training pictures of each class
    sound: int


def make_world(rng: np.random.Generator) -> World:
    """Draw a mill."""
    return World(
        yarns=tuple(YARNS[i] for i in sorted(rng.choice(len(YARNS), 6, replace=False))),
        gauge=round(float(rng.uniform(9.6, 10.4)), 2),
        warmth=round(float(rng.uniform(-0.8, 0.8)), 2),
        lamp=round(float(rng.uniform(0, 2 * pi)), 2),
        png=round(float(rng.uniform(0.2, 0.35)), 2),
        faulty=int(rng.integers(76, 84)),
        sound=int(rng.integers(790, 821)),
    )


# ---- fabric --------------------------------------------------------------------------------------------


def _cloud(rng: np.random.Generator, h: int, w: int, cells: int) -> np.ndarray:
    """Smooth noise of standard deviation about 1."""
    small = Image.fromarray(rng.standard_normal((cells, cells), dtype=np.float32))
    return np.asarray(small.resize((w, h), Image.Resampling.BICUBIC))


def _axes(h: int, w: int) -> tuple[np.ndarray, np.ndarray]:
    """Columns y and rows x of pixel coordinates."""
    return np.arange(h, dtype=np.float32)[:, None], np.arange(w, dtype=np.float32)[None]


def _step(x: np.ndarray, sharp: float) -> np.ndarray:
    """From 0 to 1 around x = 0."""
    soft: np.ndarray = 0.5 + 0.5 * np.tanh(x * sharp)
    return soft


def _spot(u: np.ndarray, v: np.ndarray, at: tuple[float, float], half: tuple[float, float], sharp: float) -> np.ndarray:
    """A slim lens along a column, from 0 outside to 1 inside: `half` is half its width and half its length."""
    along = np.minimum(np.abs((v - at[1]) / half[1]), 1)
    lens: np.ndarray = _step(half[0] * np.sqrt(1 - along) - np.abs(u - at[0]), sharp) * (along < 1)
    return lens


def _pattern(u: np.ndarray, v: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Which stitches are of the second yarn: none, rows of it, or dots in a grid."""
    kind, n = rng.random(), int(rng.integers(5, 11))
    second = np.zeros(u.shape, bool)
    column, row = np.floor(u).astype(int), np.floor(v).astype(int)
    if kind >= 0.8:
        second = ((row % n) // 2 == 0) & ((column + (row // n) * 2) % 4 == 0)
    elif kind >= 0.4:
        second = row % n < rng.integers(1, max(2, n // 2))
    return second


def _place(u: np.ndarray, v: np.ndarray, rng: np.random.Generator) -> tuple[float, float]:
    """The middle of a stitch that is well inside the picture."""
    h, w = u.shape
    y, x = int(h * rng.uniform(0.2, 0.8)), int(w * rng.uniform(0.16, 0.84))
    return float(np.floor(u[y, x]) + 0.5), float(v[y, x])


def _fabric(label: str, world: World, rng: np.random.Generator, h: int, w: int) -> np.ndarray:
    """The panel, (h, w, 3), about 0..255, evenly lit."""
    y, x = _axes(h, w)
    turn, wide = rng.normal(0, 0.12), world.gauge * rng.uniform(0.9, 1.1) / min(h, w)
    tall = wide * rng.uniform(1.05, 1.25)  # rows are closer than columns
    u = x * (wide * cos(turn)) + y * (wide * sin(turn)) + 0.35 * _cloud(rng, h, w, 4) + rng.uniform(0, 9)
    v = y * (tall * cos(turn)) - x * (tall * sin(turn)) + 0.35 * _cloud(rng, h, w, 4) + 20

    across = np.abs(u % 1 - 0.5) * 2  # 0 in the middle of a column, 1 in the groove between two
    loop = v - 0.45 * across  # every loop is a small V
    tone = (0.8 + 0.2 * np.cos(2 * pi * loop)) * (1 - rng.uniform(0.25, 0.45) * across * across * across)
    if rng.random() < 0.3:  # ribs: every few columns one lies deeper, from edge to edge
        n = int(rng.integers(3, 7))
        tone = tone * (1 - rng.uniform(0.15, 0.4) * (np.floor(u) % n == 0))
    second = _pattern(u, loop, rng)
    first, other = (np.array(world.yarns[i], np.float32) for i in rng.choice(len(world.yarns), 2, replace=False))
    colour = np.where(second[..., None], other, first) * np.float32(rng.uniform(0.8, 1.1))

    for _ in range(rng.integers(0, 3)):  # stains, also along a column: darker or paler, but the loops are there
        half = rng.uniform(0.4, 1.1), rng.uniform(1.5, 4)
        stain = _spot(u, v, _place(u, v, rng), half, 2)
        tone = tone * (1 + rng.uniform(-0.45, 0.25) * stain)
    if label == "faulty":
        long = h * tall * rng.uniform(0.15, 0.4) / 2
        at = _place(u, v, rng)
        gap = _spot(u, v, at, (rng.uniform(0.65, 0.85), long + 0.4), 4) * rng.uniform(FAINTEST, 1)
        rungs = 0.2 + 0.7 * np.maximum(np.cos(2 * pi * v), 0) ** 2
        tone = tone * (1 - gap) + rungs * gap
    panel: np.ndarray = colour * tone[..., None]
    return panel


# ---- the picture ---------------------------------------------------------------------------------------


def _things(scene: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Lay loose threads and fluff on the panel, sometimes a seam across it."""
    h, w = scene.shape[:2]
    image = Image.fromarray(scene.clip(0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(image, "RGBA")
    frame = np.array([w, h])
    for _ in range(rng.integers(0, 3)):  # thread ends
        t = np.linspace(-1, 1, 9)
        a, long, bend = rng.uniform(0, pi), rng.uniform(0.08, 0.3), rng.normal(0, 0.1)
        line = np.outer(t * long, [cos(a), sin(a)]) + np.outer(bend * t**2, [-sin(a), cos(a)])
        points = (line + rng.uniform(0.1, 0.9, 2)) * frame
        tint = (*(int(c) for c in rng.uniform(20, 240, 3)), int(rng.uniform(110, 230)))
        draw.line(points.ravel().tolist(), fill=tint, width=int(rng.integers(1, 3)))
    for _ in range(rng.integers(0, 4)):  # fluff
        at, r = rng.uniform(0, 1, 2) * frame, rng.uniform(0.01, 0.05) * w
        hairs = at + rng.normal(0, r, (8, 2))
        grey = int(rng.uniform(90, 245))
        draw.line(hairs.ravel().tolist(), fill=(grey, grey, grey, int(rng.uniform(60, 160))), width=1)
    if rng.random() < 0.25:  # a seam
        a, b = rng.uniform(0.05, 0.95, 2) * frame[0], rng.normal(0, 0.05) * w
        ends = np.array([[a[0], 0], [a[0] + b, h]]) if rng.random() < 0.5 else np.array([[0, a[1]], [w, a[1] + b]])
        dark = int(rng.uniform(20, 90))
        for share in np.arange(0, 1, 0.06):
            p = ends[0] + (ends[1] - ends[0]) * share
            q = ends[0] + (ends[1] - ends[0]) * (share + 0.035)
            draw.line([*p, *q], fill=(dark, dark, dark, 150), width=int(rng.integers(1, 3)))
    return np.asarray(image, np.float32)


def _snapshot(label: str, world: World, rng: np.random.Generator) -> bytes:
    """One picture of a panel, as the bytes of a JPEG or PNG file."""
    w, h = (int(n) for n in rng.integers(50, 77, 2))
    w, h = max(w, int(0.75 * h)), max(h, int(0.75 * w))
    scene = _things(_fabric(label, world, rng, h, w), rng)

    y, x = _axes(h, w)
    y, x = y / h - 0.5, x / w - 0.5
    a = world.lamp + rng.normal(0, 0.9)
    light = rng.uniform(0.65, 1.1) * (1 + rng.uniform(0.1, 1.0) * (x * cos(a) + y * sin(a)))
    for _ in range(rng.integers(0, 3)):  # folds: a ridge that is bright on one side and dark on the other
        b, away = rng.uniform(0, 2 * pi), rng.uniform(-0.5, 0.5)
        d = (x * cos(b) + y * sin(b) - away) / rng.uniform(0.02, 0.08)
        light = light * (1 + rng.uniform(0.15, 0.6) * d * np.exp(-d * d))
    if rng.random() < 0.35:  # the shadow of whoever holds the phone
        b = rng.uniform(0, 2 * pi)
        over = x * cos(b) + y * sin(b) - rng.uniform(-0.3, 0.3)
        light = light * (1 - rng.uniform(0.2, 0.5) * _step(over, 14))
    tint = 1 + (world.warmth + rng.normal(0, 0.5)) * np.array([0.1, 0.0, -0.14])
    scene = scene * light[..., None] * tint.astype(np.float32)

    soft = Image.fromarray(scene.clip(0, 255).astype(np.uint8)).filter(
        ImageFilter.GaussianBlur(rng.uniform(0.3, 1.1) * min(h, w) / 70)
    )
    noise = rng.standard_normal((h, w, 1), dtype=np.float32) * np.float32(rng.uniform(2, 9))
    image, file = Image.fromarray((np.asarray(soft) + noise).clip(0, 255).astype(np.uint8)), BytesIO()
    if rng.random() < world.png:
        image.save(file, "PNG", compress_level=1)
    else:
        image.save(file, "JPEG", quality=int(rng.integers(35, 90)))
    return file.getvalue()


# ---- what the paper asks for ---------------------------------------------------------------------------


def _album(world: World, rng: np.random.Generator) -> Iterator[tuple[str, bytes]]:
    """The candidate's pictures, as the bytes of files, each with its class."""
    for name in rng.permutation(np.repeat(CLASSES, (world.faulty, world.sound))):
        yield str(name), _snapshot(str(name), world, rng)


def write_train(world: World, rng: np.random.Generator, folder: Path, progress: Callable[[float], None]) -> None:
    """Write panels/<class>/panel_<number>.jpg or .png; the numbers tell nothing about the class."""
    for name in CLASSES:
        (folder / "panels" / name).mkdir(parents=True)
    for i, (name, picture) in enumerate(_album(world, rng)):
        kind = "png" if picture.startswith(b"\x89PNG") else "jpg"
        (folder / "panels" / name / f"panel_{i:04d}.{kind}").write_bytes(picture)
        if i % 40 == 0:
            progress(i / (world.faulty + world.sound))
    progress(1.0)


def to_array(picture: bytes) -> np.ndarray:
    """A file's pixels as the brief promises: RGB, whole, plain bilinear to SIDE x SIDE, 0..255."""
    with Image.open(BytesIO(picture)) as image:
        # An affine transform, because Pillow's resize() would smooth first, which TensorFlow's does not.
        scale = (image.width / SIDE, 0, 0, 0, image.height / SIDE, 0)
        squared = image.convert("RGB").transform((SIDE, SIDE), Image.Transform.AFFINE, scale, Image.Resampling.BILINEAR)
    return np.asarray(squared, np.float32)


def make_train(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """The candidate's pictures as (n, 48, 48, 3); labels (n, 1) index CLASSES."""
    pairs = [(to_array(picture), CLASSES.index(name)) for name, picture in _album(world, rng)]
    return np.stack([array for array, _ in pairs]), np.array([[label] for _, label in pairs], np.int64)


def make_holdout(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Fresh pictures of the same mill as (n, 48, 48, 3), as many of each class; labels (n, 1) index CLASSES."""
    labels = rng.permutation(np.repeat(np.arange(len(CLASSES)), HOLDOUT_PER_CLASS))
    return np.stack([to_array(_snapshot(CLASSES[k], world, rng)) for k in labels]), labels[:, None].astype(np.int64)
