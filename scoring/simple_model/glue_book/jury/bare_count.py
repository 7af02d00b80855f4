"""A large network on the scaled count: it draws the seasons, and no day."""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"


def solution_model() -> tf.keras.Model:
    """Train on the scaled count of minutes."""
    tf.keras.utils.set_random_seed(7)
    table = np.loadtxt(DATA / "logger.csv", delimiter=",", skiprows=1, dtype="float32")
    minutes, air = table[:, :1], table[:, 1]
    inputs = tf.keras.Input((1,))
    scale = tf.keras.layers.Normalization()
    scale.adapt(minutes)
    x = scale(inputs)
    for _ in range(2):
        x = tf.keras.layers.Dense(64, activation="relu")(x)
    middle = tf.keras.initializers.Constant(float(air.mean()))
    model = tf.keras.Model(inputs, tf.keras.layers.Dense(1, bias_initializer=middle)(x))
    model.compile(optimizer=tf.keras.optimizers.Adam(3e-3), loss="mae")
    model.fit(minutes, air, batch_size=32, epochs=60, verbose=0)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
