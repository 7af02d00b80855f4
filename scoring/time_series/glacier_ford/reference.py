"""The ford below the glacier: windows of all seasons in every batch, and a learning rate that falls."""

from pathlib import Path

import numpy as np
import pandas as pd
import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"
HOURS_IN, HOURS_OUT = 48, 12


def solution_model() -> tf.keras.Model:
    tf.keras.utils.set_random_seed(7)
    table = pd.read_csv(DATA / "ford.csv")[["flow_m3s", "air_c"]].to_numpy(dtype="float32")
    starts = np.arange(len(table) - HOURS_IN - HOURS_OUT + 1)
    features = np.stack([table[s : s + HOURS_IN] for s in starts])
    targets = np.stack([table[s + HOURS_IN : s + HOURS_IN + HOURS_OUT, 0] for s in starts])

    # The step that decides. In the order of time a batch is one week, and an epoch ends with four months of
    # frozen stream: each time the model unlearns the summer. fit() would shuffle arrays, but it leaves a Dataset as
    # it comes. So shuffle here, over ALL windows: a buffer of a few hundred would only mix neighbours.
    epochs, batch = 20, 256
    windows = tf.data.Dataset.from_tensor_slices((features, targets)).cache()
    windows = windows.shuffle(len(features), seed=7).batch(batch).prefetch(2)

    # The marker sends raw units, so the scaling is part of the model. In winter the stream is a tenth of what it is in
    # summer: with its logarithm as a third column, small flows are as easy to see as large ones.
    window = tf.keras.Input(shape=(HOURS_IN, 2))
    flow = window[:, :, :1]
    logs = tf.keras.ops.log(tf.keras.ops.maximum(flow, 0.01))
    normalize = tf.keras.layers.Normalization()
    normalize.adapt(np.hstack([table, np.log(table[:, :1])]))
    x = normalize(tf.keras.layers.Concatenate()([window, logs]))
    # Convolutions and hidden layers can bend: they see from the window which season it is, and answer warmth with
    # slow snow water or quick ice water. One linear layer has to use the same answer all year.
    x = tf.keras.layers.Conv1D(64, 6, strides=3, activation="relu")(x)
    x = tf.keras.layers.Flatten()(x)
    x = tf.keras.layers.Dense(128, activation="relu")(x)
    x = tf.keras.layers.Dense(64, activation="relu")(x)
    x = tf.keras.layers.Dense(HOURS_OUT)(x)
    # The network says how the flow will change, and the last flow is added.
    change = tf.keras.layers.Rescaling(float(table[:, 0].std()))(x)
    model = tf.keras.Model(window, change + window[:, -1, :1])

    # Large steps first, tiny ones at the end: a tenth better than a fixed rate in the same time.
    rate = tf.keras.optimizers.schedules.CosineDecay(3e-3, epochs * (len(features) // batch + 1))
    model.compile(tf.keras.optimizers.Adam(rate), loss="mae")
    model.fit(windows, epochs=epochs, verbose=2)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
