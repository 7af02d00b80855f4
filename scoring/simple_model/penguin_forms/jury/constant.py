"""Trained on nothing: the same probabilities for every form."""

from pathlib import Path

import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"


def solution_model() -> tf.keras.Model:
    """Return a constant of one third each, gaps or not."""
    inputs = tf.keras.Input((6,))
    known = tf.keras.ops.where(tf.keras.ops.isnan(inputs), 0.0, inputs)
    return tf.keras.Model(inputs, tf.keras.layers.Dense(3, activation="softmax", kernel_initializer="zeros")(known))


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
