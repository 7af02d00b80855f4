"""The water taxi: a GRU that reads a call to its end and skips the padding, saved as mymodel.keras."""

import csv
from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"
PIERS = ["castle", "harbour", "island", "market", "spa"]
LENGTH = 72


def load_calls() -> tuple[np.ndarray, np.ndarray, int]:
    """Calls as numbers of words, exactly as the marker makes them; the piers; the size of the vocabulary."""
    words = (DATA / "vocabulary.txt").read_text(encoding="utf-8").splitlines()
    code = {word: i for i, word in enumerate(words)}
    with (DATA / "calls.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    numbers = [[code.get(word, 1) for word in row["text"].split()] for row in rows]
    # The brief puts the zeros BEHIND the words. This function of Keras puts them in front unless told otherwise.
    calls = tf.keras.utils.pad_sequences(numbers, maxlen=LENGTH, padding="post", truncating="post")
    return calls, np.array([PIERS.index(row["pier"]) for row in rows]), len(words)


def solution_model() -> tf.keras.Model:
    tf.keras.utils.set_random_seed(7)
    calls, piers, size = load_calls()
    order = np.random.default_rng(7).permutation(len(calls))
    valid, train = order[:800], order[800:]

    # What counts is the last wish that stands, so the model must read in order and remember what it has heard:
    # a pier, the change of mind, the next pier. An average of words, or the strongest phrase, can't know which
    # of three wishes came last. A GRU carries such a memory from word to word.
    # mask_zero makes it stop at the last word. Without the mask the memory has to outlast up to 60 zeros.
    words = tf.keras.Input(shape=(LENGTH,), dtype="int32")
    x = tf.keras.layers.Embedding(size, 32, mask_zero=True)(words)
    x = tf.keras.layers.GRU(64)(x)
    x = tf.keras.layers.Dropout(0.2)(x)
    model = tf.keras.Model(words, tf.keras.layers.Dense(len(PIERS), activation="softmax")(x))
    optimizer = tf.keras.optimizers.Adam(4e-3)
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(
        calls[train], piers[train], validation_data=(calls[valid], piers[valid]),
        epochs=8, batch_size=64, verbose=2,
        callbacks=[
            tf.keras.callbacks.ReduceLROnPlateau("val_accuracy", factor=0.3, patience=2),
            tf.keras.callbacks.EarlyStopping("val_accuracy", patience=3, restore_best_weights=True),
        ],
    )  # fmt: skip
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
