"""The repair cafe's drawer.

Tell four kinds of spare part apart on snapshots. Save the trained model as mymodel.keras in this folder.
Input (64, 64, 3), values 0..255; output: 4 probabilities (bolt, gear, nut, spring). See brief.md.

Planned time: 40 minutes, training included.
"""

from pathlib import Path

import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"  # data/parts/<class>/<picture>


def solution_model() -> tf.keras.Model:
    # Write your solution here: read the pictures, build a model, train it and return it.
    raise SystemExit("Write solution_model() first: nothing was saved.")


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
