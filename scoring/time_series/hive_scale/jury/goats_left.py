"""A partial solution: changes from the last hour and a robust loss, but the goats stay in the windows."""

from pathlib import Path

import numpy as np
import pandas as pd
import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"
HOURS_IN, HOURS_OUT = 48, 12


def solution_model() -> tf.keras.Model:
    tf.keras.utils.set_random_seed(7)
    series = pd.read_csv(DATA / "hive.csv")["weight_kg"].to_numpy(dtype="float32")
    windows = np.lib.stride_tricks.sliding_window_view(series, HOURS_IN + HOURS_OUT)
    features, targets = windows[:, :HOURS_IN, None], windows[:, HOURS_IN:]

    window = tf.keras.Input(shape=(HOURS_IN, 1))
    last = window[:, -1:]
    x = tf.keras.layers.Rescaling(0.5)(window - last)
    x = tf.keras.layers.Flatten()(x)
    x = tf.keras.layers.Dense(128, activation="relu")(x)
    x = tf.keras.layers.Dense(64, activation="relu")(x)
    x = tf.keras.layers.Dense(HOURS_OUT)(x)
    change = tf.keras.layers.Rescaling(2.0)(x)
    model = tf.keras.Model(window, change + last[:, :, 0])

    epochs, batch = 25, 128
    rate = tf.keras.optimizers.schedules.CosineDecay(3e-3, epochs * (len(features) // batch + 1))
    model.compile(tf.keras.optimizers.Adam(rate), loss=tf.keras.losses.Huber(delta=0.5))
    model.fit(features, targets, epochs=epochs, batch_size=batch, verbose=2)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
