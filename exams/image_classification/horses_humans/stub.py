"""Horses or humans: what does a picture show? Planned time: 40 minutes.

Write solution_model() and run this file. It saves mymodel.keras beside itself.
Input: float32 (batch, 100, 100, 3), values 0..255. Output: (batch, 1), 0 for a horse, 1 for a human.
"""

from pathlib import Path

import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"  # data/pictures/horses/<picture>, data/pictures/humans/<picture>


def solution_model() -> tf.keras.Model:
    """Read the pictures, build a model, train it and return it."""
    # Write your code here.
    raise SystemExit("Write solution_model() first: nothing was saved.")


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
