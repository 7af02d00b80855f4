"""Labels of parcels: two places and an arrow that tells which of them the parcel goes to, from worn printers."""

import csv
import gzip
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

PLACES = Path(__file__).resolve().parent / "places.gz"
COUNTRIES = ("france", "germany", "italy", "poland", "romania", "turkey")
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
TRAIN_NAMES = 1700
HOLDOUT_NAMES = 700
N_TRAIN = 7200
N_HOLDOUT = 3600
FAULT_SHARE = 0.06


@dataclass(frozen=True)
class World:
    """The names of each country, in an order of chance: the first ones for training, the last for the hold-out."""

    names: tuple[tuple[str, ...], ...]


def make_world(rng: np.random.Generator) -> World:
    """Shuffle the names of each country."""
    rows = list(csv.DictReader(io.StringIO(gzip.decompress(PLACES.read_bytes()).decode("ascii"))))
    found = [[row["name"] for row in rows if row["country"] == country] for country in COUNTRIES]
    return World(tuple(tuple(names[i] for i in rng.permutation(len(names))) for names in found))


def _print(rng: np.random.Generator, text: str) -> str:
    """As the printer writes it: now and then a letter is wrong, missing or double."""
    letters = []
    for letter in text:
        fault = rng.random() / FAULT_SHARE
        if fault < 0.5:
            letters.append(LETTERS[int(rng.integers(len(LETTERS)))])
        elif fault >= 0.75:
            letters.append(letter * 2 if fault < 1 else letter)
    return "".join(letters)


def _labels(world: World, rng: np.random.Generator, count: int, which: slice) -> tuple[list[str], np.ndarray]:
    """Labels with two places and which way the parcel goes, and the numbers of the countries that it goes to."""
    targets = rng.permutation(np.arange(count) % len(COUNTRIES))
    texts = []
    for target in targets:
        names = [world.names[country][which] for country in (rng.integers(len(COUNTRIES)), target)]
        start, end = (_print(rng, some[int(rng.integers(len(some)))]) for some in names)
        texts.append(f"> {start} {end}" if rng.random() < 0.5 else f"< {end} {start}")
    return texts, targets.astype(np.int64)


def _train(world: World, rng: np.random.Generator) -> tuple[list[str], np.ndarray]:
    return _labels(world, rng, N_TRAIN, slice(None, TRAIN_NAMES))


def write_train(world: World, rng: np.random.Generator, folder: Path, progress: Callable[[float], None]) -> None:
    """Write labels.csv."""
    texts, countries = _train(world, rng)
    with (folder / "labels.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["number", "text", "country"])
        names = (COUNTRIES[i] for i in countries)
        writer.writerows(zip(range(1, len(texts) + 1), texts, names, strict=True))
    progress(1.0)


def make_train(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """The labels of labels.csv and their countries."""
    texts, countries = _train(world, rng)
    return np.array(texts), countries


def make_holdout(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Labels with names that are not in labels.csv."""
    texts, countries = _labels(world, rng, N_HOLDOUT, slice(-HOLDOUT_NAMES, None))
    return np.array(texts), countries
