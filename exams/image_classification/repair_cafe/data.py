"""Snapshots of spare parts on a workbench: what "The repair cafe's drawer" trains and is marked on.

Every picture is drawn as a small scene: a surface, some clutter, one part as a height map that a lamp
lights from the side, then everything that goes wrong in a hurried snapshot (slanted view, uneven light, blur,
noise, compression).
Colour, surface, size and angle are drawn alike for all classes: only the form of the part tells the class.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

CLASSES = ("bolt", "gear", "nut", "spring")
SIDE = 64  # of the squares that the marker feeds in
HOLDOUT_PER_CLASS = 200
Layer = tuple[int, np.ndarray]  # a height 0..255 (0 cuts a hole) and the polygon (n, 2) that it fills

METALS = (  # red, green, blue
    (150, 152, 156),
    (176, 178, 182),
    (112, 114, 120),
    (190, 158, 92),
    (168, 112, 80),
    (62, 60, 62),
    (140, 104, 82),
)
PLASTICS = ((196, 64, 50), (60, 110, 170), (226, 222, 210), (70, 140, 90), (220, 170, 60))
SURFACES = ("wood", "cloth", "paper", "mat", "board", "stone")


@dataclass(frozen=True)
class World:
    """One repair cafe: how its volunteers take pictures. The forms of the parts are the same everywhere."""

    surfaces: tuple[str, ...]  # what lies under the parts
    warmth: float  # of the lamps: -1 cold tubes, 1 warm bulbs
    lamp: float  # direction in radians that most light comes from
    plastic: float  # share of parts that are coloured plastic
    png: float  # share of pictures saved as PNG
    per_class: tuple[int, ...]  # training pictures, by class


def make_world(rng: np.random.Generator) -> World:
    """Draw a cafe."""
    return World(
        surfaces=tuple(sorted(str(s) for s in rng.choice(SURFACES, 5, replace=False))),
        warmth=round(float(rng.uniform(-0.8, 0.8)), 2),
        lamp=round(float(rng.uniform(0, 2 * np.pi)), 2),
        plastic=round(float(rng.uniform(0.15, 0.3)), 2),
        png=round(float(rng.uniform(0.25, 0.4)), 2),
        per_class=tuple(int(n) for n in rng.integers(135, 146, len(CLASSES))),
    )


# ---- forms: layers within about -1..1 ------------------------------------------------------------------


def _ring(radius: float, n: int = 28, turn: float = 0.0) -> np.ndarray:
    a = turn + np.arange(n) * (2 * np.pi / n)
    return np.column_stack([np.cos(a), np.sin(a)]) * radius


def _box(x0: float, y0: float, x1: float, y1: float) -> np.ndarray:
    return np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]])


def _stroke(points: np.ndarray, width: float) -> np.ndarray:
    """The outline of a wire of this width along the points."""
    d = np.vstack([points[1:2] - points[:1], points[2:] - points[:-2], points[-1:] - points[-2:-1]])
    side = np.column_stack([-d[:, 1], d[:, 0]]) / np.hypot(d[:, 0], d[:, 1])[:, None]
    side *= width / 2
    return np.vstack([points + side, (points - side)[::-1]])


def _nut(rng: np.random.Generator) -> list[Layer]:
    turn, bore = rng.uniform(0, 2), rng.uniform(0.4, 0.62)
    layers = [(175, _ring(1.0, 6, turn)), (210, _ring(0.86, 30))]
    if rng.random() < 0.3:  # a lock nut: a collar round the bore
        layers.append((150, _ring(bore + 0.16)))
    return [*layers, (120, _ring(bore + 0.06)), (0, _ring(bore - 0.03))]


def _gear(rng: np.random.Generator) -> list[Layer]:
    n, depth, taper = int(rng.integers(8, 15)), rng.uniform(0.17, 0.25), rng.uniform(0.45, 0.8)
    step, a = 2 * np.pi / n, np.arange(n) * (2 * np.pi / n)
    angles = (a[:, None] + 0.28 * step * np.array([-1, -taper, taper, 1])).ravel()
    radii = np.tile([1 - depth, 1.0, 1.0, 1 - depth], n)
    bore = rng.uniform(0.2, 0.56)
    layers: list[Layer] = [(200, np.column_stack([np.cos(angles), np.sin(angles)]) * radii[:, None])]
    if bore < 0.32 and rng.random() < 0.7:  # a recess round the hub
        layers += [(150, _ring(0.66)), (205, _ring(bore + 0.14))]
    return [*layers, (0, _ring(bore))]


def _bolt(rng: np.random.Generator) -> list[Layer]:
    r, head, wide = rng.uniform(0.15, 0.22), rng.uniform(0.2, 0.36), rng.uniform(2.0, 2.6)
    start, kind = -1 + head, rng.integers(3)
    layers: list[Layer] = [(150, _box(start, -r, 1, r)), (205, _box(start, -r * 0.55, 0.98, r * 0.55))]
    plain, pitch = start + rng.uniform(0, 0.7), rng.uniform(0.1, 0.16)
    for x in np.arange(plain, 0.95, pitch):  # the thread
        groove = [[x, -r], [x + pitch * 0.4, -r], [x + pitch * 0.9, r], [x + pitch * 0.5, r]]
        layers += [(120, np.array(groove))]
    if kind == 0:  # hexagon head, seen from the side
        layers += [
            (185, _box(-1, -r * wide, start, r * wide)),
            (220, _box(-1, -r * wide * 0.5, start, r * wide * 0.5)),
        ]
    elif kind == 1:  # countersunk
        layers.append((205, np.array([[-1, -r * wide], [start, -r], [start, r], [-1, r * wide]])))
    else:  # round head
        a = np.linspace(np.pi / 2, 3 * np.pi / 2, 12)
        layers.append((210, np.column_stack([start + np.cos(a) * head, np.sin(a) * r * wide])))
    return layers


def _spring(rng: np.random.Generator) -> list[Layer]:
    turns, r, wire = int(rng.integers(5, 8)), rng.uniform(0.28, 0.42), rng.uniform(0.07, 0.1)
    x = np.linspace(-1, 1, 2 * turns + 1)
    bend = rng.normal(0, 0.08)
    zig = np.column_stack([x, r * (-1.0) ** np.arange(2 * turns + 1) + bend * (1 - x**2)])
    layers: list[Layer] = []
    for height, first in ((125, 1), (215, 0)):  # half turns below, then those above
        for i in range(first, 2 * turns, 2):
            t = np.linspace(0, 1, 5)[:, None]
            swing = np.sin((t - 0.5) * np.pi) / 2 + 0.5  # round the bends
            p = zig[i] + (zig[i + 1] - zig[i]) * np.hstack([t, swing])
            layers.append((height, _stroke(p, wire)))
    return layers


FORMS: dict[str, Callable[[np.random.Generator], list[Layer]]] = {
    "bolt": _bolt,
    "gear": _gear,
    "nut": _nut,
    "spring": _spring,
}


def _litter(rng: np.random.Generator) -> list[Layer]:
    """Something else that lies about: a stick, a cable, a scrap, a crumb."""
    kind = rng.integers(4)
    if kind == 0:
        return [(160, _box(-2.5, -0.12, 2.5, 0.12)), (190, _box(-2.5, -0.05, 2.5, 0.05))]
    if kind == 1:
        t = np.linspace(-3, 3, 24)
        cable = np.column_stack([t, rng.uniform(0.2, 0.6) * np.sin(t * rng.uniform(0.8, 1.6))])
        return [(150, _stroke(cable, 0.22)), (200, _stroke(cable, 0.1))]
    if kind == 2:
        return [(70, _ring(1, int(rng.integers(3, 6)), rng.uniform(0, 2)) * rng.uniform(0.6, 1.4, 2))]
    n = int(rng.integers(6, 10))
    return [(150, _ring(0.35, n) * rng.uniform(0.6, 1.2, (n, 1)))]


# ---- the scene -----------------------------------------------------------------------------------------


def _cloud(rng: np.random.Generator, h: int, w: int, rows: int, cols: int) -> np.ndarray:
    """Smooth noise of standard deviation about 1."""
    small = Image.fromarray(rng.standard_normal((rows, cols), dtype=np.float32))
    return np.asarray(small.resize((w, h), Image.Resampling.BICUBIC))


def _axes(h: int, w: int) -> tuple[np.ndarray, np.ndarray]:
    return np.arange(h, dtype=np.float32)[:, None], np.arange(w, dtype=np.float32)


def _surface(kind: str, rng: np.random.Generator, h: int, w: int) -> np.ndarray:
    """A bench top, (3, h, w), 0..255: colours first, so that NumPy works along whole rows."""
    a = rng.uniform(0, np.pi)
    y, x = _axes(h, w)
    u, v = x * float(np.cos(a)) + y * float(np.sin(a)), y * float(np.cos(a)) - x * float(np.sin(a))
    stain = _cloud(rng, h, w, 4, 4)
    fine = rng.standard_normal((h, w), dtype=np.float32)
    if kind == "wood":
        base = rng.uniform(0.6, 1.1) * np.array([178, 132, 88])
        tone = 14 * np.sin(u * rng.uniform(0.25, 0.6) + 2.5 * stain) + 5 * fine - 60 * (np.abs(u % 61 - 30) < 0.8)
    elif kind == "cloth":
        base, f = rng.uniform(60, 200, 3), rng.uniform(0.9, 1.6)
        tone = 13 * np.sin(u * f) * np.sin(v * f) + 10 * stain + 4 * fine
    elif kind == "paper":  # a page of print
        base, row = np.array([214, 210, 200]) * rng.uniform(0.85, 1.1), rng.uniform(6, 10)
        words = _cloud(rng, h, w, h // 4, w // 3) > -0.2
        tone = 3 * fine + 5 * stain - rng.uniform(50, 110) * (words & (v % row < row * 0.45))
    elif kind == "mat":  # a cutting mat
        base, step = (
            np.array(((44, 98, 84), (40, 62, 104), (66, 66, 70))[rng.integers(3)]),
            rng.uniform(12, 24),
        )
        tone = 45 * ((u % step < 1.0) | (v % step < 1.0)) + 4 * fine + 6 * stain
    elif kind == "board":  # cork or chipboard
        base = np.array([170, 130, 90]) * rng.uniform(0.7, 1.2)
        tone = 16 * _cloud(rng, h, w, h // 3, w // 3) + 8 * fine + 6 * stain
    else:  # stone or concrete
        base = rng.uniform(90, 190) + rng.normal(0, 8, 3)
        tone = 9 * _cloud(rng, h, w, h // 8, w // 8) + 9 * fine + 8 * stain
    top: np.ndarray = _planes(base) + tone.astype(np.float32)
    return top.clip(0, 255)


def _planes(colour: np.ndarray) -> np.ndarray:
    return colour.astype(np.float32)[:, None, None]


def _image(a: np.ndarray) -> Image.Image:
    """One channel (h, w) or colours (3, h, w) as Pillow has them."""
    pixels = a.clip(0, 255).astype(np.uint8)
    return Image.fromarray(pixels if a.ndim == 2 else np.ascontiguousarray(pixels.transpose(1, 2, 0)))


def _blur(a: np.ndarray, radius: float) -> np.ndarray:
    return np.asarray(_image(a).filter(ImageFilter.GaussianBlur(radius)))


def _put(
    scene: np.ndarray,
    layers: list[Layer],
    at: np.ndarray,
    size: float,
    colour: np.ndarray,
    lamp: np.ndarray,
    rng: np.random.Generator,
) -> None:
    """Lay a form on the scene: turned, seen at a slant, lit by the lamp, with its edge and its shadow."""
    turn, slant, squeeze = rng.uniform(0, 2 * np.pi), rng.uniform(0, 2 * np.pi), rng.uniform(0.7, 1.0)
    view = np.array([np.cos(slant), np.sin(slant)])
    rotate = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    near = rng.uniform(0, 0.22)
    thick = view * size * (1 - squeeze) * rng.uniform(0.2, 0.5)  # how far the edge of the part shows
    fall = thick - lamp * size * rng.uniform(0.06, 0.2)  # where its shadow falls

    outlines = []
    for _, polygon in layers:
        p = polygon @ rotate
        depth = p @ view
        p = (p - np.outer(depth * (1 - squeeze), view)) / (1 + near * np.clip(depth, -2, 2))[:, None]
        outlines.append(p * size + at)
    reach = np.abs(fall).max() + 6  # only this corner of the scene changes
    x0, y0 = np.maximum(np.min([o.min(0) for o in outlines], 0) - reach, 0).astype(int)
    x1, y1 = np.minimum(np.max([o.max(0) for o in outlines], 0) + reach, scene.shape[:0:-1]).astype(int)
    h, w = y1 - y0, x1 - x0
    if min(h, w) < 6:
        return
    scene, colour = scene[:, y0:y1, x0:x1], _planes(colour)

    canvas = Image.new("L", (2 * w, 2 * h))
    draw = ImageDraw.Draw(canvas)
    for (height, _), outline in zip(layers, outlines, strict=True):
        draw.polygon((2 * (outline - (x0, y0))).ravel().tolist(), fill=height)
    height_map = np.asarray(canvas.reduce(2), np.float32)
    cover = np.minimum(height_map / 60, 1)
    edge = cover
    for part in (0.5, 1.0):
        dx, dy = np.rint(thick * part).astype(int)
        edge = np.maximum(edge, np.roll(cover, (dy, dx), (0, 1)))
    dx, dy = np.rint(fall).astype(int)
    shadow = _blur(255 * np.roll(edge, (dy, dx), (0, 1)), rng.uniform(1, 3)) * np.float32(rng.uniform(0.25, 0.7) / 255)
    scene *= 1 - shadow
    scene += edge * (colour * 0.45 - scene)

    relief = _blur(height_map, 0.9).astype(np.float32)
    facing = np.zeros_like(relief)  # slopes that look at the lamp are bright
    facing[1:-1, 1:-1] = (relief[:-2, 1:-1] - relief[2:, 1:-1]) * lamp[1] + (
        relief[1:-1, :-2] - relief[1:-1, 2:]
    ) * lamp[0]
    y, x = _axes(h, w)
    gleam = np.sin((x * lamp[1] + y * lamp[0]) * (rng.uniform(1.5, 4) / size) + rng.uniform(0, 6)).astype(np.float32)
    rust = _cloud(rng, h, w, 12, 12) * rng.uniform(0.01, 0.1)
    light = 0.62 + height_map / 700 + 0.16 * gleam + np.clip(facing * 0.006, -0.5, 0.9) + rust
    scene += cover * (colour * light + 50 * np.clip(light - 1.15, 0, 1) - scene)


def _colour(world: World, rng: np.random.Generator) -> np.ndarray:
    table = PLASTICS if rng.random() < world.plastic else METALS
    return np.array(table[rng.integers(len(table))]) * rng.uniform(0.75, 1.2) + rng.normal(0, 6, 3)


def _snapshot(label: str, world: World, rng: np.random.Generator) -> bytes:
    """One picture of a part, as the bytes of a JPEG or PNG file."""
    w, h = (int(n) for n in rng.integers(60, 121, 2))
    w, h = (max(w, int(0.6 * h)), max(h, int(0.6 * w)))
    size, frame = min(w, h), np.array([w, h])
    scene = _surface(world.surfaces[rng.integers(len(world.surfaces))], rng, h, w)
    angle = world.lamp + rng.normal(0, 0.9)
    lamp = np.array([np.cos(angle), np.sin(angle)], np.float32)

    for _ in range(rng.integers(0, 3)):
        away = rng.uniform(0, 2 * np.pi)
        spot = frame * (0.5 + 0.5 * np.array([np.cos(away), np.sin(away)]))
        _put(
            scene,
            _litter(rng),
            spot,
            size * rng.uniform(0.12, 0.3),
            rng.uniform(40, 230, 3),
            lamp,
            rng,
        )
    at = frame * 0.5 + rng.normal(0, 0.04, 2) * frame
    _put(scene, FORMS[label](rng), at, size * rng.uniform(0.34, 0.47), _colour(world, rng), lamp, rng)

    y, x = _axes(h, w)
    slope = (x / w - 0.5) * lamp[0] + (y / h - 0.5) * lamp[1]
    light = rng.uniform(0.75, 1.15) * (1 + rng.uniform(0, 1.0) * slope)
    if rng.random() < 0.3:  # the shadow of whoever holds the phone
        a = rng.uniform(0, 2 * np.pi)
        over = (x / w - 0.5) * np.cos(a) + (y / h - 0.5) * np.sin(a) - rng.uniform(-0.3, 0.3)
        light = light * (1 - rng.uniform(0.25, 0.6) / (1 + np.exp(np.clip(-over * 25, -30, 30))))
    tint = 1 + (world.warmth + rng.normal(0, 0.5)) * np.array([0.1, 0.0, -0.14])
    scene *= light.astype(np.float32) * _planes(tint)
    if rng.random() < 0.12:  # a finger over the corner of the lens
        corner = frame * rng.integers(0, 2, 2)
        near = ((x - corner[0]) / w) ** 2 + ((y - corner[1]) / h) ** 2
        finger = 1 / (1 + np.exp(np.clip((near - rng.uniform(0.03, 0.1)) * 120, -30, 30)))
        scene += finger.astype(np.float32) * (_planes(np.array([190, 120, 96]) * rng.uniform(0.4, 1.1)) - scene)

    scene = _blur(scene, rng.uniform(0.2, 1.1) * size / 90).transpose(2, 0, 1).astype(np.float32, order="C")
    if rng.random() < 0.2:  # the hand shook
        dx, dy = (int(n) for n in rng.integers(-2, 3, 2))
        scene = (scene + np.roll(scene, (dy, dx), (1, 2)) + np.roll(scene, (2 * dy, 2 * dx), (1, 2))) / 3
    scene += rng.standard_normal(scene.shape, dtype=np.float32) * np.float32(rng.uniform(1, 9))
    image, file = _image(scene), BytesIO()
    if rng.random() < 0.06:
        image = image.convert("L")
    if rng.random() < world.png:
        image.save(file, "PNG", compress_level=1)
    else:
        image.save(file, "JPEG", quality=int(rng.integers(30, 90)))
    return file.getvalue()


# ---- what the paper asks for ---------------------------------------------------------------------------


def write_train(world: World, rng: np.random.Generator, folder: Path, progress: Callable[[float], None]) -> None:
    """Write parts/<class>/snap_<number>.jpg or .png; the numbers tell nothing about the class."""
    for name in CLASSES:
        (folder / "parts" / name).mkdir(parents=True)
    for i, (name, picture) in enumerate(_album(world, rng)):
        kind = "png" if picture.startswith(b"\x89PNG") else "jpg"
        (folder / "parts" / name / f"snap_{i:04d}.{kind}").write_bytes(picture)
        if i % 40 == 0:
            progress(i / sum(world.per_class))
    progress(1.0)


def _album(world: World, rng: np.random.Generator) -> Iterator[tuple[str, bytes]]:
    """The candidate's pictures, as the bytes of files, each with its class."""
    for name in rng.permutation(np.repeat(CLASSES, world.per_class)):
        yield str(name), _snapshot(str(name), world, rng)


def to_array(picture: bytes) -> np.ndarray:
    """A file's pixels as the brief promises: RGB, whole, plain bilinear to SIDE x SIDE, 0..255."""
    with Image.open(BytesIO(picture)) as image:
        # An affine transform, because Pillow's resize() would smooth first, which TensorFlow's does not.
        scale = (image.width / SIDE, 0, 0, 0, image.height / SIDE, 0)
        squared = image.convert("RGB").transform((SIDE, SIDE), Image.Transform.AFFINE, scale, Image.Resampling.BILINEAR)
    return np.asarray(squared, np.float32)


def make_train(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """The candidate's pictures as (n, 64, 64, 3); labels index CLASSES."""
    pairs = [(to_array(picture), CLASSES.index(name)) for name, picture in _album(world, rng)]
    return np.stack([array for array, _ in pairs]), np.array([label for _, label in pairs], np.int64)


def make_holdout(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Fresh pictures of the same cafe as (n, 64, 64, 3), as many of each class; labels index CLASSES."""
    labels = rng.permutation(np.repeat(np.arange(len(CLASSES)), HOLDOUT_PER_CLASS))
    return np.stack([to_array(_snapshot(CLASSES[k], world, rng)) for k in labels]), labels.astype(np.int64)
