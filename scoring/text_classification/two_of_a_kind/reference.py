"""Two of a kind: one embedding reads both cards, and the model compares what it found; saved as mymodel.keras."""

import csv
import math
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
    # A whole deck is kept back. The cards of turns that are kept back at random would be in other turns as well: the
    # accuracy on them would be 0.98, and say nothing about new cards.
    valid, train = decks == 15, decks != 15

    vectorize = tf.keras.layers.TextVectorization(max_tokens=6000, output_sequence_length=WORDS)
    vectorize.adapt(texts[train].reshape(-1).astype(str))

    # Both cards go through the same layers. So a word means the same on either side, and each pair teaches them
    # twice. Two embeddings, one for each side, would have to learn every word twice from half as many cards.
    words = tf.keras.Input(shape=(WORDS,), dtype="int64")
    x = tf.keras.layers.Embedding(6000, 64, mask_zero=True)(words)
    # Whole words vanish at random, as on the cards: no single word may be relied on.
    x = tf.keras.layers.Dropout(0.3, noise_shape=(None, WORDS, 1))(x)
    x = tf.keras.layers.GlobalAveragePooling1D()(x)
    x = tf.keras.layers.Dropout(0.6)(x)
    read = tf.keras.Model(words, tf.keras.layers.Dense(64, activation="relu")(x))

    # "The same kind" is a question about the difference and the product of the two results. From the results side by
    # side, a Dense layer would have to find that out by itself, and often does not.
    first, second = (tf.keras.Input(shape=(WORDS,), dtype="int64") for _ in range(2))
    a, b = read(first), read(second)
    x = tf.keras.layers.Concatenate()([abs(a - b), a * b])
    x = tf.keras.layers.Dense(32, activation="relu")(x)
    compare = tf.keras.Model([first, second], tf.keras.layers.Dense(1, activation="sigmoid")(x))
    epochs, batch = 10, 128
    rate = tf.keras.optimizers.schedules.CosineDecay(7e-3, epochs * math.ceil(train.sum() / batch))
    compare.compile(tf.keras.optimizers.Adam(rate), "binary_crossentropy", metrics=["accuracy"])

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
