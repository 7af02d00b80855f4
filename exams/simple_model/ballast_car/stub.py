"""The water railway: predict the litres of water that balance a ride.

Write solution_model() and run this file. It saves mymodel.keras beside itself.
Input: float32 (batch, 1) = number of passengers.
Output: (batch, 1) = water in litres.

Planned time: 15 minutes, training included.
"""

from pathlib import Path

import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"


def solution_model() -> tf.keras.Model:
    """Read data/rides.csv, build a model, train it and return it."""
    # Write your code here.
    raise SystemExit("Write solution_model() first: nothing was saved.")


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
