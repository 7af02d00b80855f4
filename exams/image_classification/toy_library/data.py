"""Picture cards under lamps of many colours: what "The toy library" trains and is graded on.

The motifs are drawn by four makers (see make_drawings.py in the question's scoring folder); cards, table, light and
camera are made up. The candidate's photos show the cards by day, the grader's by lamplight.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

DRAWINGS = Path(__file__).resolve().parent / "drawings.npz"
SIDE = 32
FINE = 2  # points per pixel while a photo is painted
TRAIN_EACH = 12  # photos of each drawing
HOLDOUT_EACH = 60
DAYLIGHT = 0.03  # how much the light varies: the standard deviation of the logarithm of each colour's strength
LAMPLIGHT = 0.3


@dataclass(frozen=True)
class World:
    """One library: the colour of its table, from 0 to 255."""

    table: tuple[float, float, float]


def make_world(rng: np.random.Generator) -> World:
    """Draw a library; all are equally hard."""
    grey, warm = rng.uniform(70, 90), rng.uniform(8, 16)
    return World(table=(round(grey + warm, 1), round(grey, 1), round(grey - warm, 1)))


def _drawings() -> tuple[np.ndarray, list[str]]:
    """Drawings (makers, motifs, 48, 48, 4) from 0 to 255, with transparency, and the names of the motifs."""
    with np.load(DRAWINGS) as file:
        return file["drawings"], file["motifs"].tolist()


def _photo(drawing: np.ndarray, table: tuple[float, ...], rng: np.random.Generator) -> np.ndarray:
    """A white card with this drawing on the table, (SIDE, SIDE, 3) from 0 to 255, in white light."""
    side = SIDE * FINE
    scene = Image.new("RGB", (side, side), tuple(round(part + rng.normal(0, 4)) for part in table))
    size = round(side * rng.uniform(0.8, 0.92))
    card = Image.new("RGBA", (size, size), (250, 250, 250, 255))
    inner = round(size * rng.uniform(0.7, 0.84))
    motif = Image.fromarray(drawing).resize((inner, inner), Image.Resampling.BILINEAR)
    left, top = rng.integers(0, size - inner + 1, 2).tolist()
    card.alpha_composite(motif, (left, top))
    card = card.rotate(float(rng.normal(0, 8)), Image.Resampling.BILINEAR, expand=True)
    left, top = (int((side - part) / 2 + rng.uniform(-3, 3)) for part in card.size)
    scene.paste(card, (left, top), card)
    return np.asarray(scene.resize((SIDE, SIDE), Image.Resampling.BOX), np.float32)


def _photos(world: World, rng: np.random.Generator, each: int, light: float) -> tuple[np.ndarray, np.ndarray]:
    """Photos (n, SIDE, SIDE, 3) in any order, and the numbers of their motifs."""
    drawings, motifs = _drawings()
    what = rng.permutation([(maker, motif) for maker in range(len(drawings)) for motif in range(len(motifs))] * each)
    photos = np.stack([_photo(drawings[maker, motif], world.table, rng) for maker, motif in what])
    n = len(photos)
    colour = np.exp(rng.normal(-light, light, (n, 1, 1, 3)) + rng.normal(0, 0.05, (n, 1, 1, 1)))
    y, x = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32)[..., None] / SIDE - 0.5
    angle = rng.uniform(0, 2 * np.pi, (n, 1, 1, 1))
    shade = 1 + rng.uniform(0, 0.3, (n, 1, 1, 1)) * (np.cos(angle) * x + np.sin(angle) * y)
    photos = photos * colour * shade + rng.normal(0, 5, photos.shape)
    return np.clip(np.rint(photos), 0, 255).astype(np.uint8), what[:, 1]


def _train(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    return _photos(world, rng, TRAIN_EACH, DAYLIGHT)


def write_train(world: World, rng: np.random.Generator, folder: Path, progress: Callable[[float], None]) -> None:
    """Write cards/card_000.png and so on, and cards.csv."""
    _, motifs = _drawings()
    photos, labels = _train(world, rng)
    (folder / "cards").mkdir()
    with (folder / "cards.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["file", "motif"])
        for number, (photo, label) in enumerate(zip(photos, labels, strict=True)):
            name = f"card_{number:03}.png"
            Image.fromarray(photo).save(folder / "cards" / name)
            writer.writerow([name, motifs[label]])
    progress(1.0)


def make_train(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """The photos of cards.csv, (n, 32, 32, 3), and the numbers of their motifs in alphabetical order."""
    photos, labels = _train(world, rng)
    return photos.astype(np.float32), labels


def make_holdout(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Photos of the same cards by lamplight."""
    photos, labels = _photos(world, rng, HOLDOUT_EACH, LAMPLIGHT)
    return photos.astype(np.float32), labels
