"""The water railway: the reference solution.

One straight line is all that is asked. What earns the marks is to train it until it has
arrived: a learning rate that suits the problem, on an input that has been scaled.
"""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"


def load_rides() -> tuple[np.ndarray, np.ndarray]:
    """Read the trial rides: passengers (n, 1) and litres (n, 1)."""
    table = np.loadtxt(DATA / "rides.csv", delimiter=",", skiprows=1, dtype="float32")
    return table[:, :1], table[:, 1:]


def solution_model() -> tf.keras.Model:
    """Fit a straight line to thirty rides."""
    tf.keras.utils.set_random_seed(7)
    passengers, litres = load_rides()

    # The line has two numbers: its slope and its height. With passengers from 2 to 40 as they are, the two
    # pull at each other: the slope jumps ahead and the height takes thousands of steps. Around their mean,
    # and in units of their spread, both learn equally fast. The layer is saved with the model.
    scale = tf.keras.layers.Normalization()
    scale.adapt(passengers)

    # Thirty noisy rides carry a line and no more. Hidden layers would have to learn that it goes on
    # straight beyond 40 passengers; a single Dense unit cannot do otherwise.
    model = tf.keras.Sequential([tf.keras.Input(shape=(1,)), scale, tf.keras.layers.Dense(1)])

    # The answer is in thousands of litres, and the weights begin near zero: they have far to go. Adam moves
    # a weight by about its learning rate a step, so with 0.001 it would walk for a million steps. Plain
    # gradient descent takes steps in proportion to the error. With a rate of 0.2 on a scaled input each step
    # over all rides takes away 40 % of what is left, so after 40 steps nothing is left but the noise.
    model.compile(optimizer=tf.keras.optimizers.SGD(0.2), loss="mse", metrics=["mae"])
    model.fit(passengers, litres, batch_size=len(passengers), epochs=40, verbose=2)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
