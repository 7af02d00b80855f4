"""The sisters' notebooks: an LSTM that learns at every sign of a window, saved as mymodel.keras."""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"
WINDOW = 40
LETTERS = 27  # signs below 27 are letters, 27 to 31 are empty
SIGNS = 32


def next_letters(pages: np.ndarray) -> np.ndarray:
    """For every place of a page the letter that comes next, whatever empty signs stand before it; -1 if none comes."""
    following = np.full(pages.shape, -1)
    for column in range(pages.shape[1] - 2, -1, -1):
        sign = pages[:, column + 1]
        following[:, column] = np.where(sign < LETTERS, sign, following[:, column + 1])
    return following


def windows(pages: np.ndarray, targets: np.ndarray, first: int) -> tuple[np.ndarray, np.ndarray]:
    """Windows side by side from this place on. The end of a page is left out: there may be no letter after it."""
    count = (pages.shape[1] - WINDOW - first) // WINDOW
    used = slice(first, first + count * WINDOW)
    return pages[:, used].reshape(-1, WINDOW), targets[:, used].reshape(-1, WINDOW)


def solution_model() -> tf.keras.Model:
    tf.keras.utils.set_random_seed(7)
    pages = np.loadtxt(DATA / "pages.csv", delimiter=",", dtype="int32")
    targets = next_letters(pages)
    valid = windows(pages[:15], targets[:15], 0)

    # Half of the signs are empty. An LSTM can learn to leave its memory as it is when it reads one, so it knows how
    # the word began, however many empty signs came between. A net over the last few signs often sees two letters.
    signs = tf.keras.Input(shape=(WINDOW,), dtype="int32")
    x = tf.keras.layers.Embedding(SIGNS, 24)(signs)
    # unroll=True makes 40 steps one after another out of the loop: more than twice as fast on a CPU.
    x = tf.keras.layers.LSTM(96, return_sequences=True, unroll=True)(x)
    every_place = tf.keras.layers.Dense(LETTERS, activation="softmax")(x)

    # The network is asked at each of the 40 places, not only at the last one: one pass teaches 40 times as much. The
    # answer is always the next LETTER. If it were the next sign, the model would learn to predict empty signs.
    trainer = tf.keras.Model(signs, every_place)
    trainer.compile(tf.keras.optimizers.Adam(4e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])

    # Windows begin at another place in every round. Smaller steps in the last round gain a good deal.
    rounds = 4
    for i in range(rounds):
        trainer.optimizer.learning_rate = 4e-3 if i < 3 else 1e-3
        inputs, answers = windows(pages[15:], targets[15:], i * WINDOW // rounds)
        trainer.fit(inputs, answers, batch_size=16, validation_data=valid, verbose=2)

    # The model that is handed in answers for the last place only: (40,) in, (27,) out, as the brief asks.
    return tf.keras.Model(signs, every_place[:, -1])


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
