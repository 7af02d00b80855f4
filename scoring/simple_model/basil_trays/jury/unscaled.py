"""The right layers on raw units: nothing is scaled."""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"


def solution_model() -> tf.keras.Model:
    """Train a network on unscaled inputs."""
    tf.keras.utils.set_random_seed(7)
    table = np.loadtxt(DATA / "trays.csv", delimiter=",", skiprows=1, dtype="float32")
    model = tf.keras.Sequential(
        [
            tf.keras.Input(shape=(3,)),
            tf.keras.layers.Dense(64, activation="relu"),
            tf.keras.layers.Dense(64, activation="relu"),
            tf.keras.layers.Dense(1),
        ]
    )
    model.compile(optimizer="adam", loss="mse")
    model.fit(table[:, :3], table[:, 3:], epochs=60, verbose=0)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
