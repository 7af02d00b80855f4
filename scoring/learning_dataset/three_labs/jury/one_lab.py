"""Only the first lab's file is read: its scales are taken for everybody's."""

import csv
from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"

READINGS = [
    "alcohol",
    "malic_acid",
    "ash",
    "alkalinity",
    "magnesium",
    "phenols",
    "flavanoids",
    "nonflavanoids",
    "proanthocyanins",
    "colour",
    "hue",
    "od_ratio",
    "proline",
]
VINES = ["k1", "k2", "k3"]
GAP = -1.0


def load_reports() -> tuple[np.ndarray, np.ndarray]:
    """Read the first file: features (n, 14) as the marker feeds them, labels (n,)."""
    with (DATA / "arbor.csv").open(newline="") as file:
        records = list(csv.DictReader(file))
    features = [[float(row[name] or GAP) for name in READINGS] + [0] for row in records]
    return np.array(features, dtype="float32"), np.array([VINES.index(row["vine"]) for row in records])


def solution_model() -> tf.keras.Model:
    """Train on the reports of one lab."""
    tf.keras.utils.set_random_seed(7)
    features, labels = load_reports()
    known = np.where(features[:, :13] == GAP, np.nan, features[:, :13])
    scale = tf.keras.layers.Normalization(mean=np.nanmean(known, axis=0), variance=np.nanvar(known, axis=0))

    inputs = tf.keras.Input(shape=(14,))
    present = tf.keras.ops.cast(tf.keras.ops.not_equal(inputs[:, :13], GAP), "float32")
    x = tf.keras.layers.Concatenate()([scale(inputs[:, :13]) * present, inputs[:, 13:]])
    x = tf.keras.layers.Dense(32, activation="relu")(x)
    model = tf.keras.Model(inputs, tf.keras.layers.Dense(3, activation="softmax")(x))
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
    model.fit(features, labels, epochs=30, verbose=0)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
