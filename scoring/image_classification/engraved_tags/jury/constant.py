"""Always the digit 3."""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent


def solution_model() -> tf.keras.Model:
    last = tf.keras.layers.Dense(10, activation="softmax", kernel_initializer="zeros")
    model = tf.keras.Sequential([tf.keras.Input(shape=(28, 28, 1)), tf.keras.layers.Flatten(), last])
    last.set_weights([np.zeros((784, 10)), 5.0 * np.eye(10)[3]])
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
