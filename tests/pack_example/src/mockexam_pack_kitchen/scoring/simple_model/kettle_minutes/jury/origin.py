"""A line through the origin: no water, no minutes. The kettle itself must warm up too."""

from pathlib import Path

import keras
import numpy as np

HERE = Path(__file__).parent
DATA = HERE / "data"


def solution_model() -> keras.Model:
    """Fit minutes = a * litres."""
    keras.utils.set_random_seed(1)
    rows = np.loadtxt(DATA / "boils.csv", delimiter=",", skiprows=1, dtype=np.float32)
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
    model.compile(optimizer=keras.optimizers.Adam(0.05), loss="mse")
    model.fit(rows[:, :1], rows[:, 1:], batch_size=8, epochs=8, verbose=0)
    return model


if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.keras")
