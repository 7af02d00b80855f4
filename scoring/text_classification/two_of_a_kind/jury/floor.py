"""Not trained."""

import csv
from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"
WORDS = 20


def load_pairs() -> tuple[np.ndarray, np.ndarray]:
    """The definitions, (n, 2), and 1 for each pair of one kind."""
    with (DATA / "pairs.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    texts = np.array([[row["first"], row["second"]] for row in rows], dtype=object)
    return texts, np.array([int(row["same_kind"]) for row in rows])


def solution_model() -> tf.keras.Model:
    tf.keras.utils.set_random_seed(7)
    texts, _ = load_pairs()
    vectorize = tf.keras.layers.TextVectorization(max_tokens=6000, output_sequence_length=WORDS)
    vectorize.adapt(texts.reshape(-1).astype(str))

    first, second = (tf.keras.Input(shape=(WORDS,), dtype="int64") for _ in range(2))
    x = tf.keras.layers.Embedding(6000, 32)(tf.keras.layers.Concatenate()([first, second]))
    x = tf.keras.layers.GlobalAveragePooling1D()(x)
    compare = tf.keras.Model([first, second], tf.keras.layers.Dense(1, activation="sigmoid")(x))

    # The model that is handed in: two raw strings in, one probability out.
    cards = tf.keras.Input(shape=(2,), dtype=tf.string)
    return tf.keras.Model(cards, compare([vectorize(cards[:, 0]), vectorize(cards[:, 1])]))


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
