"""Celadon: the reference solution.

Three things earn the marks: the inputs are scaled inside the model, hidden layers let the
border between sound and spoilt bend, and a sigmoid with its own loss is trained to the end.
"""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"

EPOCHS = 40
BATCH = 64


def load_firings() -> tuple[np.ndarray, np.ndarray]:
    """Read the firings: inputs (n, 3) and 0/1 labels (n, 1)."""
    table = np.loadtxt(DATA / "firings.csv", delimiter=",", skiprows=1, dtype="float32")
    return table[:, :3], table[:, 3:]


def solution_model() -> tf.keras.Model:
    """Train a small network that tells sound bowls from spoilt ones."""
    tf.keras.utils.set_random_seed(7)
    inputs, sound = load_firings()

    # Peaks lie around 1,250 and differ by some tens; thicknesses lie around 1. Unscaled, the network sees
    # one huge number that is nearly the same in every row. Normalization takes the mean away and divides by
    # the spread. It is saved with the model, because the marker feeds raw units.
    scale = tf.keras.layers.Normalization()
    scale.adapt(inputs)

    # The sound bowls fill a bent region in the middle. Without hidden layers the border would be a flat
    # plane, and a plane cannot go round a region. Two layers of 64 can.
    model = tf.keras.Sequential(
        [
            tf.keras.Input(shape=(3,)),
            scale,
            tf.keras.layers.Dense(64, activation="relu"),
            tf.keras.layers.Dense(64, activation="relu"),
            # One number in 0 to 1, as the brief asks: the probability of "sound".
            tf.keras.layers.Dense(1, activation="sigmoid"),
        ]
    )

    # Binary cross-entropy is the loss that belongs to one probability: it is hard on answers that are sure
    # and wrong. The learning rate begins high and falls to zero, so the border settles in the end.
    steps = EPOCHS * -(-len(inputs) // BATCH)
    rate = tf.keras.optimizers.schedules.CosineDecay(1e-2, decay_steps=steps)
    model.compile(optimizer=tf.keras.optimizers.Adam(rate), loss="binary_crossentropy", metrics=["accuracy"])
    model.fit(inputs, sound, batch_size=BATCH, epochs=EPOCHS, verbose=2)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
