"""The floor: it answers a blank, the most frequent letter, whatever it is given."""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"


def solution_model() -> tf.keras.Model:
    letters = tf.keras.Input(shape=(48,), dtype="int32")
    x = tf.keras.layers.Embedding(33, 1)(letters)
    x = tf.keras.layers.Flatten()(x)
    dense = tf.keras.layers.Dense(33, activation="softmax")
    model = tf.keras.Model(letters, dense(x))
    dense.set_weights([np.zeros((48, 33)), np.eye(33)[1] * 5.0])
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
