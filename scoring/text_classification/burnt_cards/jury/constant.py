"""The floor: it answers "not die", whatever it is given."""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"


def solution_model() -> tf.keras.Model:
    card = tf.keras.Input(shape=(), dtype=tf.string)
    x = tf.keras.layers.TextVectorization(output_mode="multi_hot", vocabulary=["die"])(card)
    dense = tf.keras.layers.Dense(1, activation="sigmoid")
    model = tf.keras.Model(card, dense(x))
    dense.set_weights([np.zeros((2, 1)), np.array([-3.0])])
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
