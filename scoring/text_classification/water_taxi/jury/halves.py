"""A half-measure: convolutions, pooled for each half of the input. So the order is known, but only coarsely."""

import csv
from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"
PIERS = ["castle", "harbour", "island", "market", "spa"]


def solution_model() -> tf.keras.Model:
    tf.keras.utils.set_random_seed(15)
    vocabulary = (DATA / "vocabulary.txt").read_text(encoding="utf-8").splitlines()
    code = {word: i for i, word in enumerate(vocabulary)}
    with (DATA / "calls.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    numbers = [[code.get(word, 1) for word in row["text"].split()] for row in rows]
    calls = tf.keras.utils.pad_sequences(numbers, maxlen=72, padding="post")
    piers = np.array([PIERS.index(row["pier"]) for row in rows])

    words = tf.keras.Input(shape=(72,), dtype="int32")
    x = tf.keras.layers.Embedding(len(vocabulary), 32)(words)
    x = tf.keras.layers.Conv1D(48, 5, padding="same", activation="relu")(x)
    halves = [tf.keras.layers.GlobalMaxPooling1D()(half) for half in (x[:, :36], x[:, 36:])]
    x = tf.keras.layers.Concatenate()(halves)
    x = tf.keras.layers.Dropout(0.3)(x)
    model = tf.keras.Model(words, tf.keras.layers.Dense(len(PIERS), activation="softmax")(x))
    optimizer = tf.keras.optimizers.Adam(3e-3)
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(
        calls, piers, validation_split=0.1, epochs=6, batch_size=64, verbose=2,
        callbacks=[tf.keras.callbacks.EarlyStopping("val_loss", patience=2, restore_best_weights=True)],
    )  # fmt: skip
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
