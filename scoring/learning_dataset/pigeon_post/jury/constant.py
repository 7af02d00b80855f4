"""The mean of the list, for every pair."""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"

LOFTS = 200


def load_letters() -> tuple[np.ndarray, np.ndarray]:
    """Read the list: pairs of lofts (n, 2) int32 and hours (n, 1) float32."""
    table = np.loadtxt(DATA / "letters.csv", delimiter=",", skiprows=1)
    return table[:, :2].astype("int32"), table[:, 2:].astype("float32")


def solution_model() -> tf.keras.Model:
    """Return a constant."""
    _, hours = load_letters()
    mean = tf.keras.initializers.Constant(float(hours.mean()))
    return tf.keras.Sequential(
        [
            tf.keras.Input(shape=(2,), dtype="int32"),
            tf.keras.layers.Embedding(LOFTS, 1, embeddings_initializer="zeros"),
            tf.keras.layers.Flatten(),
            tf.keras.layers.Dense(1, kernel_initializer="zeros", bias_initializer=mean),
        ]
    )


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
