"""Horses or humans: most published training pictures to learn from, the published validation pictures to grade."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

DOWNLOADS: dict[str, Path] = {}  # filled in by the grader
TRAIN, TEST = "horse-or-human.zip", "validation-horse-or-human.zip"
CLASSES = ("horses", "humans")
SIDE = 100
QUALITY = 95
TRAIN_SHARE, HOLDOUT_SHARE = 0.8, 0.9


@dataclass(frozen=True)
class World:
    """Which training pictures are handed out, and in which order."""

    shuffle: int


def make_world(rng: np.random.Generator) -> World:
    """Draw an order."""
    return World(shuffle=int(rng.integers(2**31)))


def _names(archive: zipfile.ZipFile) -> list[str]:
    """Its pictures, by class; archives may repeat them in an outer folder, and may hold other files."""
    found = {}
    for name in sorted(archive.namelist(), key=lambda name: (name.count("/"), name)):
        parts = name.split("/")
        if len(parts) >= 2 and parts[-2] in CLASSES and parts[-1].lower().endswith(".png"):
            found.setdefault("/".join(parts[-2:]), name)
    return [found[key] for key in sorted(found)]


def _pictures(file: str, choose: Callable[[int], np.ndarray]) -> Iterator[tuple[int, int, bytes]]:
    """Number, class and small JPEG of the chosen pictures. Only these are unpacked."""
    with zipfile.ZipFile(DOWNLOADS[file]) as archive:
        names = _names(archive)
        for number, row in enumerate(choose(len(names))):
            with Image.open(io.BytesIO(archive.read(names[row]))) as picture:
                small = picture.convert("RGB").resize((SIDE, SIDE), Image.Resampling.BILINEAR, reducing_gap=2.0)
            packed = io.BytesIO()
            small.save(packed, "JPEG", quality=QUALITY, subsampling=0)
            yield number, CLASSES.index(names[row].split("/")[-2]), packed.getvalue()


def _handed_out(world: World) -> Callable[[int], np.ndarray]:
    shuffle = np.random.default_rng(world.shuffle)
    return lambda count: shuffle.permutation(count)[: int(count * TRAIN_SHARE)]


def to_array(picture: bytes) -> np.ndarray:
    """A file as the grader feeds it."""
    with Image.open(io.BytesIO(picture)) as opened:
        return np.asarray(opened.convert("RGB"), np.float32)


def _samples(pictures: Iterator[tuple[int, int, bytes]]) -> tuple[np.ndarray, np.ndarray]:
    found = [(to_array(picture), label) for _, label, picture in pictures]
    return np.stack([array for array, _ in found]), np.array([label for _, label in found], np.int32)


def write_train(world: World, rng: np.random.Generator, folder: Path, progress: Callable[[float], None]) -> None:
    """Write horses/ and humans/, a JPEG a picture."""
    for name in CLASSES:
        (folder / "pictures" / name).mkdir(parents=True)
    for number, label, picture in _pictures(TRAIN, _handed_out(world)):
        (folder / "pictures" / CLASSES[label] / f"{number:04}.jpg").write_bytes(picture)
        progress(number / 1_000)
    progress(1.0)


def make_train(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """The pictures that are handed out, in their order."""
    return _samples(_pictures(TRAIN, _handed_out(world)))


def make_holdout(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Validation pictures: other figures than those that are handed out."""
    return _samples(_pictures(TEST, lambda count: rng.choice(count, int(count * HOLDOUT_SHARE), replace=False)))
