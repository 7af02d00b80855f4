"""Floor: calls every panel sound, which is right for seven files in eight."""

from pathlib import Path

import tensorflow as tf

HERE = Path(__file__).resolve().parent
layers = tf.keras.layers


def solution_model() -> tf.keras.Model:
    return tf.keras.Sequential(
        [
            layers.Input((48, 48, 3)),
            layers.GlobalAveragePooling2D(),
            layers.Dense(1, activation="sigmoid", kernel_initializer="zeros", bias_initializer="ones"),
        ]
    )


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
