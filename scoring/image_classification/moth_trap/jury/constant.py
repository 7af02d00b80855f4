"""Floor: always the same answer."""

from pathlib import Path

import tensorflow as tf

HERE = Path(__file__).resolve().parent
layers = tf.keras.layers


def solution_model() -> tf.keras.Model:
    inputs = layers.Input((48, 48, 3))
    nothing = layers.Rescaling(0.0)(layers.Flatten()(inputs))
    return tf.keras.Model(inputs, layers.Dense(10, activation="softmax")(nothing))


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
