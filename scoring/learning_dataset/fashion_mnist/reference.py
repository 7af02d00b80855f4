"""Fashion-MNIST: convolutions, dropout and a falling learning rate."""

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
    epochs, batch = 7, 128
    layers = tf.keras.layers
    model = tf.keras.Sequential(
        [
            tf.keras.Input(shape=(28, 28)),
            layers.Rescaling(1 / 255),  # the grader sends 0..255
            layers.Reshape((28, 28, 1)),
            # The same edge counts wherever it is: convolutions share their weights over the picture, and pooling
            # forgives a shift. A dense layer has to learn each place anew, and stops three points lower.
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(48, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dropout(0.4),
            layers.Dense(96, activation="relu"),
            layers.Dropout(0.3),
            layers.Dense(10, activation="softmax"),
        ]
    )
    # Large steps first, small ones at the end: the last point of accuracy.
    rate = tf.keras.optimizers.schedules.CosineDecay(3e-3, epochs * (len(labels) // batch + 1))
    model.compile(tf.keras.optimizers.Adam(rate), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(pictures, labels, epochs=epochs, batch_size=batch, verbose=2)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
