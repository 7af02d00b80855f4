"""Floor: always the first mason, whatever the picture shows."""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
layers = tf.keras.layers


def solution_model() -> tf.keras.Model:
    model = tf.keras.Sequential(
        [layers.Input((32, 32, 3)), layers.GlobalAveragePooling2D(), layers.Dense(5, activation="softmax")]
    )
    model.layers[-1].set_weights([np.zeros((3, 5)), np.array([4.0, 0, 0, 0, 0])])
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
