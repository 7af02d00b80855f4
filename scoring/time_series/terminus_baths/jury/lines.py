"""A closed form: least squares on raw windows, and what is known of closed hours and of empty baths."""

from pathlib import Path

import numpy as np
import pandas as pd
import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"


def solution_model() -> tf.keras.Model:
    record = pd.read_csv(DATA / "baths.csv", parse_dates=["time"])
    record["hour"] = record["time"].dt.hour
    table = record[["guests", "seats", "free_day", "hour"]].to_numpy(dtype="float64")
    features = np.stack([table[s : s + 48] for s in range(len(table) - 47)])
    targets = features[:, 24:, 0].copy()
    features[:, 24:, 0] = 0.0
    flat = np.hstack([features.reshape(len(features), -1), np.ones((len(features), 1))])
    weights = np.linalg.lstsq(flat, targets, rcond=None)[0].astype("float32")

    window = tf.keras.Input(shape=(48, 4))
    hours = window[:, 24:, 3]
    opened = tf.keras.ops.cast((hours > 8) & (hours < 22), "float32")
    line = tf.keras.layers.Dense(24)
    model = tf.keras.Model(window, tf.keras.layers.ReLU()(line(tf.keras.layers.Flatten()(window))) * opened)
    line.set_weights([weights[:-1], weights[-1]])
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
