"""Trained on nothing: the middle of the readings, for every minute."""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"


def solution_model() -> tf.keras.Model:
    """Return one temperature for every minute."""
    air = np.loadtxt(DATA / "logger.csv", delimiter=",", skiprows=1)[:, 1]
    inputs = tf.keras.Input((1,))
    middle = tf.keras.initializers.Constant(float(np.median(air)))
    return tf.keras.Model(inputs, tf.keras.layers.Dense(1, kernel_initializer="zeros", bias_initializer=middle)(inputs))


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
