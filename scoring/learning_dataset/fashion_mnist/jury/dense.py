"""Fashion-MNIST: one hidden layer."""

import gzip
from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"


def load_data() -> tuple[np.ndarray, np.ndarray]:
    """Pictures (n, 28, 28) and labels (n,)."""
    pictures = gzip.decompress((DATA / "train-images-idx3-ubyte.gz").read_bytes())
    labels = gzip.decompress((DATA / "train-labels-idx1-ubyte.gz").read_bytes())
    return np.frombuffer(pictures, np.uint8, offset=16).reshape(-1, 28, 28), np.frombuffer(labels, np.uint8, offset=8)


def solution_model() -> tf.keras.Model:
    tf.keras.utils.set_random_seed(7)
    pictures, labels = load_data()
    model = tf.keras.Sequential(
        [
            tf.keras.Input(shape=(28, 28)),
            tf.keras.layers.Rescaling(1 / 255),
            tf.keras.layers.Flatten(),
            tf.keras.layers.Dense(128, activation="relu"),
            tf.keras.layers.Dense(10, activation="softmax"),
        ]
    )
    rate = tf.keras.optimizers.schedules.CosineDecay(2e-3, 4 * (len(labels) // 128 + 1))
    model.compile(tf.keras.optimizers.Adam(rate), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(pictures, labels, epochs=4, batch_size=128, verbose=2)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
