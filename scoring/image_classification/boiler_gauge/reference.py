"""The boiler gauge: reference solution.

Saves mymodel.keras: pictures (32, 32, 1), values 0..255, in; the pressure in kPa out.
"""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"
layers = tf.keras.layers

EPOCHS = 15


def load() -> tuple[np.ndarray, np.ndarray]:
    """The pictures (1600, 32, 32, 1), values 0..255, and their pressures (1600, 1) in kPa."""
    with np.load(DATA / "gauge.npz") as file:
        return file["pictures"][..., None].astype("float32"), file["kpa"][:, None]


def solution_model() -> tf.keras.Model:
    tf.keras.utils.set_random_seed(7)
    pictures, kpa = load()
    model = tf.keras.Sequential(
        [
            layers.Input((32, 32, 1)),
            # The grader sends 0..255, so the scaling must be inside the saved model.
            layers.Rescaling(1 / 255),
            # Convolutions find rim and needle anywhere, and need few pictures for it.
            layers.Conv2D(16, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(32, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(64, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(),
            # Where a stroke was seen tells where the needle points, so Flatten keeps the 4 x 4 places apart.
            # Global pooling would add them up.
            layers.Flatten(),
            layers.Dense(64, activation="relu"),
            # One number, without an activation: a reading, not a probability.
            layers.Dense(1),
            # A fresh network answers about 0. From here on that means 300 kPa, the middle of the scale, and a
            # step of 1 means half of it. So the network works with small numbers, and the model answers in kPa.
            layers.Rescaling(300, offset=300),
        ]
    )
    # The learning rate falls to nothing towards the end: big steps first, then the fine adjustment.
    rate = tf.keras.optimizers.schedules.CosineDecay(2e-3, decay_steps=EPOCHS * -(-len(pictures) // 32))
    # The loss is the metric itself.
    model.compile(tf.keras.optimizers.Adam(rate), loss="mae")
    model.fit(pictures, kpa, epochs=EPOCHS, batch_size=32, verbose=2)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
