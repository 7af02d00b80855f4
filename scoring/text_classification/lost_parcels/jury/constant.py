"""The floor: it answers France, whatever it is given."""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"


def solution_model() -> tf.keras.Model:
    label = tf.keras.Input(shape=(), dtype=tf.string)
    x = tf.keras.layers.TextVectorization(output_mode="multi_hot", vocabulary=["france"])(label)
    dense = tf.keras.layers.Dense(6, activation="softmax")
    model = tf.keras.Model(label, dense(x))
    dense.set_weights([np.zeros((2, 6)), np.eye(6)[0] * 5.0])
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
