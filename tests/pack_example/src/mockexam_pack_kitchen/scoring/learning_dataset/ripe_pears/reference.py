"""A straight line parts ripe from unripe: one Dense layer with a sigmoid."""

from pathlib import Path

import keras
import numpy as np

HERE = Path(__file__).parent
DATA = HERE / "data"


def solution_model() -> keras.Model:
    """Fit a logistic regression."""
    keras.utils.set_random_seed(1)
    rows = np.loadtxt(DATA / "pears.csv", delimiter=",", skiprows=1, dtype=np.float32)
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, activation="sigmoid")])
    model.compile(optimizer=keras.optimizers.Adam(0.05), loss="binary_crossentropy")
    model.fit(rows[:, :2], rows[:, 2:], batch_size=8, epochs=8, verbose=0)
    return model


if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.keras")
