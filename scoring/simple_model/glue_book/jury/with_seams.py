"""The rest of a division by day and by year: the right idea, but with a jump at each end."""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"


def solution_model() -> tf.keras.Model:
    """Train on the place in the day and in the year, as plain numbers."""
    tf.keras.utils.set_random_seed(7)
    table = np.loadtxt(DATA / "logger.csv", delimiter=",", skiprows=1, dtype="float32")
    minutes, air = table[:, :1], table[:, 1]
    inputs = tf.keras.Input((1,))
    day = tf.keras.ops.mod(inputs, 1_440.0) / 720.0 - 1.0
    year = tf.keras.ops.mod(inputs, 525_600.0) / 262_800.0 - 1.0
    x = tf.keras.layers.Concatenate()([day, year])
    for _ in range(2):
        x = tf.keras.layers.Dense(32, activation="relu")(x)
    middle = tf.keras.initializers.Constant(float(air.mean()))
    model = tf.keras.Model(inputs, tf.keras.layers.Dense(1, bias_initializer=middle)(x))
    model.compile(optimizer=tf.keras.optimizers.Adam(2e-3), loss="mae")
    model.fit(minutes, air, batch_size=32, epochs=40, verbose=0)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
