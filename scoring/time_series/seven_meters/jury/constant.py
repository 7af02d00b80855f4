"""A constant: the median of each meter, whatever the window."""

from pathlib import Path

import pandas as pd
import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"


def solution_model() -> tf.keras.Model:
    medians = pd.read_csv(DATA / "heat.csv").drop(columns="time").median().tolist()
    window = tf.keras.Input(shape=(24, 7))
    model = tf.keras.Model(window, tf.keras.layers.Dense(7, kernel_initializer="zeros")(window))
    model.layers[-1].bias.assign(medians)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
