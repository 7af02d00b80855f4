"""Fashion-MNIST: every class alike."""

from pathlib import Path

import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"


def solution_model() -> tf.keras.Model:
    return tf.keras.Sequential(
        [
            tf.keras.Input(shape=(28, 28)),
            tf.keras.layers.Flatten(),
            tf.keras.layers.Dense(10, activation="softmax", kernel_initializer="zeros"),
        ]
    )


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
