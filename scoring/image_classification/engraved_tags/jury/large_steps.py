"""The whole network is trained further, but with large steps: it forgets much of what it knew."""

import csv
from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"


def load_tags() -> tuple[np.ndarray, np.ndarray]:
    """Pictures (n, 28, 28, 1) and their digits."""
    with (DATA / "tags.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    pictures = [tf.io.decode_png((DATA / "tags" / row["file"]).read_bytes(), channels=1).numpy() for row in rows]
    return np.array(pictures, np.float32), np.array([int(row["digit"]) for row in rows])


def solution_model() -> tf.keras.Model:
    tf.keras.utils.set_random_seed(7)
    pictures, digits = load_tags()
    reader = tf.keras.models.load_model(DATA / "reader.keras")
    inputs = tf.keras.Input(shape=(28, 28, 1))
    model = tf.keras.Model(inputs, reader(inputs))
    model.compile(tf.keras.optimizers.Adam(5e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(pictures, digits, epochs=40, batch_size=25, verbose=2)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
