"""The foil shop: the reference solution.

One thing earns the marks: the network learns the logarithm of the thickness, and the saved model turns it back into mm.
Two models share the same layers: a core that is trained on logarithms, and the full one that answers in mm.
"""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"

EPOCHS = 60
BATCH = 64


def load_tests() -> tuple[np.ndarray, np.ndarray]:
    """The shop's tests: number, density and dial (n, 3), and the thickness in mm (n,)."""
    table = np.loadtxt(DATA / "foils.csv", delimiter=",", skiprows=1, dtype="float32")
    return table[:, :3], table[:, 3]


def solution_model() -> tf.keras.Model:
    """Train a core on logarithms and return it with the way back to mm."""
    tf.keras.utils.set_random_seed(7)
    tests, half_mm = load_tests()

    scale = tf.keras.layers.Normalization()
    scale.adapt(tests)
    inputs = tf.keras.Input((3,))
    x = scale(inputs)
    for _ in range(2):
        x = tf.keras.layers.Dense(64, activation="relu")(x)
    log_mm = tf.keras.layers.Dense(1)(x)

    # The target goes over four powers of ten, and the marker counts in percent. In an error in mm, only the thick
    # foils would count: 5 % of a thick one is 2 mm, and 2 mm more for a thin one is 50,000 %. In the logarithm, 5 %
    # is the same step everywhere. log1p is no way out: for a thin foil, log(1 + mm) is nearly mm.
    core = tf.keras.Model(inputs, log_mm)

    # The last percent comes from small steps at the end of the training.
    rate = tf.keras.optimizers.schedules.CosineDecay(3e-3, decay_steps=EPOCHS * -(-len(tests) // BATCH))
    core.compile(optimizer=tf.keras.optimizers.Adam(rate), loss="mse")
    core.fit(tests, np.log(half_mm), batch_size=BATCH, epochs=EPOCHS, verbose=2)

    # The marker compares with mm, so the way back belongs into the model. numpy.exp after predict() would be lost.
    return tf.keras.Model(inputs, tf.keras.ops.exp(log_mm))


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
