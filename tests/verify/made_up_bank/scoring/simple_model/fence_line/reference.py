"""The line."""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"


def solution_model() -> tf.keras.Model:
    """Find the line by least squares and put it into one layer."""
    tf.keras.utils.set_random_seed(7)
    table = np.loadtxt(DATA / "fences.csv", delimiter=",")
    slope, constant = np.polyfit(table[:, 0], table[:, 1], 1)
    model = tf.keras.Sequential([tf.keras.Input(shape=(1,)), tf.keras.layers.Dense(1)])
    model.layers[-1].set_weights([np.array([[slope]]), np.array([constant])])
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
