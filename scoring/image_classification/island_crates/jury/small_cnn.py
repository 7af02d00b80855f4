"""Partial: two small convolutions, Flatten and default settings; it starts slowly and stops early."""

import csv
from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"
layers = tf.keras.layers


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


def solution_model() -> tf.keras.Model:
    tf.keras.utils.set_random_seed(7)
    pictures, labels = read()
    model = tf.keras.Sequential(
        [
            layers.Input((30, 30, 1)),
            layers.Rescaling(1 / 255),
            layers.Conv2D(16, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(64, activation="relu"),
            layers.Dense(6, activation="sigmoid"),
        ]
    )
    model.compile("adam", loss="binary_crossentropy", metrics=["accuracy"])
    model.fit(pictures, labels, epochs=18, batch_size=32, verbose=2)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
