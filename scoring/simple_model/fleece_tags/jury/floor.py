"""Trained on nothing: the same probabilities for every fleece."""

from pathlib import Path

import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"


def solution_model() -> tf.keras.Model:
    """Return a constant of one third each."""
    thirds = tf.keras.layers.Dense(3, activation="softmax", kernel_initializer="zeros")
    return tf.keras.Sequential([tf.keras.Input(shape=(6,)), thirds])


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
