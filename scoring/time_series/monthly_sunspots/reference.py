"""Monthly sunspots: a small model on the square roots of eleven years."""

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

    # The whole period of eleven years is needed: two years do not tell how high the next maximum is. But there
    # are only 1,600 windows, and neighbours are nearly the same: a large network learns them by heart. One layer with
    # a penalty on large weights forecasts best.
    window = tf.keras.Input(shape=(MONTHS_IN, 1))
    # High numbers jump more than low ones. Their square roots jump alike, and the model squares its forecast again.
    x = tf.keras.ops.sqrt(tf.keras.ops.maximum(window, 0.0)) / 8.0
    x = tf.keras.layers.Flatten()(x)
    x = tf.keras.layers.Dense(MONTHS_OUT, kernel_regularizer=tf.keras.regularizers.L2(0.003))(x)
    model = tf.keras.Model(window, tf.keras.ops.square(tf.keras.layers.ReLU()(x) * 8.0))

    # Train on the square roots, where all months count alike, then use the same layers for the numbers themselves.
    roots = tf.keras.Model(window, x)
    epochs, batch = 40, 32
    rate = tf.keras.optimizers.schedules.CosineDecay(3e-3, epochs * (len(features) // batch + 1))
    roots.compile(tf.keras.optimizers.Adam(rate), loss="mse")
    roots.fit(features, np.sqrt(targets) / 8.0, epochs=epochs, batch_size=batch, verbose=2)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
