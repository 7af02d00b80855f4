"""German nouns from Wiktionary on old index cards: the beginning of most is lost, and typewriters differ."""

import csv
import gzip
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

NOUNS = Path(__file__).resolve().parent / "nouns.gz"
N_TRAIN = 4800
N_HOLDOUT = 3300
WHOLE_SHARE = 0.25
SHORTEST = 5
NO_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


@dataclass(frozen=True)
class World:
    """Which nouns stand on cards that are already sorted, and which on those that are not."""

    feminine: tuple[str, ...]
    others: tuple[str, ...]


def make_world(rng: np.random.Generator) -> World:
    """Shuffle the nouns: the first ones are for training, the last ones for the hold-out."""
    rows = list(csv.DictReader(io.StringIO(gzip.decompress(NOUNS.read_bytes()).decode("utf-8"))))
    feminine = [row["noun"] for row in rows if row["gender"] == "f"]
    others = [row["noun"] for row in rows if row["gender"] != "f"]
    return World(
        tuple(feminine[i] for i in rng.permutation(len(feminine))),
        tuple(others[i] for i in rng.permutation(len(others))),
    )


def _card(rng: np.random.Generator, noun: str) -> str:
    """A noun as it stands on its card: the left edge is gone, and the typewriter may lack umlauts or small letters."""
    if rng.random() >= WHOLE_SHARE and len(noun) > SHORTEST:
        noun = noun[int(rng.integers(1, len(noun) - SHORTEST + 1)) :]
    style = rng.random()
    if style < 0.3:
        noun = noun.translate(NO_UMLAUTS)
    elif style < 0.5:
        noun = noun.translate(NO_UMLAUTS).upper()
    return noun


def _cards(
    rng: np.random.Generator, feminine: tuple[str, ...], others: tuple[str, ...]
) -> tuple[list[str], np.ndarray]:
    """Cards of these nouns in any order, and 1 for the feminine ones."""
    cards = [_card(rng, noun) for noun in (*feminine, *others)]
    labels = np.repeat([1, 0], [len(feminine), len(others)])
    order = rng.permutation(len(cards))
    return [cards[i] for i in order], labels[order].astype(np.int64)


def _train(world: World, rng: np.random.Generator) -> tuple[list[str], np.ndarray]:
    half = N_TRAIN // 2
    return _cards(rng, world.feminine[:half], world.others[:half])


def write_train(world: World, rng: np.random.Generator, folder: Path, progress: Callable[[float], None]) -> None:
    """Write cards.csv."""
    cards, labels = _train(world, rng)
    with (folder / "cards.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["number", "text", "die"])
        writer.writerows(zip(range(1, len(cards) + 1), cards, labels, strict=True))
    progress(1.0)


def make_train(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """The cards of cards.csv, and 1 for each whose noun takes "die"."""
    cards, labels = _train(world, rng)
    return np.array(cards), labels


def make_holdout(world: World, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Cards of nouns that are not in cards.csv."""
    half = N_HOLDOUT // 2
    cards, labels = _cards(rng, world.feminine[-half:], world.others[-half:])
    return np.array(cards), labels
