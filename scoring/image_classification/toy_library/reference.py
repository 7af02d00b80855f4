"""The toy library: photos by day, each shown in light of many colours; saved as mymodel.keras."""

import csv
from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"
layers = tf.keras.layers

EPOCHS, BATCH = 40, 32


def load_cards() -> tuple[np.ndarray, np.ndarray]:
    """Photos (n, 32, 32, 3) from 0 to 255, and the numbers of their motifs in alphabetical order."""
    with (DATA / "cards.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    photos = [tf.io.decode_png((DATA / "cards" / row["file"]).read_bytes(), channels=3).numpy() for row in rows]
    motifs = sorted({row["motif"] for row in rows})
    return np.array(photos, np.float32), np.array([motifs.index(row["motif"]) for row in rows])


def light_a_lamp(photos: tf.Tensor, motifs: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """The same photos by lamplight: red, green and blue weaker or stronger, each on its own."""
    lamps = tf.random.uniform((tf.shape(photos)[0], 1, 1, 3), 0.35, 1.3)
    return tf.minimum(photos * lamps, 255.0), motifs


def solution_model() -> tf.keras.Model:
    tf.keras.utils.set_random_seed(7)
    photos, motifs = load_cards()

    # Each photo gets a lamp of its own, and another one in each epoch. What stays the same in any light is how the
    # motif differs from the white card beside it: that is what the network has to learn.
    cards = tf.data.Dataset.from_tensor_slices((photos, motifs)).shuffle(len(motifs)).batch(BATCH).map(light_a_lamp)

    inputs = tf.keras.Input(shape=(32, 32, 3))
    x = layers.Rescaling(1 / 255)(inputs)
    for filters in (16, 32, 48):
        x = layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
        x = layers.MaxPooling2D()(x)
    x = layers.Dropout(0.3)(layers.Flatten()(x))
    x = layers.Dense(64, activation="relu")(x)
    model = tf.keras.Model(inputs, layers.Dense(12, activation="softmax")(x))

    rate = tf.keras.optimizers.schedules.CosineDecay(2e-3, EPOCHS * len(motifs) // BATCH)
    model.compile(tf.keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(cards, epochs=EPOCHS, verbose=2)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
