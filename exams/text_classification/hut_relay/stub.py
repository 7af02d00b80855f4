"""The hut relay: does somebody on the mountain need help now?

Read brief.md, write solution_model(), then run this file. It saves your model as mymodel.keras.

Input:  one raw string a sample, shape (), dtype string.
Output: (1,) the probability, 0 to 1, that somebody needs help.

Planned time: 55 minutes, training included.
"""

from pathlib import Path

import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"  # relay.csv: number, text, help


def solution_model() -> tf.keras.Model:
    # Read the messages, build a model that takes raw strings, train it and return it.
    raise SystemExit("Write solution_model() first: nothing was saved.")


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
