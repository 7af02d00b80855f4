"""Trained on nothing: the answer is the mean of the trial rides, whatever the input."""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"


def solution_model() -> tf.keras.Model:
    """Return a constant."""
    table = np.loadtxt(DATA / "rides.csv", delimiter=",", skiprows=1, dtype="float32")
    mean = tf.keras.initializers.Constant(float(table[:, 1].mean()))
    constant = tf.keras.layers.Dense(1, kernel_initializer="zeros", bias_initializer=mean)
    return tf.keras.Sequential([tf.keras.Input(shape=(1,)), constant])


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
