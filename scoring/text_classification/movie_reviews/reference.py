"""IMDB film reviews: the mean of small embeddings, stopped in time."""

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
            # Few numbers a word: 160,000 weights, not millions, for 20,000 reviews.
            tf.keras.layers.Embedding(10_000, 16),
            # Praise and blame count wherever they stand, so the mean of all words says most of it.
            tf.keras.layers.GlobalAveragePooling1D(),
            tf.keras.layers.Dropout(0.4),
            tf.keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(tf.keras.optimizers.Adam(2e-3), loss="binary_crossentropy", metrics=["accuracy"])
    # The training accuracy rises to 1, that of unseen reviews falls again after some epochs: stop there, and go back.
    stop = tf.keras.callbacks.EarlyStopping(patience=2, restore_best_weights=True)
    model.fit(reviews, labels, epochs=25, batch_size=128, validation_split=0.1, callbacks=[stop], verbose=2)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
