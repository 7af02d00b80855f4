"""The glue book: tell how warm it was at a given minute.

Planned time: 20 minutes, training included.

Write solution_model() and run this file. It saves mymodel.keras beside itself.
Input: float32 (batch, 1) = minutes since the logger was switched on, raw: 0 to 1,051,199.
Output: (batch, 1) = temperature in °C.
Operations between layers, such as x / 2, x - y or keras.ops.abs(x), are allowed.
"""

from pathlib import Path

import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"


def solution_model() -> tf.keras.Model:
    """Read data/logger.csv, build a model, train it and return it."""
    # Write your code here.
    raise SystemExit("Write solution_model() first: nothing was saved.")


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
