"""Engraved tags: which digit is engraved in this piece of metal?

Write solution_model() and run this file. It saves mymodel.keras beside itself.
Input: float32 (batch, 28, 28, 1) = grey values 0..255.
Output: (batch, 10) = probabilities of the digits 0 to 9.

Planned time: 40 minutes, training included.
"""

from pathlib import Path

import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"  # tags/tag_000.png ..., tags.csv: file, digit; reader.keras: a network that reads ink on paper


def solution_model() -> tf.keras.Model:
    # Read the pictures, build a model, train it and return it.
    raise SystemExit("Write solution_model() first: nothing was saved.")


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
