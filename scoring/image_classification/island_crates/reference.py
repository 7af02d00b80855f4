"""The post boat: reference solution.

Saves mymodel.keras: pictures (30, 30, 1), values 0..255, in; one number from 0 to 1 for each of six digits out.
"""

import csv
from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"
layers = tf.keras.layers

EPOCHS = 12


def read() -> tuple[np.ndarray, np.ndarray]:
    """The pictures (n, 30, 30, 1), and for each a row of six labels, 0 or 1."""
    with (DATA / "crates.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    files = [tf.io.read_file(str(DATA / "crates" / row["file"])) for row in rows]
    pictures = np.stack([tf.io.decode_png(file, channels=1).numpy() for file in files]).astype("float32")
    labels = np.zeros((len(rows), 6), "float32")
    for label, row in zip(labels, rows, strict=True):
        for island in row["islands"].split():
            label[int(island) - 1] = 1  # several of a row may be 1, or none
    return pictures, labels


def block(filters: int, pool: bool = True) -> list[tf.keras.Layer]:
    """Look for `filters` small patterns, then (with `pool`) keep the strongest answer of each 2 x 2 field."""
    found = [layers.Conv2D(filters, 3, padding="same", use_bias=False)]
    if pool:
        found.append(layers.MaxPooling2D())
    return [*found, layers.BatchNormalization(momentum=0.9), layers.Activation("relu")]


def solution_model() -> tf.keras.Model:
    tf.keras.utils.set_random_seed(7)
    pictures, labels = read()
    model = tf.keras.Sequential(
        [
            layers.Input((30, 30, 1)),
            # The grader sends 0..255, so the scaling must be inside the saved model.
            layers.Rescaling(1 / 255),
            # Strokes, then curves, then whole digits.
            *block(16),
            *block(32),
            *block(64, pool=False),
            layers.Conv2D(64, 3, activation="relu"),
            # A digit may be anywhere on the lid: keep the strongest answer of each pattern, wherever it is.
            layers.GlobalMaxPooling2D(),
            # Hide some features in training: the handwriting of the unseen lids is not that of yours.
            layers.Dropout(0.3),
            # Six questions, each with its own yes or no. With softmax the six would have to add up to 1, and a
            # lid with two digits could not say yes twice.
            layers.Dense(6, activation="sigmoid"),
        ]
    )
    # The learning rate falls to nothing towards the end: big steps first, then the fine adjustment.
    rate = tf.keras.optimizers.schedules.CosineDecay(2e-3, decay_steps=EPOCHS * -(-len(pictures) // 32))
    # Binary cross-entropy grades each of the six answers on its own.
    model.compile(tf.keras.optimizers.Adam(rate), loss="binary_crossentropy", metrics=["binary_accuracy"])
    model.fit(pictures, labels, epochs=EPOCHS, batch_size=32, verbose=2)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
