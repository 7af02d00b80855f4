"""The pigeon post: the reference solution.

One thing earns the marks: when training stops. The loss on rows kept aside falls, stands still for
many epochs, falls again and then rises for good. So the stop waits long, and takes back the best weights.
"""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"

LOFTS = 200


def load_letters() -> tuple[np.ndarray, np.ndarray]:
    """Read the list: pairs of lofts (n, 2) int32 and hours (n, 1) float32."""
    table = np.loadtxt(DATA / "letters.csv", delimiter=",", skiprows=1)
    return table[:, :2].astype("int32"), table[:, 2:].astype("float32")


def solution_model() -> tf.keras.Model:
    """Train a network until its best epoch is long past, and return to that epoch."""
    tf.keras.utils.set_random_seed(7)
    pairs, hours = load_letters()

    # A number is only a name, so each loft gets 16 values of its own. The network finds out what they mean.
    model = tf.keras.Sequential(
        [
            tf.keras.Input(shape=(2,), dtype="int32"),
            tf.keras.layers.Embedding(LOFTS, 16),
            tf.keras.layers.Flatten(),
            tf.keras.layers.Dense(64, activation="relu"),
            tf.keras.layers.Dense(64, activation="relu"),
            tf.keras.layers.Dense(1),
        ]
    )

    # In three epochs the network learns which lofts are slow or far from all others. Then the loss stands still
    # at about 1.4 and jumps up and down by chance, because 1,600 letters with long rests decide it. That is not
    # the end: only after ten or twenty epochs the network has found out which lofts are near each other, and the
    # loss falls to 0.8. A patience of 25 epochs bridges the gap. After that the network learns single rests by
    # heart. So the weights of the best epoch, by now long past, are the right ones: the last ones are not.
    stop = tf.keras.callbacks.EarlyStopping(monitor="val_loss", patience=25, restore_best_weights=True)
    model.compile(optimizer=tf.keras.optimizers.Adam(1e-3), loss="mse")
    # The letters stand in no order, so the last fifth is a fair sample.
    model.fit(pairs, hours, batch_size=64, epochs=200, validation_split=0.2, callbacks=[stop], verbose=2)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
