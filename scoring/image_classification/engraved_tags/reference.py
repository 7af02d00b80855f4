"""Engraved tags: the library's network, trained further as a whole, with small steps; saved as mymodel.keras."""

import csv
from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"


def load_tags() -> tuple[np.ndarray, np.ndarray]:
    """Pictures (n, 28, 28, 1) and their digits."""
    with (DATA / "tags.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    pictures = [tf.io.decode_png((DATA / "tags" / row["file"]).read_bytes(), channels=1).numpy() for row in rows]
    return np.array(pictures, np.float32), np.array([int(row["digit"]) for row in rows])


def solution_model() -> tf.keras.Model:
    tf.keras.utils.set_random_seed(7)
    pictures, digits = load_tags()

    # The network knows what digits look like, but not what an engraved line looks like. That is a matter of its first
    # layers, so a new last layer alone helps little: all layers must learn. With small steps they keep what they know.
    reader = tf.keras.models.load_model(DATA / "reader.keras")
    reader.trainable = True

    # 120 pictures are few: each epoch shows them turned and moved a little. These layers do nothing when it predicts.
    change = tf.keras.Sequential(
        [
            tf.keras.layers.RandomRotation(0.04, fill_mode="nearest"),
            tf.keras.layers.RandomTranslation(0.08, 0.08, fill_mode="nearest"),
            tf.keras.layers.RandomZoom(0.1, fill_mode="nearest"),
        ]
    )
    inputs = tf.keras.Input(shape=(28, 28, 1))
    model = tf.keras.Model(inputs, reader(change(inputs)))

    epochs, batch = 100, 25
    rate = tf.keras.optimizers.schedules.CosineDecay(1e-3, epochs * len(digits) // batch)
    model.compile(tf.keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(pictures, digits, epochs=epochs, batch_size=batch, verbose=2)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
