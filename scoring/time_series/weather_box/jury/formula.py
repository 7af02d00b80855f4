"""A formula without training: the number that has just moved is the temperature; else what yesterday says."""

from pathlib import Path

import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"


def solution_model() -> tf.keras.Model:
    window = tf.keras.Input(shape=(48, 2))
    low, high = window[:, :, :1], window[:, :, 1:]
    # Each hour of yesterday lies between the largest lowest and the smallest highest of the 12 boxes that knew it.
    pool = tf.keras.layers.MaxPooling1D(12, strides=1)
    yesterday = (pool(low[:, 23:37]) - pool(-high[:, 23:37])) / 2
    yesterday = tf.keras.layers.Flatten()(yesterday)
    low_now, high_now = low[:, -1], high[:, -1]
    guess = 0.4 * yesterday[:, :1] + 0.6 * (low_now + high_now) / 2
    guess = tf.keras.layers.maximum([tf.keras.layers.minimum([guess, high_now]), low_now])
    rose = tf.keras.layers.ReLU(max_value=1.0)((high_now - high[:, -2]) * 1000.0)
    fell = tf.keras.layers.ReLU(max_value=1.0)((low[:, -2] - low_now) * 1000.0) * (1.0 - rose)
    now = rose * high_now + fell * low_now + (1.0 - rose - fell) * guess
    return tf.keras.Model(window, now + 0.9 * (yesterday - yesterday[:, :1]))


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
