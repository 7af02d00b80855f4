"""Seven meters on one pipe: convolutions on scaled inputs, and the scale undone inside the model."""

from pathlib import Path

import numpy as np
import pandas as pd
import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"
HOURS, METERS = 24, 7


def solution_model() -> tf.keras.Model:
    tf.keras.utils.set_random_seed(7)
    table = pd.read_csv(DATA / "heat.csv").drop(columns="time").to_numpy(dtype="float32")
    starts = np.arange(len(table) - 2 * HOURS + 1)
    features = np.stack([table[s : s + HOURS] for s in starts])
    targets = np.stack([table[s + HOURS : s + 2 * HOURS] for s in starts])

    # A scale for each column, at both ends of the model. At the start, so that the kiosk's 9 kW are heard beside the
    # hospital's 2,400. At the end, so that the last Dense layer has to give small numbers, alike for all seven.
    normalize = tf.keras.layers.Normalization()
    normalize.adapt(table)
    undo = tf.keras.layers.Normalization(invert=True)
    undo.adapt(table)

    window = tf.keras.Input(shape=(HOURS, METERS))
    x = normalize(window)
    # The convolution sees five hours of all meters: is it the bakery's night or the school's morning, does it get
    # colder? The hidden layer multiplies hour by weather, which one linear layer can't.
    x = tf.keras.layers.Conv1D(32, 5, activation="relu")(x)
    x = tf.keras.layers.Flatten()(x)
    x = tf.keras.layers.Dense(128, activation="relu")(x)
    # All 24 hours of all seven at once, then in the shape that is asked for.
    x = tf.keras.layers.Dense(HOURS * METERS)(x)
    x = tf.keras.layers.Reshape((HOURS, METERS))(x)
    model = tf.keras.Model(window, undo(x))

    # Train on what is marked: per cent, so that a kilowatt of the kiosk weighs more than one of the hospital.
    epochs, batch = 10, 128
    rate = tf.keras.optimizers.schedules.CosineDecay(3e-3, epochs * (len(features) // batch + 1))
    model.compile(tf.keras.optimizers.Adam(rate), loss="mape")
    model.fit(features, targets, epochs=epochs, batch_size=batch, verbose=2)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
