"""The right logarithm both ways, but only ten epochs at the default rate."""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"


def solution_model() -> tf.keras.Model:
    """Train a core on logarithms, and stop early."""
    tf.keras.utils.set_random_seed(7)
    table = np.loadtxt(DATA / "foils.csv", delimiter=",", skiprows=1, dtype="float32")
    tests, half_mm = table[:, :3], table[:, 3]
    scale = tf.keras.layers.Normalization()
    scale.adapt(tests)
    inputs = tf.keras.Input((3,))
    x = scale(inputs)
    for _ in range(2):
        x = tf.keras.layers.Dense(64, activation="relu")(x)
    log_mm = tf.keras.layers.Dense(1)(x)
    core = tf.keras.Model(inputs, log_mm)
    core.compile(optimizer="adam", loss="mse")
    core.fit(tests, np.log(half_mm), batch_size=64, epochs=10, verbose=0)
    return tf.keras.Model(inputs, tf.keras.ops.exp(log_mm))


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
