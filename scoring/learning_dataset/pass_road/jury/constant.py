"""Always dry, the most frequent state."""

from pathlib import Path

import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"


def solution_model() -> tf.keras.Model:
    """Return a constant."""
    dry = tf.keras.initializers.Constant([1.0, 0.0, 0.0, 0.0])
    layer = tf.keras.layers.Dense(4, "softmax", kernel_initializer="zeros", bias_initializer=dry)
    return tf.keras.Sequential([tf.keras.Input(shape=(11,)), layer])


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
