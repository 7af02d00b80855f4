"""The floor that trains: averages the window, so it knows which letters there were, not their order."""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"
ALPHABET = "\n ',-.?abcdefghijklmnopqrstuvwxyz"


def solution_model() -> tf.keras.Model:
    tf.keras.utils.set_random_seed(13)
    text = (DATA / "messages.txt").read_bytes().decode("ascii")
    numbers = np.array([ALPHABET.index(letter) for letter in text], dtype="int32")
    letters = tf.keras.Input(shape=(48,), dtype="int32")
    x = tf.keras.layers.Embedding(len(ALPHABET), 32)(letters)
    x = tf.keras.layers.GlobalAveragePooling1D()(x)
    x = tf.keras.layers.Dense(64, activation="relu")(x)
    model = tf.keras.Model(letters, tf.keras.layers.Dense(len(ALPHABET), activation="softmax")(x))
    starts = np.arange(0, len(numbers) - 48, 7)
    rows = numbers[starts[:, None] + np.arange(48)]
    model.compile(tf.keras.optimizers.Adam(1e-2), "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(rows, numbers[starts + 48], epochs=3, batch_size=256, verbose=2)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
