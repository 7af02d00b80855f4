"""Trained on nothing: the answer is the median gain, whatever the input."""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"


def solution_model() -> tf.keras.Model:
    """Return a constant."""
    table = np.loadtxt(DATA / "trays.csv", delimiter=",", skiprows=1, dtype="float32")
    median = tf.keras.initializers.Constant(float(np.median(table[:, 3])))
    constant = tf.keras.layers.Dense(1, kernel_initializer="zeros", bias_initializer=median)
    return tf.keras.Sequential([tf.keras.Input(shape=(3,)), constant])


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
