"""Partial: sigmoid and binary cross-entropy, but Flatten ties each digit to its place."""

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
            label[int(island) - 1] = 1
    return pictures, labels


def block(filters: int, pool: bool = True) -> list[tf.keras.Layer]:
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
            layers.Rescaling(1 / 255),
            *block(16),
            *block(32),
            *block(64),
            layers.Flatten(),
            layers.Dropout(0.5),
            layers.Dense(64, activation="relu"),
            layers.Dense(6, activation="sigmoid"),
        ]
    )
    rate = tf.keras.optimizers.schedules.CosineDecay(2e-3, decay_steps=EPOCHS * -(-len(pictures) // 32))
    model.compile(tf.keras.optimizers.Adam(rate), loss="binary_crossentropy")
    model.fit(pictures, labels, epochs=EPOCHS, batch_size=32, verbose=2)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
