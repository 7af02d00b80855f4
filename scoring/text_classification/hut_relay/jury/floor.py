"""The floor: a model of the right shapes that was never trained."""

from pathlib import Path

import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"


def solution_model() -> tf.keras.Model:
    tf.keras.utils.set_random_seed(14)
    vectorize = tf.keras.layers.TextVectorization(output_sequence_length=48, vocabulary=["help", "lost", "leg", "hut"])
    message = tf.keras.Input(shape=(), dtype=tf.string)
    x = tf.keras.layers.Embedding(6, 8)(vectorize(message))
    x = tf.keras.layers.GlobalAveragePooling1D()(x)
    return tf.keras.Model(message, tf.keras.layers.Dense(1, activation="sigmoid")(x))


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
