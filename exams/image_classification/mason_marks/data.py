"""Marks cut into the stones of an abbey: what "The mason's marks" trains and is marked on.

Every picture is a piece of weathered stone with one mark as a groove: a depth map that the sun lights from
the side, under lichen and cracks. The stone is wet and dark, and the groove is filled with chalk: without that,
a plain network guessed for many epochs, whatever it was shown. Then comes what spoils a photograph (uneven light,
blur, noise, compression). Hands differ: a mark is broad or narrow and leans, so that its mean is no good template.
Archive and site differ in the mark's angle, place and size, and in nothing else: hand, stone, light and camera
are drawn alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

CLASSES = ("alard", "berold", "colin", "drogo", "ermin")
SIDE = 32  # of the squares that the marker feeds in
HOLDOUT_PER_CLASS = 300
REACH = 0.33  # from a mark's centre to its furthest end, in sides of the picture: the archive's pictures
SIZES = (0.75, 1.25)  # of a mark on the site, as a share of that
SHIFT = 0.15  # how far a mark on the site may be off centre, each way, in sides of the picture
BREADTH = 0.38  # a mark is up to e to this power broader and lower than drawn below, or narrower and taller
LEAN = 0.45  # and its top may be this far to the left or right of its middle, half its height being 1
Strokes = tuple[tuple[tuple[float, float], ...], ...]  # polylines, x to the right, y down

MARKS: dict[str, Strokes] = {
    "glass": (((-0.6, -0.85), (0.6, -0.85), (-0.6, 0.85), (0.6, 0.85), (-0.6, -0.85)),),
    "kite": (((0, -1), (0.65, 0), (0, 1), (-0.65, 0), (0, -1)), ((0, -1), (0, 1))),
    "ladder": (
        ((-0.45, -1), (-0.45, 1)),
        ((0.45, -1), (0.45, 1)),
        ((-0.45, -0.35), (0.45, -0.35)),
        ((-0.45, 0.35), (0.45, 0.35)),
    ),
    "roofs": (((-0.8, 0.1), (0, -0.8), (0.8, 0.1)), ((-0.8, 0.8), (0, -0.1), (0.8, 0.8))),
    "star": (((0, -1), (0, 1)), ((-0.87, -0.5), (0.87, 0.5)), ((-0.87, 0.5), (0.87, -0.5))),
}
STONES = ((196, 178, 142), (168, 164, 156), (178, 142, 116), (142, 146, 134), (204, 196, 178))
LICHENS = ((208, 210, 198), (200, 160, 66), (128, 136, 90), (78, 76, 70))


@dataclass(frozen=True)
class World:
    """One abbey: who cut which mark, and what its stones are like."""

    marks: tuple[str, ...]  # by mason
    stone: tuple[int, int, int]  # red, green, blue
    sun: float  # direction in radians that most light comes from
    lichen: float  # share of stones with much of it
    tooling: float  # share of stones on which the strokes of the dressing axe still show
    png: float  # share of pictures saved as PNG
    per_class: tuple[int, ...]  # training pictures, by mason


def make_world(rng: np.random.Generator) -> World:
    """Draw an abbey."""
    red, green, blue = (int(c) for c in STONES[rng.integers(len(STONES))])
    return World(
        marks=tuple(str(name) for name in rng.permutation(list(MARKS))),
        stone=(red, green, blue),
        sun=round(float(rng.uniform(0, 2 * np.pi)), 2),
        lichen=round(float(rng.uniform(0.38, 0.42)), 2),
        tooling=round(float(rng.uniform(0.32, 0.36)), 2),
        png=round(float(rng.uniform(0.25, 0.4)), 2),
        per_class=tuple(int(n) for n in rng.integers(195, 206, len(CLASSES))),
    )


# ---- the mark ------------------------------------------------------------------------------------------


def _lines(mark: str) -> list[np.ndarray]:
    """A mark's strokes about its centre, the furthest end at distance 1."""
    lines = [np.array(line, float) for line in MARKS[mark]]
    points = np.vstack(lines)
    middle = (points.min(0) + points.max(0)) / 2
    radius = np.hypot(*(points - middle).T).max()
    return [(line - middle) / radius for line in lines]


@dataclass(frozen=True)
class _Pose:
    """How a mark lies in its picture."""

    turn: float  # radians
    at: np.ndarray  # its centre, in sides of the picture
    reach: float  # in shorter sides of the picture


def _archive(rng: np.random.Generator) -> _Pose:
    """Upright, in the middle, all of a size."""
    return _Pose(rng.normal(0, 0.03), 0.5 + rng.normal(0, 0.01, 2), REACH * rng.uniform(0.95, 1.05))


def _site(rng: np.random.Generator) -> _Pose:
    """As the stones fell: any angle, off centre, near or far, but never cut by the picture's edge."""
    reach = REACH * rng.uniform(*SIZES)
    room = min(SHIFT, 0.49 - reach)
    return _Pose(rng.uniform(0, 2 * np.pi), 0.5 + rng.uniform(-room, room, 2), reach)


def _by_hand(lines: list[np.ndarray], rng: np.random.Generator) -> list[np.ndarray]:
    """The strokes as cut: no two cuts are alike, but the furthest end stays at distance 1 or so."""
    broad, lean = np.exp(rng.uniform(-BREADTH, BREADTH)), rng.uniform(-LEAN, LEAN)
    form = np.array([[broad, 0], [lean, 1 / broad]])
    form /= max(np.hypot(*(line @ form).T).max() for line in lines)
    return [line @ form + rng.normal(0, 0.045, line.shape) for line in lines]


def _groove(mark: str, pose: _Pose, h: int, w: int, rng: np.random.Generator) -> np.ndarray:
    """Depth 0..1 of the mark as a V-shaped groove, cut by hand and worn by the weather."""
    size = pose.reach * min(h, w)
    turn = np.array([[np.cos(pose.turn), np.sin(pose.turn)], [-np.sin(pose.turn), np.cos(pose.turn)]])
    canvas = Image.new("L", (3 * w, 3 * h))
    draw, wide = ImageDraw.Draw(canvas), rng.uniform(0.16, 0.21)
    for line in _by_hand(_lines(mark), rng):
        spots = (line @ turn * size + pose.at * (w, h)) * 3
        for a, b in pairwise(spots):
            width = 3 * size * wide * rng.uniform(0.8, 1.25)
            draw.line([*a, *b], fill=255, width=max(3, round(width)))
            for x, y in (a, b):  # round ends
                draw.ellipse([x - width / 2, y - width / 2, x + width / 2, y + width / 2], fill=255)
    soft = canvas.filter(ImageFilter.BoxBlur(3 * size * wide * 0.25)).reduce(3)
    worn = np.clip(rng.uniform(0.7, 1.0) + 0.2 * _cloud(rng, h, w, 5, 5), 0.4, 1)
    return np.asarray(soft, np.float32) / 255 * worn


# ---- the photograph ------------------------------------------------------------------------------------


def _cloud(rng: np.random.Generator, h: int, w: int, rows: int, cols: int) -> np.ndarray:
    """Smooth noise of standard deviation about 1."""
    small = Image.fromarray(rng.standard_normal((rows, cols), dtype=np.float32))
    return np.asarray(small.resize((w, h), Image.Resampling.BICUBIC))


def _crack(rng: np.random.Generator, h: int, w: int) -> np.ndarray:
    """A thin wandering line right across the picture, depth 0..1."""
    canvas = Image.new("L", (2 * w, 2 * h))
    heading = rng.uniform(0, 2 * np.pi)
    away = np.array([-np.sin(heading), np.cos(heading)]) * rng.uniform(-0.4, 0.4)
    step = np.column_stack([np.cos(heading + (bend := rng.normal(0, 0.5, 24))), np.sin(heading + bend)]) / 12
    path = (0.5 + away + np.cumsum(step, 0) - step.sum(0) / 2) * (2 * w, 2 * h)
    ImageDraw.Draw(canvas).line(path.ravel().tolist(), fill=255, width=int(rng.integers(1, 4)))
    return np.asarray(canvas.reduce(2), np.float32) / 255


def _photograph(mark: str, pose: _Pose, world: World, rng: np.random.Generator) -> bytes:
    """One picture of a mark, as the bytes of a JPEG or PNG file."""
    h, w = (int(n) for n in np.rint(rng.uniform(36, 60) * rng.uniform(0.93, 1.07, 2)))
    y, x = (axis.astype(np.float32) for axis in np.ogrid[0:h, 0:w])
    fine = rng.standard_normal((h, w), dtype=np.float32)
    coarse = _cloud(rng, h, w, 14, 14)

    # The surface as heights: grain, pits, perhaps the axe's strokes and cracks, and the mark cut into it.
    pits = np.clip(_cloud(rng, h, w, h // 3, w // 3) - rng.uniform(1.1, 1.8), 0, 1)
    height = 0.1 * coarse + rng.uniform(0.03, 0.07) * fine - 0.5 * pits
    if rng.random() < world.tooling:
        a = rng.uniform(0, np.pi)
        along = x * np.float32(np.cos(a)) + y * np.float32(np.sin(a)) + 1.5 * coarse
        height += rng.uniform(0.08, 0.2) * np.sin(along * np.float32(rng.uniform(0.6, 1.2)))
    groove = _groove(mark, pose, h, w, rng)
    cracks = np.zeros((h, w), np.float32)
    for _ in range(rng.choice(3, p=(0.7, 0.25, 0.05))):
        cracks = np.maximum(cracks, _crack(rng, h, w) * np.float32(rng.uniform(0.4, 0.9)))
    height -= groove * np.float32(rng.uniform(1.1, 1.6)) + 0.6 * cracks

    # The sun comes from the side: slopes that face it are bright, the others lie in shade; dirt fills grooves.
    a = world.sun + rng.normal(0, 1.2)
    sun = np.array([np.cos(a), np.sin(a)], np.float32)
    slope_y, slope_x = np.gradient(height)
    shade = np.clip(-(slope_x * sun[0] + slope_y * sun[1]) * rng.uniform(0.6, 1.1), -0.5, 0.45)
    dirt = rng.uniform(0.5, 0.7) * groove + rng.uniform(0.2, 0.5) * cracks + 0.25 * pits
    light = (1 + shade + 0.05 * coarse) * (1 - dirt)
    stone = np.array(world.stone) * rng.uniform(0.85, 1.12) + rng.normal(0, 4, 3)
    stain = _cloud(rng, h, w, 4, 4)[..., None] * np.float32(rng.normal(0, 8)) * np.array([1, 0.9, 0.7], np.float32)
    scene = (stone.astype(np.float32) + stain) * light[..., None]

    # Lichen grows over stone and mark alike, and lets the relief shine through.
    thick = 1.0 if rng.random() < world.lichen else 1.7
    for colour in rng.permutation(np.array(LICHENS, np.float32))[: rng.integers(1, 3)]:
        patch = _cloud(rng, h, w, int(rng.integers(5, 12)), int(rng.integers(5, 12))) + 0.25 * fine
        cover = np.clip((patch - thick - rng.uniform(0, 0.5)) * 3, 0, 0.7)[..., None]
        scene += cover * (colour * (0.9 + 0.6 * shade + 0.06 * fine)[..., None] - scene)

    # Whoever took the photograph wetted the stone, so that it is dark, and ran a piece of chalk along the groove.
    chalk = np.clip(groove * rng.uniform(1.1, 1.5) * (1 + 0.35 * np.clip(fine, -1.5, 1)), 0, 1)[..., None]
    white = np.array((226, 224, 214), np.float32) * (0.9 + 0.3 * shade)[..., None]
    scene = 0.37 * scene * (1 - chalk) + white * chalk

    # And then the photograph: light that falls off, a shadow, a tint, blur, noise, compression.
    slope = (x / w - 0.5) * sun[0] + (y / h - 0.5) * sun[1]
    bright = rng.uniform(0.75, 1.15) * (1 + rng.uniform(0, 0.8) * slope)
    if rng.random() < 0.35:  # of a branch, a wall or whoever holds the camera
        a = rng.uniform(0, 2 * np.pi)
        over = (x / w - 0.5) * float(np.cos(a)) + (y / h - 0.5) * float(np.sin(a)) - rng.uniform(-0.3, 0.3)
        bright = bright * (1 - rng.uniform(0.25, 0.55) / (1 + np.exp(np.clip(-over * 25, -30, 30))))
    tint = 1 + float(rng.normal(0, 0.6)) * np.array([0.07, 0.0, -0.1], np.float32)
    scene = np.clip(scene * bright[..., None] * tint, 0, 255).astype(np.uint8)
    image = Image.fromarray(scene).filter(ImageFilter.GaussianBlur(rng.uniform(0.2, 0.8) * min(h, w) / 64))
    noise = rng.standard_normal((h, w, 3), dtype=np.float32) * np.float32(rng.uniform(1, 7))
    image, file = Image.fromarray(np.clip(image + noise, 0, 255).astype(np.uint8)), BytesIO()
    if rng.random() < world.png:
        image.save(file, "PNG", compress_level=1)
    else:
        image.save(file, "JPEG", quality=int(rng.integers(30, 90)))
    return file.getvalue()


# ---- what the paper asks for ---------------------------------------------------------------------------


def write_train(world: World, rng: np.random.Generator, folder: Path, progress: Callable[[float], None]) -> None:
    """Write archive/<mason>/plate_<number>.jpg or .png; the numbers tell nothing about the mason."""
    for name in CLASSES:
        (folder / "archive" / name).mkdir(parents=True)
    for i, (k, picture) in enumerate(_album(world, rng)):
        kind = "png" if picture.startswith(b"\x89PNG") else "jpg"
        (folder / "archive" / CLASSES[k] / f"plate_{i:04d}.{kind}").write_bytes(picture)
        if i % 30 == 0:
            progress(i / sum(world.per_class))
    progress(1.0)


def _album(world: World, rng: np.random.Generator) -> Iterator[tuple[int, bytes]]:
    """The candidate's pictures, as the bytes of files, each with its class."""
    for k in rng.permutation(np.repeat(np.arange(len(CLASSES)), world.per_class)):
        yield int(k), _photograph(world.marks[k], _archive(rng), world, rng)


def to_array(picture: bytes) -> np.ndarray:
    """A file's pixels as the brief promises: RGB, whole, plain bilinear to SIDE x SIDE, 0..255."""
    with Image.open(BytesIO(picture)) as image:
        # An affine transform, because Pillow's resize() would smooth first, which TensorFlow's does not.
        scale = (image.width / SIDE, 0, 0, 0, image.height / SIDE, 0)
        squared = image.convert("RGB").transform((SIDE, SIDE), Image.Transform.AFFINE, scale, Image.Resampling.BILINEAR)
    return np.asarray(squared, np.float32)


def make_train(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """The candidate's pictures as (n, 32, 32, 3); labels index CLASSES."""
    pairs = [(to_array(picture), k) for k, picture in _album(world, rng)]
    return np.stack([array for array, _ in pairs]), np.array([k for _, k in pairs], np.int64)


def make_holdout(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Pictures of the stones on the site as (n, 32, 32, 3), as many of each mason; labels index CLASSES."""
    labels = rng.permutation(np.repeat(np.arange(len(CLASSES)), HOLDOUT_PER_CLASS))
    pictures = [to_array(_photograph(world.marks[k], _site(rng), world, rng)) for k in labels]
    return np.stack(pictures), labels.astype(np.int64)
