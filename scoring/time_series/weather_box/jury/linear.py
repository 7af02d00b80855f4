"""A partial solution: the right windows, and the line of least squares."""

from pathlib import Path

import numpy as np
import pandas as pd
import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"
HOURS_IN, BOX_HOURS, HOURS_OUT = 48, 12, 3


def solution_model() -> tf.keras.Model:
    tf.keras.utils.set_random_seed(15)
    air = pd.read_csv(DATA / "air.csv")["air_c"].astype("float32")
    box = np.stack([air.rolling(BOX_HOURS).min(), air.rolling(BOX_HOURS).max()], axis=1)
    starts = np.arange(BOX_HOURS - 1, len(air) - HOURS_IN - HOURS_OUT + 2)
    features = np.stack([box[s : s + HOURS_IN] for s in starts])
    targets = np.stack([air[s + HOURS_IN - 1 : s + HOURS_IN - 1 + HOURS_OUT] for s in starts])

    flat = features.reshape(len(features), -1).astype("float64")
    weights = np.linalg.lstsq(np.c_[flat, np.ones(len(flat))], targets, rcond=None)[0]
    model = tf.keras.Sequential([
        tf.keras.Input(shape=(HOURS_IN, 2)),
        tf.keras.layers.Flatten(),
        tf.keras.layers.Dense(HOURS_OUT),
    ])  # fmt: skip
    model.layers[-1].set_weights([weights[:-1], weights[-1]])
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
