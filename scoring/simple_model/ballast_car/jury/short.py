"""A scaled line, but the default rate of gradient descent and too few steps."""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"


def solution_model() -> tf.keras.Model:
    """Stop before the line has arrived."""
    tf.keras.utils.set_random_seed(7)
    table = np.loadtxt(DATA / "rides.csv", delimiter=",", skiprows=1, dtype="float32")
    scale = tf.keras.layers.Normalization()
    scale.adapt(table[:, :1])
    model = tf.keras.Sequential([tf.keras.Input(shape=(1,)), scale, tf.keras.layers.Dense(1)])
    model.compile(optimizer=tf.keras.optimizers.SGD(0.01), loss="mse")
    model.fit(table[:, :1], table[:, 1:], batch_size=10, epochs=60, verbose=0)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
