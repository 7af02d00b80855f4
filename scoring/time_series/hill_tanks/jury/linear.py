"""A partial solution: the line of least squares on raw windows."""

from pathlib import Path

import numpy as np
import pandas as pd
import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"
HOURS_IN, HOURS_OUT = 48, 12


def solution_model() -> tf.keras.Model:
    record = pd.read_csv(DATA / "tanks.csv")
    tanks = [tank["level_cm"].to_numpy(dtype="float32") for _, tank in record.groupby("tank")]
    cut = np.lib.stride_tricks.sliding_window_view
    windows = np.concatenate([cut(tank, HOURS_IN + HOURS_OUT)[::3] for tank in tanks])
    features, targets = windows[:, :HOURS_IN, None], windows[:, HOURS_IN:]

    flat = features.reshape(len(features), -1).astype("float64")
    weights = np.linalg.lstsq(np.c_[flat, np.ones(len(flat))], targets, rcond=None)[0]
    model = tf.keras.Sequential([
        tf.keras.Input(shape=(HOURS_IN, 1)),
        tf.keras.layers.Flatten(),
        tf.keras.layers.Dense(HOURS_OUT),
    ])  # fmt: skip
    model.layers[-1].set_weights([weights[:-1], weights[-1]])
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
