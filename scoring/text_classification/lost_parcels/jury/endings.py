"""Counts instead of training a network: of the place that the arrow tells, the longest ending that is known."""

import csv
from collections import defaultdict
from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"
COUNTRIES = ["france", "germany", "italy", "poland", "romania", "turkey"]
LONGEST = 2
FEWEST = 3  # places that an ending must have


def count_endings() -> list[dict[str, int]]:
    """For each length from 1: endings, and the most frequent country of the places with this ending."""
    with (DATA / "labels.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    counts = [defaultdict(lambda: np.zeros(len(COUNTRIES), int)) for _ in range(LONGEST)]
    for row in rows:
        arrow, first, second = row["text"].split(" ")
        place = second if arrow == ">" else first
        for length in range(1, LONGEST + 1):
            counts[length - 1][place[-length:]][COUNTRIES.index(row["country"])] += 1
    return [{end: int(n.argmax()) for end, n in some.items() if n.sum() >= FEWEST} for some in counts]


class Endings(tf.Module):
    """A lookup table for each length."""

    def __init__(self, countries: list[dict[str, int]]) -> None:
        super().__init__()
        self.tables = [
            tf.lookup.StaticHashTable(
                tf.lookup.KeyValueTensorInitializer(list(some), list(some.values()), tf.string, tf.int64), -1
            )
            for some in countries
        ]

    @tf.function(input_signature=[tf.TensorSpec((None,), tf.string)])
    def serve(self, labels: tf.Tensor) -> tf.Tensor:
        forward = tf.strings.regex_full_match(labels, "> .*")
        second = tf.strings.regex_replace(labels, "^.* ", "")
        first = tf.strings.regex_replace(tf.strings.regex_replace(labels, "^[<>] ", ""), " .*$", "")
        # Blanks in front, so that a short place has endings of every length.
        place = tf.strings.join(["   ", tf.where(forward, second, first)])
        country = tf.zeros(tf.shape(labels), tf.int64)
        for length, table in enumerate(self.tables, 1):
            known = table.lookup(tf.strings.substr(place, -length, length))
            country = tf.where(known < 0, country, known)
        return tf.one_hot(country, len(COUNTRIES))


if __name__ == "__main__":
    model = Endings(count_endings())
    tf.saved_model.save(model, str(HERE / "mymodel"), signatures=model.serve)
