"""The hut relay: letters instead of words, convolutions below a GRU, saved as mymodel.keras."""

import csv
import math
from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"
LENGTH = 180


def load_messages() -> tuple[np.ndarray, np.ndarray]:
    """Texts as they came, and 1 for those that ask for help."""
    with (DATA / "relay.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return np.array([row["text"] for row in rows], dtype=object), np.array([int(row["help"]) for row in rows])


def solution_model() -> tf.keras.Model:
    tf.keras.utils.set_random_seed(7)
    texts, labels = load_messages()
    order = np.random.default_rng(7).permutation(len(texts))
    valid, train = order[:600], order[600:]

    # The link eats blanks, so most "words" are none: "isbleedingb" stands in no vocabulary. Letters always are.
    # Splitting into characters keeps all that came through. The case says nothing here, so it goes.
    vectorize = tf.keras.layers.TextVectorization(standardize="lower", split="character", output_sequence_length=LENGTH)
    vectorize.adapt(texts[train])

    # Convolutions learn pieces of words, and a letter too many or too few does not stop them. A step of two and
    # pooling make the row eight times shorter. The GRU reads the pieces in their order: what is told, and whether
    # it holds. Many messages name trouble AND something harmless: which pieces there are is not enough there.
    # Batch normalisation gets a stack as deep as this off the ground.
    letters = tf.keras.Input(shape=(LENGTH,), dtype="int64")
    x = tf.keras.layers.Embedding(vectorize.vocabulary_size(), 24)(letters)
    x = tf.keras.layers.Conv1D(64, 7, strides=2, padding="same")(x)
    x = tf.keras.layers.BatchNormalization(momentum=0.9)(x)
    x = tf.keras.layers.ReLU()(x)
    x = tf.keras.layers.MaxPooling1D(2)(x)
    x = tf.keras.layers.Conv1D(64, 5, padding="same")(x)
    x = tf.keras.layers.BatchNormalization(momentum=0.9)(x)
    x = tf.keras.layers.ReLU()(x)
    x = tf.keras.layers.Conv1D(64, 5, padding="same")(x)
    x = tf.keras.layers.BatchNormalization(momentum=0.9)(x)
    x = tf.keras.layers.ReLU()(x)
    x = tf.keras.layers.MaxPooling1D(2)(x)
    x = tf.keras.layers.Dropout(0.3)(x)
    x = tf.keras.layers.Bidirectional(tf.keras.layers.GRU(32, return_sequences=True))(x)
    x = tf.keras.layers.GlobalMaxPooling1D()(x)
    x = tf.keras.layers.Dropout(0.3)(x)
    classifier = tf.keras.Model(letters, tf.keras.layers.Dense(1, activation="sigmoid")(x))
    # The first epochs look like guessing: pieces come before their order. So no callback may stop early here. The
    # learning rate falls along a cosine to nothing, and the last epochs, at small steps, gain the most.
    epochs, batch = 8, 64
    rate = tf.keras.optimizers.schedules.CosineDecay(2e-3, epochs * math.ceil(len(train) / batch))
    classifier.compile(tf.keras.optimizers.Adam(rate), "binary_crossentropy", metrics=["accuracy"])

    # Turn the text into numbers once, not again in every epoch: training is faster.
    def numbers(part: np.ndarray) -> np.ndarray:
        return vectorize(tf.constant(texts[part].tolist())).numpy()

    classifier.fit(
        numbers(train), labels[train], validation_data=(numbers(valid), labels[valid]),
        epochs=epochs, batch_size=batch, verbose=2,
    )  # fmt: skip

    # The model that is handed in: one raw string in, one probability out.
    message = tf.keras.Input(shape=(), dtype=tf.string)
    return tf.keras.Model(message, classifier(vectorize(message)))


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
