"""The floor: a model of the right shapes that was never trained."""

from pathlib import Path

import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"
ALPHABET = list("abcdefghijklmnopqrstuvwxyz")


def solution_model() -> tf.keras.Model:
    tf.keras.utils.set_random_seed(24)
    label = tf.keras.Input(shape=(), dtype=tf.string)
    x = tf.keras.layers.TextVectorization(
        standardize="lower", split="character", output_sequence_length=26, vocabulary=ALPHABET
    )(label)
    x = tf.keras.layers.Embedding(len(ALPHABET) + 2, 16)(x)
    x = tf.keras.layers.GlobalAveragePooling1D()(x)
    return tf.keras.Model(label, tf.keras.layers.Dense(6, activation="softmax")(x))


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
