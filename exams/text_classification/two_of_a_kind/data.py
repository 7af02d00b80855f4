"""Definitions of English words in pairs: some words of each can't be read any more, and half of the pairs match."""

import csv
import gzip
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

DEFINITIONS = Path(__file__).resolve().parent / "definitions.gz"
KINDS = 4
DECKS = {"train": 15, "holdout": 18}  # no definition is in two decks
ROUNDS = {"train": 6, "holdout": 3}  # each definition of a deck is in one pair a round
EACH = 5  # pairs a round of any two kinds
A_KIND = 4 * (KINDS - 1) * EACH  # definitions in a deck
UNREADABLE = 0.1
GONE = "..."


@dataclass(frozen=True)
class World:
    """Definitions of each kind, those for training and then those for the hold-out."""

    kinds: tuple[tuple[str, ...], ...]


def make_world(rng: np.random.Generator) -> World:
    """Shuffle the definitions."""
    found: dict[str, list[str]] = {}
    for line in gzip.decompress(DEFINITIONS.read_bytes()).decode("ascii").splitlines():
        kind, definition = line.split("\t")
        found.setdefault(kind, []).append(definition)
    return World(tuple(tuple(texts[i] for i in rng.permutation(len(texts))) for texts in found.values()))


def _card(rng: np.random.Generator, definition: str) -> str:
    words = definition.split()
    gone = rng.random(len(words)) < UNREADABLE
    gone[rng.integers(len(words))] = False  # something can always be read
    return " ".join(GONE if lost else word for word, lost in zip(words, gone, strict=True))


def _round(rng: np.random.Generator, deck: list[tuple[str, ...]]) -> tuple[list[tuple[str, str]], list[int]]:
    """Pairs of cards, and 1 for those of one kind. Each definition is in one pair, and all kinds meet equally often."""
    piles = [[kind[i] for i in rng.permutation(len(kind))] for kind in deck]
    pairs, labels = [], []
    for first in range(KINDS):
        partners = [first] * (KINDS - 1) + [other for other in range(KINDS) if other != first]
        for second in np.repeat(partners, EACH):
            pairs.append((_card(rng, piles[first].pop()), _card(rng, piles[second].pop())))
            labels.append(int(first == second))
    return pairs, labels


def _pairs(world: World, rng: np.random.Generator, part: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pairs (n, 2) in any order, 1 for each of one kind, and its deck."""
    used = A_KIND * DECKS[part]
    kinds = [kind[:used] if part == "train" else kind[-used:] for kind in world.kinds]
    pairs: list[tuple[str, str]] = []
    labels: list[int] = []
    for start in range(0, used, A_KIND):
        for _ in range(ROUNDS[part]):
            some, same = _round(rng, [kind[start : start + A_KIND] for kind in kinds])
            pairs += some
            labels += same
    decks = np.repeat(np.arange(1, DECKS[part] + 1), len(pairs) // DECKS[part])
    order = rng.permutation(len(pairs))
    return np.array(pairs)[order], np.array(labels, np.int64)[order], decks[order]


def write_train(world: World, rng: np.random.Generator, folder: Path, progress: Callable[[float], None]) -> None:
    """Write pairs.csv."""
    with (folder / "pairs.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["deck", "first", "second", "same_kind"])
        writer.writerows((deck, *pair, same) for pair, same, deck in zip(*_pairs(world, rng, "train"), strict=True))
    progress(1.0)


def make_train(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """The pairs of pairs.csv, (n, 2), and 1 for each of one kind."""
    return _pairs(world, rng, "train")[:2]


def make_holdout(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of other decks: their definitions are not in pairs.csv."""
    return _pairs(world, rng, "holdout")[:2]
