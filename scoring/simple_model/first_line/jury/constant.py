"""The first line: the median, whatever x is."""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"


def solution_model() -> tf.keras.Model:
    y = np.loadtxt(DATA / "line.csv", delimiter=",", skiprows=1)[:, 1]
    model = tf.keras.Sequential([tf.keras.Input(shape=(1,)), tf.keras.layers.Dense(1)])
    model.layers[-1].set_weights([np.array([[0.0]]), np.array([np.median(y)])])
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
