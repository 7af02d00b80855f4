"""The seed vault: the reference solution.

Three things earn the marks: what belongs to a fibre and what belongs to the lamp is
cancelled inside the model, fresh frost in every epoch makes many shots of one, and strong
dropout keeps a wide network from learning 400 drawers by heart.
"""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"

EPOCHS = 160
BATCH = 32
FROST = 0.4


def load_shots() -> tuple[np.ndarray, np.ndarray]:
    """Read the shots: counts (n, 64) and digits (n,)."""
    table = np.loadtxt(DATA / "shots.csv", delimiter=",", skiprows=1, dtype="float32")
    return table[:, :64], table[:, 64].astype(int)


def solution_model() -> tf.keras.Model:
    """Train a network that reads digits through the cable."""
    tf.keras.utils.set_random_seed(7)
    counts, digits = load_shots()

    # A fibre lets through a fixed share of the light, so dividing its counts by their mean cancels it.
    # Nothing is taken away first: a dark fibre has to stay near 0, or the lamp would not cancel below.
    mean = counts.mean(axis=0)
    fibres = tf.keras.layers.Normalization(mean=np.zeros(64), variance=mean**2)

    model = tf.keras.Sequential(
        [
            tf.keras.Input(shape=(64,)),
            fibres,
            # Dropout sets random inputs to 0 while training, which is nearly what frost does. So each drawer
            # is seen under another frost in every epoch: 400 shots become as many as there are steps.
            tf.keras.layers.Dropout(FROST),
            # The lamp multiplies a whole shot. Brought to length 1, bright and dark shots are alike.
            tf.keras.layers.UnitNormalization(),
            tf.keras.layers.Rescaling(8.0),  # a length of 8 over 64 fibres: values around 1, good to learn from
            # The fibres are in no order, so a convolution would find no neighbours. Dense layers do not
            # mind the order. Half of the units are dropped in each step: none can stand for one drawer.
            tf.keras.layers.Dense(512, activation="relu"),
            tf.keras.layers.Dropout(0.5),
            tf.keras.layers.Dense(10, activation="softmax"),
        ]
    )

    # With so much chance in training it takes many epochs. The learning rate falls to zero along a cosine.
    steps = EPOCHS * -(-len(counts) // BATCH)
    rate = tf.keras.optimizers.schedules.CosineDecay(2e-3, decay_steps=steps)
    model.compile(
        optimizer=tf.keras.optimizers.Adam(rate),
        loss="sparse_categorical_crossentropy",  # labels are integers
        metrics=["accuracy"],
    )
    model.fit(counts, digits, batch_size=BATCH, epochs=EPOCHS, verbose=2)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
