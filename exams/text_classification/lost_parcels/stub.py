"""Worn parcel labels: which country does the parcel go to?

Read brief.md, write solution_model(), then run this file. It saves your model as mymodel.keras.
Planned time: 50 minutes.

Input:  one raw string a sample, shape (), dtype string.
Output: (6,) probabilities: france, germany, italy, poland, romania, turkey.
"""

from pathlib import Path

import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"  # labels.csv: number, text, country


def solution_model() -> tf.keras.Model:
    # Read the labels, build a model that takes raw strings, train it and return it.
    raise SystemExit("Write solution_model() first: nothing was saved.")


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
