"""A fixed formula: the least absolute error for each maker, on readings and their squares. No network is trained."""

from pathlib import Path

import numpy as np
import pandas as pd
import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"
MAKERS = ["Arnet", "Brosi", "Caduff", "Danuser"]
HOURS_IN, HOURS_OUT = 24, 6


def read_windows() -> tuple[np.ndarray, np.ndarray]:
    features, targets = [], []
    for _, hut in pd.read_csv(DATA / "huts.csv").groupby("hut"):
        columns = [hut["reading"], *(hut["maker"] == maker for maker in MAKERS)]
        rows = np.stack(columns, axis=1).astype("float32")
        hpa = hut["hpa"].to_numpy(dtype="float32")
        for start in range(len(hut) - HOURS_IN - HOURS_OUT + 1):
            features.append(rows[start : start + HOURS_IN])
            targets.append(hpa[start + HOURS_IN : start + HOURS_IN + HOURS_OUT])
    return np.stack(features), np.stack(targets)


def solution_model() -> tf.keras.Model:
    features, targets = read_windows()
    weights = []
    for maker in range(1, 1 + len(MAKERS)):
        own = features[:, 0, maker] == 1
        raw = features[own, :, 0].astype("float64") / 1000
        flat = np.hstack([raw, raw[:, -1:] ** 2, np.ones((len(raw), 1))])
        fit = np.linalg.lstsq(flat, targets[own], rcond=None)[0]
        for _ in range(20):  # least squares again and again: the weights of large errors make it the absolute error
            weight = 1 / np.sqrt(np.maximum(np.abs(targets[own] - flat @ fit), 0.5))
            pairs = zip(weight.T, targets[own].T, strict=True)
            lines = [np.linalg.lstsq(flat * w[:, None], t * w, rcond=None)[0] for w, t in pairs]
            fit = np.stack(lines, axis=1)
        weights.append(fit)

    window = tf.keras.Input(shape=(HOURS_IN, 1 + len(MAKERS)))
    raw = tf.keras.layers.Rescaling(1 / 1000)(window[:, :, 0])
    raw = tf.keras.layers.Concatenate()([raw, raw[:, -1:] * raw[:, -1:]])
    x = [raw * window[:, :1, maker] for maker in range(1, 1 + len(MAKERS))]
    x = tf.keras.layers.Concatenate()([*x, window[:, 0, 1:]])
    line = tf.keras.layers.Dense(HOURS_OUT, use_bias=False)
    model = tf.keras.Model(window, line(x))
    line.set_weights([np.vstack([*(w[:-1] for w in weights), *(w[-1:] for w in weights)]).astype("float32")])
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
