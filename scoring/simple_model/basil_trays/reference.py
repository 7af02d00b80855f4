"""Basil under lamps: the reference solution.

Three things earn the marks: the inputs are scaled inside the model, hidden layers let
the curve bend, and the training lasts until the error has stopped falling.
"""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"

EPOCHS = 60
BATCH = 64


def load_trays() -> tuple[np.ndarray, np.ndarray]:
    """Read the log: inputs (n, 3) and gains (n, 1)."""
    table = np.loadtxt(DATA / "trays.csv", delimiter=",", skiprows=1, dtype="float32")
    return table[:, :3], table[:, 3:]


def solution_model() -> tf.keras.Model:
    """Train a small network on the logged trays."""
    tf.keras.utils.set_random_seed(7)
    inputs, gain = load_trays()

    # CO2 counts in the hundreds and temperature in tens. Left like this, CO2 drowns the rest and training
    # crawls. Normalization learns mean and spread here and is saved with the model, so the marker's raw
    # units are scaled in just the same way.
    scale = tf.keras.layers.Normalization()
    scale.adapt(inputs)

    # Growth has a best temperature and levels off in bright light. A single Dense layer is a flat plane and
    # can follow neither. Two hidden layers of 64 are ample for a curve of three inputs: some 4,500 weights.
    model = tf.keras.Sequential(
        [
            tf.keras.Input(shape=(3,)),
            scale,
            tf.keras.layers.Dense(64, activation="relu"),
            tf.keras.layers.Dense(64, activation="relu"),
            tf.keras.layers.Dense(1),  # grams: any number, so no activation
        ]
    )

    # Large steps first, small ones at the end: the rate falls to zero along a cosine, and the last tenths
    # of a gram come off. Shuffled batches and the squared error do the rest.
    steps = EPOCHS * -(-len(inputs) // BATCH)
    rate = tf.keras.optimizers.schedules.CosineDecay(5e-3, decay_steps=steps)
    model.compile(optimizer=tf.keras.optimizers.Adam(rate), loss="mse", metrics=["mae"])
    model.fit(inputs, gain, batch_size=BATCH, epochs=EPOCHS, verbose=2)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
