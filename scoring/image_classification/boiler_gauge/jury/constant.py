"""Floor: reads 60 °C, the middle of the scale, in every picture."""

from pathlib import Path

import tensorflow as tf

HERE = Path(__file__).resolve().parent
layers = tf.keras.layers


def solution_model() -> tf.keras.Model:
    tf.keras.utils.set_random_seed(7)
    return tf.keras.Sequential(
        [
            layers.Input((32, 32, 1)),
            layers.GlobalAveragePooling2D(),
            layers.Dense(1, kernel_initializer="zeros", bias_initializer=tf.keras.initializers.Constant(60)),
        ]
    )


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
