"""Partial: the needle's direction as two numbers, but without batch normalization and mirrored pictures."""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"
layers = tf.keras.layers

EPOCHS = 15


def load() -> tuple[np.ndarray, np.ndarray]:
    """The pictures (2000, 32, 32, 1), values 0..255, and their temperatures (2000, 1) in °C."""
    with np.load(DATA / "gauge.npz") as file:
        return file["pictures"][..., None].astype("float32"), file["celsius"][:, None]


def solution_model() -> tf.keras.Model:
    tf.keras.utils.set_random_seed(7)
    pictures, celsius = load()
    inputs = tf.keras.Input((32, 32, 1))
    x = layers.Rescaling(1 / 255)(inputs)
    for filters in (16, 32, 64):
        x = layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
        x = layers.MaxPooling2D()(x)
    x = layers.Dense(64, activation="relu")(layers.Flatten()(x))
    direction = layers.Dense(2)(x)
    turn = tf.keras.ops.arctan2(direction[:, :1], direction[:, 1:])  # 0 is straight up
    model = tf.keras.Model(inputs, 60 + turn * (120 / (1.5 * np.pi)))
    rate = tf.keras.optimizers.schedules.CosineDecay(2e-3, decay_steps=EPOCHS * -(-len(pictures) // 32))
    model.compile(tf.keras.optimizers.Adam(rate), loss="mae")
    model.fit(pictures, celsius, epochs=EPOCHS, batch_size=32, verbose=2)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
