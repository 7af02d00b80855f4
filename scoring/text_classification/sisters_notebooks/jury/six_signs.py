"""A partial solution: a dense network over the last six signs. It often sees only two or three letters."""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"
LAST = 6


def solution_model() -> tf.keras.Model:
    tf.keras.utils.set_random_seed(11)
    pages = np.loadtxt(DATA / "pages.csv", delimiter=",", dtype="int32")
    following = np.full(pages.shape, -1)
    for column in range(pages.shape[1] - 2, -1, -1):
        sign = pages[:, column + 1]
        following[:, column] = np.where(sign < 27, sign, following[:, column + 1])
    ends = np.arange(LAST, pages.shape[1] - 40, 2)
    inputs = np.concatenate([pages[:, end - LAST : end] for end in ends])
    labels = np.concatenate([following[:, end - 1] for end in ends])

    signs = tf.keras.Input(shape=(40,), dtype="int32")
    x = tf.keras.layers.Flatten()(tf.keras.layers.Embedding(32, 16)(signs[:, -LAST:]))
    x = tf.keras.layers.Dense(128, activation="relu")(x)
    model = tf.keras.Model(signs, tf.keras.layers.Dense(27, activation="softmax")(x))
    model.compile(tf.keras.optimizers.Adam(2e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
    padded = np.pad(inputs, ((0, 0), (40 - LAST, 0)))  # the model looks at the last six only
    model.fit(padded, labels, batch_size=128, epochs=3, verbose=2)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
