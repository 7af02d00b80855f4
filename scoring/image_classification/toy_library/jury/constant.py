"""Calls every card a lemon."""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent


def solution_model() -> tf.keras.Model:
    last = tf.keras.layers.Dense(12, activation="softmax", kernel_initializer="zeros")
    model = tf.keras.Sequential([tf.keras.Input(shape=(32, 32, 3)), tf.keras.layers.GlobalAveragePooling2D(), last])
    last.set_weights([np.zeros((3, 12)), 5.0 * np.eye(12)[5]])
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
