"""Sixty moths.

Tell ten species of moth apart on pictures. Save the trained model as mymodel.keras in this folder.
Input (48, 48, 3), values 0..255; output: 10 probabilities, species in alphabetical order. See brief.md.
Planned time: 40 minutes, training included.
"""

from pathlib import Path

import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"  # data/moths/<species>/<picture> and data/backbone.keras


def solution_model() -> tf.keras.Model:
    # Write your solution here: read the pictures, build a model, train it and return it.
    raise SystemExit("Write solution_model() first: nothing was saved.")


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
