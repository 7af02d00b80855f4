"""The eye keyboard: guess the next letter that he wants.

Read brief.md, write solution_model(), then run this file. It saves your model as mymodel.keras.

Input:  (48,) int32 a sample, the numbers of the last 48 letters in ALPHABET.
Output: (33,) probabilities, one a letter of ALPHABET.

Planned time: 60 minutes, training included.
"""

from pathlib import Path

import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"  # messages.txt: 300,000 letters, one message a line
ALPHABET = "\n ',-.?abcdefghijklmnopqrstuvwxyz"


def solution_model() -> tf.keras.Model:
    # Turn the letters into numbers, cut windows, build a model, train it and return it.
    raise SystemExit("Write solution_model() first: nothing was saved.")


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
