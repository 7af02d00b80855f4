"""IMDB film reviews: a large embedding, thirty epochs and nothing that stops it."""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"


def load_data() -> tuple[np.ndarray, np.ndarray]:
    """Reviews (n, 200) and labels (n,)."""
    with np.load(DATA / "reviews.npz") as data:
        return data["x"].astype("int32"), data["y"].astype("int32")


def solution_model() -> tf.keras.Model:
    tf.keras.utils.set_random_seed(7)
    reviews, labels = load_data()
    model = tf.keras.Sequential(
        [
            tf.keras.Input(shape=(200,), dtype="int32"),
            tf.keras.layers.Embedding(10_000, 64),
            tf.keras.layers.GlobalAveragePooling1D(),
            tf.keras.layers.Dense(64, activation="relu"),
            tf.keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(tf.keras.optimizers.Adam(2e-3), loss="binary_crossentropy", metrics=["accuracy"])
    model.fit(reviews, labels, epochs=15, batch_size=128, verbose=2)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
