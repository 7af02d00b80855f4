"""The floor: always the most frequent letter, whatever it reads."""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"


def solution_model() -> tf.keras.Model:
    pages = np.loadtxt(DATA / "pages.csv", delimiter=",", dtype="int32")
    counts = np.bincount(pages[pages < 27], minlength=27)
    signs = tf.keras.Input(shape=(40,), dtype="int32")
    answers = tf.keras.layers.Embedding(32, 27)
    model = tf.keras.Model(signs, tf.keras.layers.Softmax()(answers(signs[:, -1])))
    answers.set_weights([np.tile(np.log(counts + 1.0), (32, 1))])
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
