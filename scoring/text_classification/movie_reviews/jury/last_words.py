"""IMDB film reviews: only the last twenty words."""

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
    words = tf.keras.Input(shape=(200,), dtype="int32")
    x = tf.keras.layers.Embedding(10_000, 16)(words[:, -20:])
    x = tf.keras.layers.GlobalAveragePooling1D()(x)
    model = tf.keras.Model(words, tf.keras.layers.Dense(1, activation="sigmoid")(x))
    model.compile(tf.keras.optimizers.Adam(2e-3), loss="binary_crossentropy", metrics=["accuracy"])
    model.fit(reviews, labels, epochs=4, batch_size=128, verbose=2)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
