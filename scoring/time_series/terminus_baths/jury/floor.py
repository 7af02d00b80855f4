"""The floor: a network of the right shapes that was never trained."""

from pathlib import Path

import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"


def solution_model() -> tf.keras.Model:
    tf.keras.utils.set_random_seed(15)
    return tf.keras.Sequential([
        tf.keras.Input(shape=(48, 4)),
        tf.keras.layers.LSTM(16),
        tf.keras.layers.Dense(24),
    ])  # fmt: skip


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
