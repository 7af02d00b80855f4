"""The eye keyboard: an LSTM that learns at every letter of a window, saved as mymodel.keras."""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"
ALPHABET = "\n ',-.?abcdefghijklmnopqrstuvwxyz"
WINDOW = 48


def load_numbers() -> np.ndarray:
    """The whole file as one long row of numbers."""
    text = (DATA / "messages.txt").read_bytes().decode("ascii")
    return np.array([ALPHABET.index(letter) for letter in text], dtype="int32")


def windows(numbers: np.ndarray, first: int) -> tuple[np.ndarray, np.ndarray]:
    """Windows side by side, and the same windows one letter later: at every place the letter to guess."""
    count = (len(numbers) - first - 1) // WINDOW
    inputs = numbers[first : first + count * WINDOW].reshape(count, WINDOW)
    targets = numbers[first + 1 : first + 1 + count * WINDOW].reshape(count, WINDOW)
    return inputs, targets


def solution_model() -> tf.keras.Model:
    tf.keras.utils.set_random_seed(7)
    numbers = load_numbers()
    cut = int(len(numbers) * 0.95)
    train, valid = numbers[:cut], windows(numbers[cut:], 0)

    # The LSTM reads letter by letter and keeps what it needs: the word that has begun, and whether the sentence
    # is about her or him. A guess from the last three or four letters knows nothing of that.
    letters = tf.keras.Input(shape=(WINDOW,), dtype="int32")
    x = tf.keras.layers.Embedding(len(ALPHABET), 24)(letters)
    x = tf.keras.layers.LSTM(128, return_sequences=True)(x)
    x = tf.keras.layers.Dropout(0.1)(x)
    every_letter = tf.keras.layers.Dense(len(ALPHABET), activation="softmax")(x)

    # For training, the network guesses the next letter at each of the 48 places, not only at the last one.
    # One pass over a window then teaches 48 times as much. That is what makes a few minutes of CPU enough.
    trainer = tf.keras.Model(letters, every_letter)
    trainer.compile(tf.keras.optimizers.Adam(4e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])

    # Windows begin at another letter in every round, so that each letter is met at all places. The learning rate
    # falls towards the end: big steps to get near, small ones to settle.
    rounds = 8
    for i in range(rounds):
        trainer.optimizer.learning_rate = 4e-3 * (1.0 if i < rounds * 0.6 else 0.25)
        inputs, targets = windows(train, int(i * WINDOW / rounds))
        trainer.fit(inputs, targets, batch_size=32, validation_data=valid, verbose=2)

    # The model that is handed in answers for the last place only: (48,) in, (33,) out, as the brief asks.
    return tf.keras.Model(letters, every_letter[:, -1])


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
