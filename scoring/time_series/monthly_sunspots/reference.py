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

    # The whole period of eleven years is needed: two years do not tell how high the next maximum is. But there are only
    # 1,600 windows, and neighbours are nearly the same: a large network learns them by heart. The means of eleven years
    # and the last half year, together 17 numbers, say nearly all, and one layer forecasts from them.
    window = tf.keras.Input(shape=(MONTHS_IN, 1))
    # High numbers jump more than low ones. Their square roots jump alike, and the model squares its forecast again.
    roots = tf.keras.ops.sqrt(tf.keras.ops.maximum(window, 0.0)) / 8.0
    years = tf.keras.layers.Flatten()(tf.keras.layers.AveragePooling1D(12)(roots))
    recent = tf.keras.layers.Flatten()(roots[:, -6:])
    x = tf.keras.layers.Dense(MONTHS_OUT)(tf.keras.layers.Concatenate()([years, recent]))
    model = tf.keras.Model(window, tf.keras.ops.square(tf.keras.layers.ReLU()(x) * 8.0))

    # Train on the square roots, where all months count alike, then use the same layers for the numbers themselves.
    forecast = tf.keras.Model(window, x)
    epochs, batch = 60, 32
    rate = tf.keras.optimizers.schedules.CosineDecay(1e-2, epochs * (len(features) // batch + 1))
    forecast.compile(tf.keras.optimizers.Adam(rate), loss="mse")
    forecast.fit(features, np.sqrt(targets) / 8.0, epochs=epochs, batch_size=batch, verbose=2)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
