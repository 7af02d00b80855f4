"""Both circles, but one hidden layer of six units: a winter's day and a summer's day are not different enough."""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"


def solution_model() -> tf.keras.Model:
    """Train a small network on both circles."""
    tf.keras.utils.set_random_seed(7)
    table = np.loadtxt(DATA / "logger.csv", delimiter=",", skiprows=1, dtype="float32")
    minutes, air = table[:, :1], table[:, 1]
    inputs = tf.keras.Input((1,))
    day, year = inputs * (2 * np.pi / 1_440), inputs * (2 * np.pi / 525_600)
    ops = tf.keras.ops
    x = tf.keras.layers.Concatenate()([ops.sin(day), ops.cos(day), ops.sin(year), ops.cos(year)])
    x = tf.keras.layers.Dense(6, activation="relu")(x)
    middle = tf.keras.initializers.Constant(float(air.mean()))
    model = tf.keras.Model(inputs, tf.keras.layers.Dense(1, bias_initializer=middle)(x))
    rate = tf.keras.optimizers.schedules.CosineDecay(3e-3, decay_steps=40 * 32)
    model.compile(optimizer=tf.keras.optimizers.Adam(rate), loss="mae")
    model.fit(minutes, air, batch_size=32, epochs=40, verbose=0)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
