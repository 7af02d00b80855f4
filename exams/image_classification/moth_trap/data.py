"""Moths on a lit sheet at night: what "Sixty moths" trains and is marked on.

A species is a list of traits between 0 and 1: how its wings are cut and held, how they are coloured, banded and
spotted. Every picture is one moth of a species, painted by that list with small whims of its own, and then all
that goes wrong when a volunteer takes a picture by night: the moth sits askew and is worn, the light is uneven
and coloured, the hand shakes. All species sit, wear and are photographed alike: only the traits tell them apart.

The museum's network, backbone.keras, was trained on other draws of traits than a paper's (see make_backbone.py
in the question's scoring folder, which paints with this file).
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

CLASSES = (
    "barley_veil", "candle_weaver", "dusk_lantern", "elder_monk", "frost_courier",
    "kiln_dancer", "mill_ghost", "river_sexton", "tin_drummer", "wax_pilgrim",
)  # fmt: skip
SIDE = 48  # of the squares that the marker feeds in
TRAIN_PER_CLASS = 6
HOLDOUT_PER_CLASS = 150
BATCH = 12  # pictures that are painted at a time: they have the same sides
BACKBONE = Path(__file__).parent / "backbone.keras"
SIDES = ((56, 56), (68, 52), (52, 68), (72, 60), (56, 76))  # height, width

TRAITS: dict[str, tuple[float, float]] = {  # what 0 and 1 stand for; lengths in wing lengths, angles in radians
    "fore_angle": (-0.35, 0.55),  # of the fore wing: spread wide, or swept back
    "fore_length": (0.82, 1.08),
    "fore_width": (0.58, 0.95),
    "fore_cut": (1.8, 5.0),  # pointed or blunt
    "fore_skew": (-0.25, 0.45),  # which corner is drawn out
    "scallop": (-0.05, 0.07),  # of the margin
    "hind_length": (0.55, 0.85),
    "hind_angle": (0.85, 1.2),
    "body_width": (0.09, 0.19),
    "body_length": (0.5, 0.8),
    "fore_tone": (0.34, 0.74),
    "fore_warmth": (-0.3, 0.8),
    "hind_tone": (0.34, 0.74),
    "hind_warmth": (-0.3, 1.0),
    "body_tone": (0.25, 0.8),
    "band1_at": (0.28, 0.50),
    "band1_width": (0.03, 0.09),
    "band1_tone": (-0.32, 0.32),
    "band2_at": (0.60, 0.82),
    "band2_width": (0.03, 0.10),
    "band2_tone": (-0.32, 0.32),
    "wave": (-0.02, 0.09),
    "wave_number": (3.0, 9.0),
    "hind_band_at": (0.45, 0.85),
    "hind_band_tone": (-0.32, 0.32),
    "spot_at": (0.40, 0.72),
    "spot_side": (-0.4, 0.4),
    "spot_size": (-0.08, 0.22),  # none below 0.05
    "spot_ring": (-0.4, 0.4),
    "fringe_tone": (-0.3, 0.35),
    "rings": (-0.25, 0.3),  # on the abdomen
}
COLOURS = ("fore_tone", "fore_warmth", "hind_tone", "hind_warmth", "body_tone")  # what a bad picture still shows
NEAREST = 0.27  # how far a species is from the one most like it in these, on average, as a root mean square
CLOSEST = 0.19  # the two most alike of all


@dataclass(frozen=True)
class World:
    """One village: ten species that fly there, and how its volunteers take pictures."""

    species: tuple[tuple[float, ...], ...]  # by class, traits in the order of TRAITS
    surfaces: tuple[float, float, float]  # share of pictures on the sheet, on bark and on the wall
    lamp: float  # direction in radians that most light comes from
    warmth: float  # of the lamp: -1 violet, 1 yellow


def make_world(rng: np.random.Generator) -> World:
    """Draw a village. Of many draws of species, one that is as hard as any other village's."""
    n = len(CLASSES)
    draws = rng.random((300, n, len(TRAITS)))
    colours = [list(TRAITS).index(name) for name in COLOURS]
    # Each colour is spread evenly over the species, so that every village's are as different as any other's.
    ranks = rng.permuted(np.broadcast_to(np.arange(n)[:, None], (len(draws), n, len(colours))), axis=1)
    draws[:, :, colours] = (ranks + 0.5) / n
    shown = draws[:, :, colours]
    apart = np.sqrt(((shown[:, :, None] - shown[:, None]) ** 2).mean(-1)) + 9 * np.eye(n)
    nearest = apart.min(-1)
    best = draws[np.argmin(np.abs(nearest.min(-1) - CLOSEST) + np.abs(nearest.mean(-1) - NEAREST))]
    shares = rng.dirichlet((12, 8, 8))
    return World(
        species=tuple(tuple(round(float(t), 3) for t in one) for one in best),
        surfaces=(float(shares[0]), float(shares[1]), float(shares[2])),
        lamp=round(float(rng.uniform(0, 2 * np.pi)), 2),
        warmth=round(float(rng.uniform(-0.5, 0.5)), 2),
    )


# ---- painting: arrays are (pictures, height, width), or (pictures, 1, 1) for one number a picture ---------


@cache
def _stretch(few: int, many: int) -> np.ndarray:
    """The matrix (many, few) that interpolates smoothly."""
    return np.asarray(Image.fromarray(np.eye(few, dtype=np.float32)).resize((few, many), Image.Resampling.BICUBIC))


def _cloud(rng: np.random.Generator, n: int, shape: tuple[int, int], rows: int, cols: int) -> np.ndarray:
    """Smooth noise of standard deviation about 1."""
    small = rng.standard_normal((n, rows, cols), dtype=np.float32)
    return _stretch(rows, shape[0]) @ small @ _stretch(cols, shape[1]).T


def _draw(rng: np.random.Generator, n: int, low: float, high: float) -> np.ndarray:
    return rng.uniform(low, high, (n, 1, 1)).astype(np.float32)


def _bump(z: np.ndarray) -> np.ndarray:
    """1 at 0, falling to nothing beyond 1."""
    z = z * z
    return 1 / (1 + z * z)


def _blur(scene: np.ndarray, spread: np.ndarray, axis: int) -> np.ndarray:
    """Smear (n, h, w, colours) along its axis 1 or 2, each picture by its own spread in pixels."""
    i = np.arange(scene.shape[axis], dtype=np.float32)
    weights = np.exp(-0.5 * ((i[:, None] - i) / spread) ** 2)
    weights /= weights.sum(-1, keepdims=True)
    if axis == 1:
        return (weights @ scene.reshape(*scene.shape[:2], -1)).reshape(scene.shape)
    return weights[..., None, :, :] @ scene


def _polar(a: np.ndarray, y: np.ndarray, angle: np.ndarray, width: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Polar coordinates of a wing with its root at the origin: distance, and angle from -1 to 1 over its width."""
    return np.sqrt(a * a + y * y) + np.float32(1e-4), (np.arctan2(y, a) - angle) / width


def _ground(rng: np.random.Generator, n: int, shape: tuple[int, int], shares: tuple[float, ...]) -> np.ndarray:
    """What the moths sit on: a creased sheet, bark or a plastered wall; (n, h, w, 3), about 0..1."""
    kind = rng.choice(3, n, p=np.array(shares) / sum(shares))
    tone = np.array([(0.78, 0.77, 0.74), (0.42, 0.35, 0.28), (0.62, 0.57, 0.50)], np.float32)[kind]
    tone *= rng.uniform(0.75, 1.15, (n, 1)).astype(np.float32)
    tone += rng.normal(0, 0.03, (n, 3)).astype(np.float32)
    strength = np.array([(0.07, 0.03, 0.02), (0.05, 0.14, 0.05), (0.05, 0.02, 0.10)], np.float32)[kind]
    strength = strength[:, :, None, None] * rng.uniform(0.5, 1.3, (n, 3, 1, 1)).astype(np.float32)
    h, w = shape
    grain = strength[:, 0] * _cloud(rng, n, shape, 5, 5)
    grain += strength[:, 1] * _cloud(rng, n, shape, 7, w // 3)
    grain += strength[:, 2] * _cloud(rng, n, shape, h // 2, w // 2)
    crease = _cloud(rng, n, shape, 3, 3)
    grain -= (kind == 0)[:, None, None] * np.float32(0.16) * _bump(crease * _draw(rng, n, 5, 12))
    rows, columns = (axis.astype(np.float32) for axis in np.ogrid[0:h, 0:w])
    for _ in range(3):  # crumbs and other insects
        turn, size = _draw(rng, n, 0, np.pi), _draw(rng, n, -2.0, 4.5)
        x, y = columns - _draw(rng, n, 0, w), rows - _draw(rng, n, 0, h)
        u, v = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
        dark = np.where(size > 0, _draw(rng, n, 0.2, 0.8), 0).astype(np.float32)
        grain = (1 + grain) * (1 - dark * _bump((u * u + 6 * v * v) / np.maximum(size, 1) ** 2)) - 1
    return tone[:, None, None] * (1 + grain[..., None])


@dataclass(frozen=True)
class _Moths:
    """Some moths in their pictures: how they sit and what has befallen them."""

    trait: dict[str, np.ndarray]
    size: np.ndarray  # pixels a wing length
    a: np.ndarray  # across, the same on both sides
    y: np.ndarray  # from head to tail
    right: np.ndarray  # 1 on the right side
    lift: np.ndarray  # of all wings, in radians
    tilt: np.ndarray  # of the right wings alone
    nibbled: np.ndarray  # what the margins have lost
    fading: np.ndarray  # old moths have lost scales, and with them their pattern
    speckle: np.ndarray


def _settle(species: np.ndarray, rng: np.random.Generator, shape: tuple[int, int]) -> _Moths:
    """One moth of each row of `species`, head up more or less."""
    n, (h, w) = len(species), shape
    whim = np.clip(species + rng.normal(0, 0.05, species.shape), 0, 1)  # no two moths are quite alike
    rows, columns = (axis.astype(np.float32) for axis in np.ogrid[0:h, 0:w])
    size = min(h, w) * _draw(rng, n, 0.38, 0.48)
    turn, slant, squeeze = _draw(rng, n, -0.45, 0.45), _draw(rng, n, 0, 2 * np.pi), _draw(rng, n, 0, 0.25)
    x = (columns - w * _draw(rng, n, 0.45, 0.55)) / size
    y = (rows - h * _draw(rng, n, 0.45, 0.55)) / size
    away = (x * np.cos(slant) + y * np.sin(slant)) * squeeze  # it is seen from the side a little
    x, y = x + away * np.cos(slant), y + away * np.sin(slant)
    x, y = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
    return _Moths(
        trait={
            name: (low + (high - low) * whim[:, i, None, None]).astype(np.float32)
            for i, (name, (low, high)) in enumerate(TRAITS.items())
        },
        size=size,
        a=np.abs(x),
        y=y,
        right=(x > 0).astype(np.float32),
        lift=_draw(rng, n, -0.16, 0.16),
        tilt=_draw(rng, n, -0.1, 0.1),
        nibbled=np.maximum(_cloud(rng, n, shape, 7, 7) - _draw(rng, n, 0.3, 2.0), 0) * np.float32(0.35),
        fading=_draw(rng, n, 0.5, 1.1),
        speckle=_cloud(rng, n, shape, h // 2, w // 2) * _draw(rng, n, 0.01, 0.05),
    )


def _hind_wings(m: _Moths) -> tuple[np.ndarray, np.ndarray]:
    """Where they are, 0..1, and their colours. Along a wing s runs from root to margin, t from front to back."""
    trait = m.trait
    r, t = _polar(m.a - 0.04, m.y + 0.02, trait["hind_angle"] + 0.6 * m.lift + m.right * m.tilt, np.float32(0.8))
    reach = trait["hind_length"] * np.sqrt(np.maximum(1 - t * t * np.abs(t), 0)) + np.float32(1e-3)
    s = r / reach + m.nibbled
    ripple = np.maximum(trait["wave"], 0) * np.sin(trait["wave_number"] * t)
    tone = trait["hind_band_tone"] * _bump((s - trait["hind_band_at"] - ripple) / 0.08)
    tone += trait["fringe_tone"] * np.clip((s - 0.88) * 20, 0, 1)
    cover = np.clip((1 - s) * reach * m.size + 0.5, 0, 1)
    return cover, _coloured(trait["hind_tone"] + m.fading * tone + m.speckle, trait["hind_warmth"])


def _fore_wings(m: _Moths) -> tuple[np.ndarray, np.ndarray]:
    """Where they are, and their colours."""
    trait, a, y = m.trait, m.a - 0.05, m.y + 0.28
    angle = trait["fore_angle"] + m.lift + m.right * m.tilt
    r, t = _polar(a, y, angle, trait["fore_width"])
    edge = np.maximum(1 - np.abs(t) ** trait["fore_cut"], 0) ** np.float32(0.45)
    edge *= 1 - trait["fore_skew"] * t + np.maximum(trait["scallop"], 0) * np.cos(14 * t)
    reach = trait["fore_length"] * edge + np.float32(1e-3)
    s = r / reach + m.nibbled
    ripple = np.maximum(trait["wave"], 0) * np.sin(trait["wave_number"] * t)
    tone = trait["fringe_tone"] * np.clip((s - 0.9) * 20, 0, 1)
    for band in ("band1", "band2"):
        tone += trait[f"{band}_tone"] * _bump((s - trait[f"{band}_at"] - ripple) / trait[f"{band}_width"])

    out, spot_angle = trait["spot_at"] * trait["fore_length"], angle + trait["spot_side"] * trait["fore_width"]
    off = np.sqrt((a - out * np.cos(spot_angle)) ** 2 + (y - out * np.sin(spot_angle)) ** 2)
    off /= np.maximum(trait["spot_size"], 0.05)  # 1 at the rim of the eyespot, with a dark pupil within
    spot = (trait["spot_size"] > 0.05) * np.clip((1 - off) * 6, 0, 1)
    tone += spot * (trait["spot_ring"] - tone - 0.45 * np.clip((0.5 - off) * 8, 0, 1))
    cover = np.clip((1 - s) * reach * m.size + 0.5, 0, 1)
    return cover, _coloured(trait["fore_tone"] + m.fading * tone + m.speckle, trait["fore_warmth"])


def _body(m: _Moths) -> tuple[np.ndarray, np.ndarray]:
    """Where it is, and its colours."""
    trait, long = m.trait, m.trait["body_length"]
    u, v = m.a / trait["body_width"], (m.y + 0.45 - long) / long
    cover = np.clip((1 - np.sqrt(u * u + v * v)) * trait["body_width"] * m.size + 0.5, 0, 1)
    rings = np.maximum(trait["rings"], 0) * np.sin(24 * m.y) * (m.y > 0)
    return cover, _coloured(trait["body_tone"] + rings - 0.12 * u * u + m.speckle, trait["fore_warmth"])


def paint(species: np.ndarray, world: World, rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    """Pictures (n, *shape, 3) of 0..255, uint8: one moth of each row of `species` (n, traits)."""
    scene = _ground(rng, len(species), shape, world.surfaces)
    moths = _settle(species, rng, shape)
    cover, colours = _hind_wings(moths)
    feeler = np.abs(moths.a + 0.7 * moths.y + 0.23) * moths.size
    feelers = np.clip(1.1 - feeler, 0, 1) * ((moths.y < -0.4) & (moths.y > -0.8)) * np.float32(0.7)
    cover = np.maximum(cover, feelers)
    colours *= 1 - 0.6 * feelers[..., None]
    for above, painted in (_fore_wings(moths), _body(moths)):
        cover = np.maximum(cover, above)
        colours += above[..., None] * (painted - colours)

    lamp = world.lamp + rng.normal(0, 0.7)
    drop = (round(3 * float(np.sin(lamp))), round(3 * float(np.cos(lamp))))
    shadow = np.roll(cover, drop, (1, 2))[..., None]
    shadow = _blur(_blur(shadow, np.float32(1.5), 1), np.float32(1.5), 2)
    scene *= 1 - shadow * rng.uniform(0.1, 0.6, (len(species), 1, 1, 1)).astype(np.float32)
    scene += cover[..., None] * (colours - scene)
    return _photographed(scene, lamp, world.warmth, rng)


def _coloured(tone: np.ndarray, warmth: np.ndarray) -> np.ndarray:
    return np.stack([tone * (1 + 0.22 * warmth), tone * (1 + 0.02 * warmth), tone * (1 - 0.28 * warmth)], -1)


def _photographed(scene: np.ndarray, lamp: float, warmth: float, rng: np.random.Generator) -> np.ndarray:
    """Uneven light, a coloured lamp, a shaking hand, a noisy sensor: (n, h, w, 3) as uint8."""
    n, h, w, _ = scene.shape
    rows, columns = (axis.astype(np.float32) for axis in np.ogrid[0:h, 0:w])
    slope = (columns / w - 0.5) * float(np.cos(lamp)) + (rows / h - 0.5) * float(np.sin(lamp))
    light = _draw(rng, n, 0.65, 1.2) * (1 - _draw(rng, n, 0, 0.8) * slope)
    glare = np.hypot(columns - w * _draw(rng, n, -0.2, 1.2), rows - h * _draw(rng, n, -0.2, 1.2))
    light += _draw(rng, n, -0.5, 0.5).clip(0) * np.exp(-((glare / (0.35 * w)) ** 2))
    tint = 1 + (warmth + rng.normal(0, 0.5, (n, 1, 1, 1))) * np.array([0.16, 0.02, -0.2])
    tint = tint + rng.normal(0, 0.05, (n, 1, 1, 3))
    scene = scene * light.clip(0.12)[..., None] * tint.astype(np.float32)
    scene = _blur(_blur(scene, _draw(rng, n, 0.3, 1.2), 1), _draw(rng, n, 0.3, 1.2), 2)
    noise = rng.standard_normal(scene.shape, dtype=np.float32) * _draw(rng, n, 0.01, 0.045)[..., None]
    return ((scene + noise).clip(0, 1) * 255).astype(np.uint8)


# ---- what the paper asks for ---------------------------------------------------------------------------


def photographs(world: World, labels: np.ndarray, rng: np.random.Generator) -> Iterator[bytes]:
    """A moth of each label's species, as the bytes of a JPEG or PNG file."""
    species = np.array(world.species)[labels]
    for first in range(0, len(labels), BATCH):
        shape = SIDES[first // BATCH % len(SIDES)]
        for pixels in paint(species[first : first + BATCH], world, rng, shape):
            file = BytesIO()
            if rng.random() < 0.25:
                Image.fromarray(pixels).save(file, "PNG", compress_level=1)
            else:
                Image.fromarray(pixels).save(file, "JPEG", quality=int(rng.integers(35, 90)))
            yield file.getvalue()


def _album(world: World, rng: np.random.Generator) -> tuple[np.ndarray, list[bytes]]:
    """The candidate's labels and pictures."""
    labels = rng.permutation(np.repeat(np.arange(len(CLASSES)), TRAIN_PER_CLASS))
    return labels, list(photographs(world, labels, rng))


def write_train(world: World, rng: np.random.Generator, folder: Path, progress: Callable[[float], None]) -> None:
    """Write moths/<species>/moth_<number>.jpg or .png, and the museum's network as it is."""
    for name in CLASSES:
        (folder / "moths" / name).mkdir(parents=True)
    shutil.copyfile(BACKBONE, folder / BACKBONE.name)
    labels, pictures = _album(world, rng)
    for i, (label, picture) in enumerate(zip(labels, pictures, strict=True)):
        kind = "png" if picture.startswith(b"\x89PNG") else "jpg"
        (folder / "moths" / CLASSES[label] / f"moth_{i:02d}.{kind}").write_bytes(picture)
        progress((i + 1) / len(labels))


def to_array(picture: bytes) -> np.ndarray:
    """A file's pixels as the brief promises: RGB, whole, plain bilinear to SIDE x SIDE, 0..255."""
    with Image.open(BytesIO(picture)) as image:
        # An affine transform, because Pillow's resize() would smooth first, which TensorFlow's does not.
        scale = (image.width / SIDE, 0, 0, 0, image.height / SIDE, 0)
        squared = image.convert("RGB").transform((SIDE, SIDE), Image.Transform.AFFINE, scale, Image.Resampling.BILINEAR)
    return np.asarray(squared, np.float32)


def make_train(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """The candidate's pictures as (n, 48, 48, 3); labels index CLASSES."""
    labels, pictures = _album(world, rng)
    return np.stack([to_array(picture) for picture in pictures]), labels.astype(np.int64)


def make_holdout(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Fresh moths of the same village as (n, 48, 48, 3), as many of each species; labels index CLASSES."""
    labels = rng.permutation(np.repeat(np.arange(len(CLASSES)), HOLDOUT_PER_CLASS))
    return np.stack([to_array(picture) for picture in photographs(world, labels, rng)]), labels.astype(np.int64)
