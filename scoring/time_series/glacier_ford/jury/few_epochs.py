"""A partial solution: shuffled by fit(), with a falling rate, but a small network and three epochs."""

from pathlib import Path

import numpy as np
import pandas as pd
import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"


def solution_model() -> tf.keras.Model:
    tf.keras.utils.set_random_seed(7)
    table = pd.read_csv(DATA / "ford.csv")[["flow_m3s", "air_c"]].to_numpy(dtype="float32")
    strips = np.stack([table[s : s + 60] for s in range(len(table) - 59)])
    normalize = tf.keras.layers.Normalization()
    normalize.adapt(table)

    window = tf.keras.Input(shape=(48, 2))
    x = normalize(window)
    x = tf.keras.layers.Conv1D(32, 6, strides=3, activation="relu")(x)
    x = tf.keras.layers.Flatten()(x)
    x = tf.keras.layers.Dense(64, activation="relu")(x)
    x = tf.keras.layers.Dense(12)(x)
    outputs = tf.keras.layers.Rescaling(float(table[:, 0].std()), offset=float(table[:, 0].mean()))(x)
    model = tf.keras.Model(window, outputs)
    rate = tf.keras.optimizers.schedules.CosineDecay(3e-3, 3 * (len(strips) // 128 + 1))
    model.compile(tf.keras.optimizers.Adam(rate), loss="mae")
    model.fit(strips[:, :48], strips[:, 48:, 0], epochs=3, batch_size=128, verbose=2)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
