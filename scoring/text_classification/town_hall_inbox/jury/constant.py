"""The floor: it answers the desk with the most messages, whatever it is told."""

import json
from collections import Counter
from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"
DESKS = ["lighting", "parking", "roads", "trees", "waste"]


def solution_model() -> tf.keras.Model:
    records = json.loads((DATA / "messages.json").read_text(encoding="utf-8"))
    counts = Counter(record["desk"] for record in records)
    vectorize = tf.keras.layers.TextVectorization(
        output_sequence_length=64, vocabulary=["lamp", "parking", "road", "tree", "bin"]
    )
    message = tf.keras.Input(shape=(), dtype=tf.string)
    x = tf.keras.layers.GlobalAveragePooling1D()(tf.keras.layers.Embedding(7, 1)(vectorize(message)))
    dense = tf.keras.layers.Dense(len(DESKS), activation="softmax")
    model = tf.keras.Model(message, dense(x))
    dense.set_weights([np.zeros((1, len(DESKS))), np.array([float(counts[desk]) / 100.0 for desk in DESKS])])
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
