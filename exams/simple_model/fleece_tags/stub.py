"""Tags on the fleeces: predict the best use of a fleece from six measures.

Planned time: 20 minutes, training included.

Write solution_model() and run this file. It saves mymodel.keras beside itself.
Input: float32 (batch, 6) = fibre, length, crimps, grease, strength and yellowness, all raw.
Output: (batch, 3) = probabilities of carpet (0), felt (1) and knitting (2).
Operations between layers, such as x[:, 1:] or x - y, are allowed.
"""

from pathlib import Path

import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"


def solution_model() -> tf.keras.Model:
    """Read data/fleeces.csv, build a model, train it and return it."""
    # Write your code here.
    raise SystemExit("Write solution_model() first: nothing was saved.")


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
