"""Always species 0."""

from pathlib import Path

import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"


def solution_model() -> tf.keras.Model:
    """Return a constant."""
    zero = tf.keras.initializers.Constant([5.0, 0.0, 0.0, 0.0, 0.0, 0.0])
    return tf.keras.Sequential(
        [
            tf.keras.Input(shape=(48, 32)),
            tf.keras.layers.Flatten(),
            tf.keras.layers.Dense(6, "softmax", kernel_initializer="zeros", bias_initializer=zero),
        ]
    )


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
