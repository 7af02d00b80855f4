"""A constant: the median of the hour of the day, whatever the window."""

from pathlib import Path

import pandas as pd
import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"


def solution_model() -> tf.keras.Model:
    record = pd.read_csv(DATA / "baths.csv", parse_dates=["time"])
    medians = record.groupby(record["time"].dt.hour)["guests"].median().to_numpy(dtype="float32")
    window = tf.keras.Input(shape=(48, 4))
    each = tf.keras.ops.one_hot(tf.keras.ops.cast(window[:, 24:, 3], "int32"), 24)
    return tf.keras.Model(window, tf.keras.ops.sum(each * medians, axis=2))


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
