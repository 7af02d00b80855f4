"""Nearly there: three convolutions see some forty letters at once, mostly less than the two things of a message."""

import csv
import math
from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"
LENGTH = 180


def solution_model() -> tf.keras.Model:
    tf.keras.utils.set_random_seed(7)
    with (DATA / "relay.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    texts = tf.constant([row["text"] for row in rows])
    labels = np.array([int(row["help"]) for row in rows])
    vectorize = tf.keras.layers.TextVectorization(standardize="lower", split="character", output_sequence_length=LENGTH)
    vectorize.adapt(texts)

    letters = tf.keras.Input(shape=(LENGTH,), dtype="int64")
    x = tf.keras.layers.Embedding(vectorize.vocabulary_size(), 24)(letters)
    x = tf.keras.layers.Conv1D(64, 7, padding="same")(x)
    x = tf.keras.layers.BatchNormalization(momentum=0.9)(x)
    x = tf.keras.layers.ReLU()(x)
    x = tf.keras.layers.MaxPooling1D(2)(x)
    x = tf.keras.layers.Conv1D(64, 6, padding="same")(x)
    x = tf.keras.layers.BatchNormalization(momentum=0.9)(x)
    x = tf.keras.layers.ReLU()(x)
    x = tf.keras.layers.MaxPooling1D(2)(x)
    x = tf.keras.layers.Conv1D(64, 6, padding="same")(x)
    x = tf.keras.layers.BatchNormalization(momentum=0.9)(x)
    x = tf.keras.layers.ReLU()(x)
    x = tf.keras.layers.Dropout(0.3)(x)
    x = tf.keras.layers.GlobalMaxPooling1D()(x)
    classifier = tf.keras.Model(letters, tf.keras.layers.Dense(1, activation="sigmoid")(x))
    epochs, batch = 8, 64
    rate = tf.keras.optimizers.schedules.CosineDecay(2e-3, epochs * math.ceil(len(rows) * 0.9 / batch))
    classifier.compile(tf.keras.optimizers.Adam(rate), "binary_crossentropy", metrics=["accuracy"])
    classifier.fit(
        vectorize(texts).numpy(), labels, validation_split=0.1, epochs=epochs, batch_size=batch, verbose=2
    )  # fmt: skip
    message = tf.keras.Input(shape=(), dtype=tf.string)
    return tf.keras.Model(message, classifier(vectorize(message)))


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
