"""Scaled inputs and a sigmoid, but no hidden layer: the border is a plane."""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"


def solution_model() -> tf.keras.Model:
    """Fit a logistic regression."""
    tf.keras.utils.set_random_seed(7)
    table = np.loadtxt(DATA / "firings.csv", delimiter=",", skiprows=1, dtype="float32")
    scale = tf.keras.layers.Normalization()
    scale.adapt(table[:, :3])
    model = tf.keras.Sequential(
        [
            tf.keras.Input(shape=(3,)),
            scale,
            tf.keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(optimizer=tf.keras.optimizers.Adam(0.02), loss="binary_crossentropy")
    model.fit(table[:, :3], table[:, 3:], epochs=15, verbose=0)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
