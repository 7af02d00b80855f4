"""Floor: says of every lid that all six digits stand on it."""

from pathlib import Path

import tensorflow as tf

HERE = Path(__file__).resolve().parent
layers = tf.keras.layers


def solution_model() -> tf.keras.Model:
    tf.keras.utils.set_random_seed(7)
    always = tf.keras.initializers.Constant(5.0)
    return tf.keras.Sequential(
        [
            layers.Input((30, 30, 1)),
            layers.GlobalAveragePooling2D(),
            layers.Dense(6, kernel_initializer="zeros", bias_initializer=always, activation="sigmoid"),
        ]
    )


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
