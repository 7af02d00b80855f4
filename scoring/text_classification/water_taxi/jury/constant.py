"""The floor: it answers the most frequent pier, whatever it is told."""

import csv
from collections import Counter
from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"
PIERS = ["castle", "harbour", "island", "market", "spa"]


def solution_model() -> tf.keras.Model:
    with (DATA / "calls.csv").open(encoding="utf-8", newline="") as file:
        counts = Counter(row["pier"] for row in csv.DictReader(file))
    words = tf.keras.Input(shape=(72,), dtype="int32")
    x = tf.keras.layers.GlobalAveragePooling1D()(tf.keras.layers.Embedding(330, 1)(words))
    dense = tf.keras.layers.Dense(len(PIERS), activation="softmax")
    model = tf.keras.Model(words, dense(x))
    dense.set_weights([np.zeros((1, len(PIERS))), np.array([float(counts[pier]) / 100.0 for pier in PIERS])])
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
