"""Stops earlier."""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"


def solution_model() -> tf.keras.Model:
    """Build and train a small network."""
    tf.keras.utils.set_random_seed(7)
    table = np.loadtxt(DATA / "levels.csv", delimiter=",")
    inputs, answers = (
        np.stack([table[i : i + 6, None] for i in range(190)]),
        np.stack([table[i + 6 : i + 8] for i in range(190)]),
    )
    layers = [tf.keras.layers.Flatten(), tf.keras.layers.Dense(16, activation="relu")]
    model = tf.keras.Sequential([tf.keras.Input(shape=(6, 1)), *layers, tf.keras.layers.Dense(2)])
    model.compile("adam", "mae")
    model.fit(inputs, answers, epochs=5)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
