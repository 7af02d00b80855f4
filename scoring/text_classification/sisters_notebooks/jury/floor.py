"""The floor: a model of the right shapes that was never trained."""

from pathlib import Path

import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"


def solution_model() -> tf.keras.Model:
    tf.keras.utils.set_random_seed(14)
    signs = tf.keras.Input(shape=(40,), dtype="int32")
    x = tf.keras.layers.LSTM(16)(tf.keras.layers.Embedding(32, 8)(signs))
    return tf.keras.Model(signs, tf.keras.layers.Dense(27, activation="softmax")(x))


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
