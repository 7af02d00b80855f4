"""A first step: counts which letter most often follows the last sign. After an empty sign it knows nothing."""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"


def solution_model() -> tf.keras.Model:
    pages = np.loadtxt(DATA / "pages.csv", delimiter=",", dtype="int32")
    counts = np.full((32, 27), 0.1)
    following = np.full(len(pages), -1)
    for column in range(pages.shape[1] - 2, -1, -1):
        sign = pages[:, column + 1]
        following = np.where(sign < 27, sign, following)
        known = following >= 0
        np.add.at(counts, (pages[known, column], following[known]), 1.0)
    signs = tf.keras.Input(shape=(40,), dtype="int32")
    answers = tf.keras.layers.Embedding(32, 27)
    model = tf.keras.Model(signs, tf.keras.layers.Softmax()(answers(signs[:, -1])))
    answers.set_weights([np.log(counts)])
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
