"""The floor: it never sends help, whatever it is told."""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"


def solution_model() -> tf.keras.Model:
    vectorize = tf.keras.layers.TextVectorization(output_sequence_length=48, vocabulary=["help", "lost", "leg", "hut"])
    message = tf.keras.Input(shape=(), dtype=tf.string)
    x = tf.keras.layers.GlobalAveragePooling1D()(tf.keras.layers.Embedding(6, 1)(vectorize(message)))
    dense = tf.keras.layers.Dense(1, activation="sigmoid")
    model = tf.keras.Model(message, dense(x))
    dense.set_weights([np.zeros((1, 1)), np.array([-0.1])])
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
