"""A constant: the median pressure of the record, whatever the window."""

from pathlib import Path

import pandas as pd
import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"


def solution_model() -> tf.keras.Model:
    median = float(pd.read_csv(DATA / "huts.csv")["hpa"].median())
    window = tf.keras.Input(shape=(24, 5))
    x = tf.keras.layers.Flatten()(window)
    outputs = tf.keras.layers.Dense(
        6, kernel_initializer="zeros", bias_initializer=tf.keras.initializers.Constant(median)
    )(x)
    return tf.keras.Model(window, outputs)


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
