"""Monthly sunspots: forecast 36 months from 132 months. Planned time: 40 minutes.

Write solution_model() and run this file. It saves mymodel.keras beside itself.
Input: float32 (batch, 132, 1), oldest month first, not scaled. Output: (batch, 36), nearest month first.
"""

from pathlib import Path

import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"


def solution_model() -> tf.keras.Model:
    """Read data/sunspots.csv, cut windows, build a model, train it and return it."""
    # Write your code here.
    raise SystemExit("Write solution_model() first: nothing was saved.")


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
