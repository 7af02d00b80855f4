"""Partial: a good network, well scaled, but it must invent the turn of the needle as one number."""

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
    model = tf.keras.Sequential(
        [
            layers.Input((32, 32, 1)),
            layers.Rescaling(1 / 255),
            layers.Conv2D(16, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(32, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(64, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(64, activation="relu"),
            layers.Dense(1),
            layers.Rescaling(60, offset=60),
        ]
    )
    model.compile("adam", loss="mse")
    model.fit(pictures, celsius, epochs=EPOCHS, batch_size=32, verbose=2)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
