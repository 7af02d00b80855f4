"""Counts instead of training a network: the longest ending of the card that the training cards have, and its share."""

import csv
from collections import defaultdict
from pathlib import Path

import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"
LONGEST = 5
WRITTEN = {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"}


def count_endings() -> list[dict[str, float]]:
    """For each length from 1: endings, and the share of the cards with this ending that have "die"."""
    with (DATA / "cards.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    counts: list[dict[str, list[int]]] = [defaultdict(list) for _ in range(LONGEST)]
    for row in rows:
        text = row["text"].lower().translate(str.maketrans(WRITTEN))
        for length in range(1, LONGEST + 1):
            counts[length - 1][text[-length:]].append(int(row["die"]))
    return [{ending: sum(found) / len(found) for ending, found in some.items()} for some in counts]


class Endings(tf.Module):
    """A lookup table for each length."""

    def __init__(self, shares: list[dict[str, float]]) -> None:
        super().__init__()
        self.tables = [
            tf.lookup.StaticHashTable(
                tf.lookup.KeyValueTensorInitializer(list(some), list(some.values()), tf.string, tf.float32), -1.0
            )
            for some in shares
        ]

    @tf.function(input_signature=[tf.TensorSpec((None,), tf.string)])
    def serve(self, cards: tf.Tensor) -> tf.Tensor:
        text = tf.strings.lower(cards, encoding="utf-8")
        for letter, letters in WRITTEN.items():
            text = tf.strings.regex_replace(text, letter, letters)
        share = tf.fill(tf.shape(cards), 0.5)
        for length, table in enumerate(self.tables, 1):
            known = table.lookup(tf.strings.substr(text, -length, length))
            share = tf.where(known < 0, share, known)
        return share[:, None]


if __name__ == "__main__":
    model = Endings(count_endings())
    tf.saved_model.save(model, str(HERE / "mymodel"), signatures=model.serve)
