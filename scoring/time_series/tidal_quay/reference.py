"""Water at the old quay: convolutions and an LSTM over both columns, scaling inside the model."""

from pathlib import Path

import numpy as np
import pandas as pd
import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"
HOURS_IN, HOURS_OUT = 72, 12


def make_windows(table: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Every stretch of 84 hours without a gap: 72 hours of both columns in, 12 levels out."""
    starts = range(len(table) - HOURS_IN - HOURS_OUT + 1)
    whole = [s for s in starts if not np.isnan(table[s : s + HOURS_IN + HOURS_OUT, 0]).any()]
    features = np.stack([table[s : s + HOURS_IN] for s in whole])
    targets = np.stack([table[s + HOURS_IN : s + HOURS_IN + HOURS_OUT, 0] for s in whole])
    return features, targets


def solution_model() -> tf.keras.Model:
    tf.keras.utils.set_random_seed(7)
    series = pd.read_csv(DATA / "quay.csv")
    table = series[["level_cm", "rain_mm"]].to_numpy(dtype="float32")

    # Cut the TIME first, then make windows. Neighbouring windows share 83 of 84 hours: a random split
    # would put near copies of the training windows into the validation set and flatter the model.
    split = int(len(table) * 0.9)
    train_x, train_y = make_windows(table[:split])
    valid_x, valid_y = make_windows(table[split:])

    # The marker sends raw units, so the scaling is part of the model: Normalization at the start (both
    # columns, adapted on training rows only), Rescaling at the end (from about -2..2 back to centimetres).
    known = table[:split][~np.isnan(table[:split, 0])]
    normalize = tf.keras.layers.Normalization()
    normalize.adapt(known)

    # Both columns go in: the rain that fell in the hills is the flood of the next hours.
    window = tf.keras.Input(shape=(HOURS_IN, 2))
    x = normalize(window)
    # The convolution makes a short summary of every 3 hours, so the LSTM has 23 steps to walk, not 72.
    # Unlike one linear layer, the two can learn that wet ground passes on more rain and that a flood
    # holds back the tide: this is the step from three marks to five.
    x = tf.keras.layers.Conv1D(48, 6, strides=3, activation="relu")(x)
    x = tf.keras.layers.LSTM(64)(x)
    x = tf.keras.layers.Dense(64, activation="relu")(x)
    x = tf.keras.layers.Dense(HOURS_OUT)(x)
    outputs = tf.keras.layers.Rescaling(float(known[:, 0].std()), offset=float(known[:, 0].mean()))(x)
    model = tf.keras.Model(window, outputs)

    # Train on what is marked (mae). A learning rate that falls to zero takes the last centimetres.
    # fit() shuffles the windows, so a batch is not one single week.
    epochs, batch = 9, 128
    rate = tf.keras.optimizers.schedules.CosineDecay(2.5e-3, epochs * (len(train_x) // batch + 1))
    model.compile(tf.keras.optimizers.Adam(rate), loss="mae")
    model.fit(train_x, train_y, validation_data=(valid_x, valid_y), epochs=epochs, batch_size=batch, verbose=2)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
