"""Two of a kind: are the definitions on two cards for words of the same kind?

Read brief.md, write solution_model(), then run this file. It saves your model as mymodel.keras.
Planned time: 50 minutes, training included.

Input:  two raw strings a sample, shape (2,), dtype string.
Output: (1,) the probability, 0 to 1, that both words are of the same kind.
"""

from pathlib import Path

import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"  # pairs.csv: deck, first, second, same_kind


def solution_model() -> tf.keras.Model:
    # Read the pairs, build a model that takes two raw strings a sample, train it and return it.
    raise SystemExit("Write solution_model() first: nothing was saved.")


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
