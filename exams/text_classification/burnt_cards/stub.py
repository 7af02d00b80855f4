"""Burnt index cards: does this German noun take the article "die"?

Read brief.md, write solution_model(), then run this file. It saves your model as mymodel.keras.
Planned time: 50 minutes.

Input:  one raw string a sample, shape (), dtype string.
Output: (1,) the probability, 0 to 1, that the noun takes "die".
"""

from pathlib import Path

import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"  # cards.csv: number, text, die


def solution_model() -> tf.keras.Model:
    # Read the cards, build a model that takes raw strings, train it and return it.
    raise SystemExit("Write solution_model() first: nothing was saved.")


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
