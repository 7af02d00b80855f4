"""Monthly sunspots: the median of the record."""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"
MONTHS_IN, MONTHS_OUT = 132, 36


def solution_model() -> tf.keras.Model:
    numbers = np.loadtxt(DATA / "sunspots.csv", delimiter=",", skiprows=1, usecols=1)
    median = tf.keras.initializers.Constant(float(np.median(numbers)))
    window = tf.keras.Input(shape=(MONTHS_IN, 1))
    x = tf.keras.layers.Flatten()(window)
    x = tf.keras.layers.Dense(MONTHS_OUT, kernel_initializer="zeros", bias_initializer=median)(x)
    return tf.keras.Model(window, x)


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
