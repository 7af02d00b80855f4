"""Trained on nothing: every bowl gets the share of sound ones."""

from pathlib import Path

import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"


def solution_model() -> tf.keras.Model:
    """Return a constant of one half."""
    half = tf.keras.layers.Dense(1, activation="sigmoid", kernel_initializer="zeros")
    return tf.keras.Sequential([tf.keras.Input(shape=(3,)), half])


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
