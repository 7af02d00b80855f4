"""Burnt index cards: two convolutions over the letters of a noun, saved as mymodel.keras."""

import csv
import math
from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"
LENGTH = 25


def load_cards() -> tuple[np.ndarray, np.ndarray]:
    """What is left of the nouns, and 1 for those that take "die"."""
    with (DATA / "cards.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return np.array([row["text"] for row in rows], dtype=object), np.array([int(row["die"]) for row in rows])


def solution_model() -> tf.keras.Model:
    tf.keras.utils.set_random_seed(7)
    texts, labels = load_cards()
    order = np.random.default_rng(7).permutation(len(texts))
    valid, train = order[:400], order[400:]

    # German writes compounds as one word, and the fire has cut them anywhere. So nearly every card shows a "word"
    # that no other card has: a vocabulary of words knows none of the unseen ones. Letters are always known.
    vectorize = tf.keras.layers.TextVectorization(standardize="lower", split="character", output_sequence_length=LENGTH)
    vectorize.adapt(texts[train])

    # The last part of a compound gives the article: "-arbeit", "-kraft", "-bahn". The first convolution finds groups
    # of three letters; the second one puts them together to pieces of six, which is enough for such a part.
    # Zeros follow the last letter. They are not masked, so a piece like "bahn00" says: here the word ends.
    # Pooling keeps the strongest find of each filter, wherever it stands.
    letters = tf.keras.Input(shape=(LENGTH,), dtype="int64")
    x = tf.keras.layers.Embedding(vectorize.vocabulary_size(), 24)(letters)
    x = tf.keras.layers.Conv1D(64, 3, padding="same", activation="relu")(x)
    x = tf.keras.layers.Conv1D(128, 4, padding="same", activation="relu")(x)
    x = tf.keras.layers.GlobalMaxPooling1D()(x)
    x = tf.keras.layers.Dropout(0.4)(x)
    classifier = tf.keras.Model(letters, tf.keras.layers.Dense(1, activation="sigmoid")(x))
    epochs, batch = 12, 64
    rate = tf.keras.optimizers.schedules.CosineDecay(4e-3, epochs * math.ceil(len(train) / batch))
    classifier.compile(tf.keras.optimizers.Adam(rate), "binary_crossentropy", metrics=["accuracy"])

    # Turn the text into numbers once, not again in every epoch: training is faster.
    def numbers(part: np.ndarray) -> np.ndarray:
        return vectorize(tf.constant(texts[part].tolist())).numpy()

    classifier.fit(
        numbers(train), labels[train], validation_data=(numbers(valid), labels[valid]),
        epochs=epochs, batch_size=batch, verbose=2,
    )  # fmt: skip

    # The model that is handed in: one raw string in, one probability out.
    card = tf.keras.Input(shape=(), dtype=tf.string)
    return tf.keras.Model(card, classifier(vectorize(card)))


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
