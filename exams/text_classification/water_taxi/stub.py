"""The water taxi: to which pier does the caller want to go in the end?

Read brief.md, write solution_model(), then run this file. It saves your model as mymodel.keras.

Input:  (72,) int32 a sample: the numbers of the words, then zeros.
Output: (5,) probabilities: castle, harbour, island, market, spa.
Planned time: 55 minutes, training included.
"""

from pathlib import Path

import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"  # calls.csv: call, text, pier; vocabulary.txt: a word a line


def solution_model() -> tf.keras.Model:
    # Turn the words into numbers as the brief says, build a model, train it and return it.
    raise SystemExit("Write solution_model() first: nothing was saved.")


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
