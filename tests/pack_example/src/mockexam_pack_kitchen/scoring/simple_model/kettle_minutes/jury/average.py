"""Always the average: it never looks at the litres."""

from pathlib import Path

import keras
import numpy as np

HERE = Path(__file__).parent
DATA = HERE / "data"


def solution_model() -> keras.Model:
    """Answer the mean of all minutes."""
    minutes = np.loadtxt(DATA / "boils.csv", delimiter=",", skiprows=1)[:, 1].mean()
    same = keras.layers.Dense(1, kernel_initializer="zeros", bias_initializer=keras.initializers.Constant(minutes))
    return keras.Sequential([keras.Input((1,)), same])


if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.keras")
