"""The floor: a model of the right shapes that was never trained."""

from pathlib import Path

import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"


def solution_model() -> tf.keras.Model:
    tf.keras.utils.set_random_seed(14)
    letters = tf.keras.Input(shape=(48,), dtype="int32")
    x = tf.keras.layers.Embedding(33, 16)(letters)
    x = tf.keras.layers.LSTM(32)(x)
    return tf.keras.Model(letters, tf.keras.layers.Dense(33, activation="softmax")(x))


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
