"""The town hall's inbox: name the desk that still has work to do.

Read brief.md, write solution_model(), then run this file. It saves your model as mymodel.keras.

Input:  one raw string a sample, shape (), dtype string.
Output: (5,) probabilities: lighting, parking, roads, trees, waste.

Planned time: 60 minutes, training included.
"""

from pathlib import Path

import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"  # messages.json: a list of records with "text" and "desk"


def solution_model() -> tf.keras.Model:
    # Read the messages, build a model that takes raw strings, train it and return it.
    raise SystemExit("Write solution_model() first: nothing was saved.")


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
