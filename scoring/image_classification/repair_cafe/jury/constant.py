"""Floor: the right shapes, but the same answer for every picture."""

from pathlib import Path

import tensorflow as tf

HERE = Path(__file__).resolve().parent
layers = tf.keras.layers


def solution_model() -> tf.keras.Model:
    tf.keras.utils.set_random_seed(7)
    always_nut = tf.keras.initializers.Constant([0.0, 0.0, 5.0, 0.0])
    return tf.keras.Sequential(
        [
            layers.Input((64, 64, 3)),
            layers.GlobalAveragePooling2D(),
            layers.Dense(4, kernel_initializer="zeros", bias_initializer=always_nut, activation="softmax"),
        ]
    )


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
