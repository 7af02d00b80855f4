"""Not trained."""

from pathlib import Path

import tensorflow as tf

HERE = Path(__file__).resolve().parent
layers = tf.keras.layers


def solution_model() -> tf.keras.Model:
    tf.keras.utils.set_random_seed(7)
    inputs = tf.keras.Input(shape=(32, 32, 3))
    x = layers.Rescaling(1 / 255)(inputs)
    for filters in (16, 32, 48):
        x = layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
        x = layers.MaxPooling2D()(x)
    x = layers.Dense(64, activation="relu")(layers.Flatten()(x))
    return tf.keras.Model(inputs, layers.Dense(12, activation="softmax")(x))


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
