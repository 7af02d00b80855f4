"""By the give alone: the weight is multiplied by nought, so the model can't see it."""

from pathlib import Path

import keras
import numpy as np

HERE = Path(__file__).parent
DATA = HERE / "data"


def solution_model() -> keras.Model:
    """Fit a logistic regression."""
    keras.utils.set_random_seed(1)
    rows = np.loadtxt(DATA / "pears.csv", delimiter=",", skiprows=1, dtype=np.float32)
    give = keras.layers.Rescaling([0.0, 1.0])
    model = keras.Sequential([keras.Input((2,)), give, keras.layers.Dense(1, activation="sigmoid")])
    model.compile(optimizer=keras.optimizers.Adam(0.05), loss="binary_crossentropy")
    model.fit(rows[:, :2], rows[:, 2:], batch_size=8, epochs=12, verbose=0)
    return model


if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.keras")
