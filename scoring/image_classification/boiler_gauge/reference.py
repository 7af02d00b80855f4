"""The boiler gauge: reference solution.

Saves mymodel.keras: pictures (32, 32, 1), values 0..255, in; the temperature in °C out.
"""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"
layers = tf.keras.layers

EPOCHS = 10


def load() -> tuple[np.ndarray, np.ndarray]:
    """The pictures (2000, 32, 32, 1), values 0..255, and their temperatures (2000, 1) in °C."""
    with np.load(DATA / "gauge.npz") as file:
        return file["pictures"][..., None].astype("float32"), file["celsius"][:, None]


def solution_model() -> tf.keras.Model:
    tf.keras.utils.set_random_seed(7)
    pictures, celsius = load()

    # Twice as many pictures for nothing: in a mirror, the needle at 20 °C points to 100 °C. So the label must be
    # mirrored with the picture.
    pictures = np.concatenate([pictures, pictures[:, :, ::-1]])
    celsius = np.concatenate([celsius, 120 - celsius])

    inputs = tf.keras.Input((32, 32, 1))
    # The grader sends 0..255, so the scaling must be inside the saved model.
    x = layers.Rescaling(1 / 255)(inputs)
    for filters in (16, 32, 64):
        # Batch normalization lets the network learn fast with a large learning rate.
        x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
        x = layers.BatchNormalization(momentum=0.9)(x)
        x = layers.Activation("relu")(x)
        x = layers.MaxPooling2D()(x)
    x = layers.Dense(64, activation="relu")(layers.Flatten()(x))

    # The step that earns most: the needle has a direction, so let the network say how far its tip is to the right
    # and how far up. Both are easy to read off a picture. The turn follows by a formula, in radians, 0 at the top.
    direction = layers.Dense(2)(x)
    turn = tf.keras.ops.arctan2(direction[:, :1], direction[:, 1:])
    # Straight up is 60 °C, and three quarters of a circle are 120 °C.
    model = tf.keras.Model(inputs, 60 + turn * (120 / (1.5 * np.pi)))

    # The learning rate falls to nothing towards the end: big steps first, then the fine adjustment.
    rate = tf.keras.optimizers.schedules.CosineDecay(2e-3, decay_steps=EPOCHS * -(-len(pictures) // 32))
    # The loss is the metric itself.
    model.compile(tf.keras.optimizers.Adam(rate), loss="mae")
    model.fit(pictures, celsius, epochs=EPOCHS, batch_size=32, verbose=2)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
