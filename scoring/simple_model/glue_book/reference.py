"""The glue book: the reference solution.

One thing earns the marks: the model turns the count of minutes into places on two circles, that of the day and that of
the year.
"""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"

DAY = 24 * 60  # minutes
YEAR = 365 * DAY
EPOCHS = 60
BATCH = 32


def load_readings() -> tuple[np.ndarray, np.ndarray]:
    """The readings: minutes (n, 1) and temperatures (n,)."""
    table = np.loadtxt(DATA / "logger.csv", delimiter=",", skiprows=1, dtype="float32")
    return table[:, :1], table[:, 1]


def solution_model() -> tf.keras.Model:
    """Put day and year on circles inside the model, then train two hidden layers."""
    tf.keras.utils.set_random_seed(7)
    minutes, air = load_readings()
    ops = tf.keras.ops

    # The count says how long ago the logger was switched on. What the temperature follows is where in the day and in
    # the year a moment lies. On a circle, the last minute of a day is next to the first one of the next day. With a
    # sine and a cosine for each circle, no place has the same pair as another one. Where midnight is does not matter.
    inputs = tf.keras.Input((1,))
    circles = []
    for period in (DAY, YEAR):
        angle = inputs * (2 * np.pi / period)
        circles += [ops.sin(angle), ops.cos(angle)]
    x = tf.keras.layers.Concatenate()(circles)

    # All four are between -1 and 1 already. The hidden layers are needed because a day in summer is not like one in
    # winter, and because it gets cold more slowly than it got warm. A sum of four waves can't do that.
    for _ in range(2):
        x = tf.keras.layers.Dense(32, activation="relu")(x)
    middle = tf.keras.initializers.Constant(float(air.mean()))
    model = tf.keras.Model(inputs, tf.keras.layers.Dense(1, bias_initializer=middle)(x))

    rate = tf.keras.optimizers.schedules.CosineDecay(3e-3, decay_steps=EPOCHS * -(-len(minutes) // BATCH))
    model.compile(optimizer=tf.keras.optimizers.Adam(rate), loss="mae")
    model.fit(minutes, air, batch_size=BATCH, epochs=EPOCHS, verbose=2)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
