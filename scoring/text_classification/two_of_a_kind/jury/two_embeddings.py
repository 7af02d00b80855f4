"""Compares the averages of both cards, but with an embedding for each side: each learns from half of the cards."""

import csv
from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"
WORDS = 20


def load_pairs() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The definitions, (n, 2), 1 for each pair of one kind, and its deck."""
    with (DATA / "pairs.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    texts = np.array([[row["first"], row["second"]] for row in rows], dtype=object)
    return texts, *(np.array([int(row[name]) for row in rows]) for name in ("same_kind", "deck"))


def solution_model() -> tf.keras.Model:
    tf.keras.utils.set_random_seed(7)
    texts, labels, decks = load_pairs()
    valid, train = decks == 15, decks != 15

    vectorize = tf.keras.layers.TextVectorization(max_tokens=6000, output_sequence_length=WORDS)
    vectorize.adapt(texts[train].reshape(-1).astype(str))

    first, second = (tf.keras.Input(shape=(WORDS,), dtype="int64") for _ in range(2))
    sides = []
    for side in (first, second):
        x = tf.keras.layers.Embedding(6000, 32, mask_zero=True)(side)
        sides.append(tf.keras.layers.GlobalAveragePooling1D()(x))
    a, b = sides
    x = tf.keras.layers.Concatenate()([abs(a - b), a * b])
    x = tf.keras.layers.Dense(16, activation="relu")(x)
    compare = tf.keras.Model([first, second], tf.keras.layers.Dense(1, activation="sigmoid")(x))
    epochs, batch = 10, 64
    compare.compile(tf.keras.optimizers.Adam(3e-3), "binary_crossentropy", metrics=["accuracy"])

    # Turn the text into numbers once, not again in every epoch: training is faster.
    def numbers(part: np.ndarray) -> list[np.ndarray]:
        return [vectorize(tf.constant(texts[part, side].tolist())).numpy() for side in range(2)]

    compare.fit(
        numbers(train), labels[train], validation_data=(numbers(valid), labels[valid]),
        epochs=epochs, batch_size=batch, verbose=2,
    )  # fmt: skip

    # The model that is handed in: two raw strings in, one probability out.
    cards = tf.keras.Input(shape=(2,), dtype=tf.string)
    return tf.keras.Model(cards, compare([vectorize(cards[:, 0]), vectorize(cards[:, 1])]))


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
