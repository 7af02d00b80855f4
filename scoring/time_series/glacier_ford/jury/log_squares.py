"""A fixed formula: least squares on the logarithm of the flow. No network is trained."""

from pathlib import Path

import numpy as np
import pandas as pd
import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"


def solution_model() -> tf.keras.Model:
    table = pd.read_csv(DATA / "ford.csv")[["flow_m3s", "air_c"]].to_numpy()
    strips = np.stack([table[s : s + 60] for s in range(len(table) - 59)])
    ones = np.ones((len(strips), 1))
    flat = np.hstack([np.log(strips[:, :48, 0]), strips[:, :48, 1], ones])
    weights = np.linalg.lstsq(flat, np.log(strips[:, 48:, 0]), rcond=None)[0].astype("float32")

    window = tf.keras.Input(shape=(48, 2))
    logs = tf.keras.ops.log(tf.keras.ops.maximum(window[:, :, 0], 0.01))
    line = tf.keras.layers.Dense(12)
    model = tf.keras.Model(window, tf.keras.ops.exp(line(tf.keras.layers.Concatenate()([logs, window[:, :, 1]]))))
    line.set_weights([weights[:-1], weights[-1]])
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
