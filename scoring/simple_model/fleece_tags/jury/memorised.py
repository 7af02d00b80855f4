"""A large network and large steps: it learns most wrong tags by heart."""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"


def solution_model() -> tf.keras.Model:
    """Train a network that is far too large for 2,000 rows."""
    tf.keras.utils.set_random_seed(7)
    table = np.loadtxt(DATA / "fleeces.csv", delimiter=",", skiprows=1, dtype="float32")
    scale = tf.keras.layers.Normalization()
    scale.adapt(table[:, :6])
    model = tf.keras.Sequential(
        [
            tf.keras.Input(shape=(6,)),
            scale,
            tf.keras.layers.Dense(128, activation="relu"),
            tf.keras.layers.Dense(128, activation="relu"),
            tf.keras.layers.Dense(3, activation="softmax"),
        ]
    )
    model.compile(optimizer=tf.keras.optimizers.Adam(4e-3), loss="sparse_categorical_crossentropy")
    model.fit(table[:, :6], table[:, 6], batch_size=128, epochs=80, verbose=0)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
