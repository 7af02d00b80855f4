"""Monthly sunspots: the same layer, but it looks at the last year only."""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"
MONTHS_IN, MONTHS_OUT = 132, 36


def solution_model() -> tf.keras.Model:
    tf.keras.utils.set_random_seed(7)
    numbers = np.loadtxt(DATA / "sunspots.csv", delimiter=",", skiprows=1, usecols=1, dtype="float32")
    windows = np.lib.stride_tricks.sliding_window_view(numbers, MONTHS_IN + MONTHS_OUT)
    features, targets = windows[:, :MONTHS_IN, None], windows[:, MONTHS_IN:]

    window = tf.keras.Input(shape=(MONTHS_IN, 1))
    x = tf.keras.layers.Flatten()(window[:, -12:] / 50.0)
    x = tf.keras.layers.Dense(MONTHS_OUT)(x)
    model = tf.keras.Model(window, x * 50.0)
    model.compile(tf.keras.optimizers.Adam(3e-3), loss="mse")
    model.fit(features, targets, epochs=20, batch_size=32, verbose=2)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
