"""A rule of thumb in place of training: ripe from 1.1 mm on."""

from pathlib import Path

import keras
import numpy as np

HERE = Path(__file__).parent


def solution_model() -> keras.Model:
    """Write the rule into the weights."""
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, activation="sigmoid")])
    model.set_weights([np.array([[0.0], [10.0]]), np.array([-11.0])])
    return model


if __name__ == "__main__":
    solution_model().save(HERE / "mymodel.keras")
