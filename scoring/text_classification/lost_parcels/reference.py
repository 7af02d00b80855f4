"""Worn parcel labels: a convolution and a GRU read a label letter by letter, saved as mymodel.keras."""

import csv
import math
from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"
COUNTRIES = ["france", "germany", "italy", "poland", "romania", "turkey"]
LENGTH = 26


def load_labels() -> tuple[np.ndarray, np.ndarray]:
    """Texts as they were printed, and the numbers of the countries."""
    with (DATA / "labels.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    texts = np.array([row["text"] for row in rows], dtype=object)
    return texts, np.array([COUNTRIES.index(row["country"]) for row in rows])


def solution_model() -> tf.keras.Model:
    tf.keras.utils.set_random_seed(7)
    texts, countries = load_labels()
    order = np.random.default_rng(7).permutation(len(texts))
    valid, train = order[:200], order[200:]

    # The places on the unseen labels are new, so a vocabulary of words knows none of them. Letters are always known.
    # The usual cleaning strips < and >, and with them the way that the parcel goes: standardize="lower" keeps them.
    vectorize = tf.keras.layers.TextVectorization(standardize="lower", split="character", output_sequence_length=LENGTH)
    vectorize.adapt(texts[train])

    # Both places give away a country, and the arrow in front says which one counts. So the model must remember the
    # arrow while it reads, and take or leave what follows. That is what the gates of a GRU are for. A convolution
    # with pooling, or an average, finds pieces of names, but hardly knows which of the two places they belong to.
    # The convolution in front finds pieces of names; pooling makes the row half as long, so the GRU is twice as fast.
    # All has to fit into 0.125 MB. An LSTM has four sets of weights, a GRU three: with 64 units, a GRU fits here and
    # an LSTM does not. A small embedding is enough for about 30 letters and signs.
    letters = tf.keras.Input(shape=(LENGTH,), dtype="int64")
    x = tf.keras.layers.Embedding(vectorize.vocabulary_size(), 24)(letters)
    x = tf.keras.layers.Conv1D(48, 3, padding="same", activation="relu")(x)
    x = tf.keras.layers.MaxPooling1D(2)(x)
    x = tf.keras.layers.Dropout(0.2)(x)
    x = tf.keras.layers.GRU(64)(x)
    x = tf.keras.layers.Dropout(0.3)(x)
    classifier = tf.keras.Model(letters, tf.keras.layers.Dense(len(COUNTRIES), activation="softmax")(x))
    epochs, batch = 13, 128
    rate = tf.keras.optimizers.schedules.CosineDecay(6e-3, epochs * math.ceil(len(train) / batch))
    classifier.compile(tf.keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])

    # Turn the text into numbers once, not again in every epoch: training is faster.
    def numbers(part: np.ndarray) -> np.ndarray:
        return vectorize(tf.constant(texts[part].tolist())).numpy()

    classifier.fit(
        numbers(train), countries[train], validation_data=(numbers(valid), countries[valid]),
        epochs=epochs, batch_size=batch, verbose=2,
    )  # fmt: skip

    # The model that is handed in: one raw string in, six probabilities out.
    label = tf.keras.Input(shape=(), dtype=tf.string)
    return tf.keras.Model(label, classifier(vectorize(label)))


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
