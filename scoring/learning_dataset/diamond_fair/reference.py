"""Diamonds at the fair: the reference solution.

One thing earns the marks: the network trains on rows like those that it will see. The book has no
gaps and the fair has many, so the pipeline makes gaps, new ones in every epoch.
"""

import csv
from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"

NUMBERS = ["carat", "length_mm", "width_mm", "height_mm", "depth_pct", "table_pct"]
CUTS = ["Fair", "Good", "Very Good", "Premium", "Ideal"]
COLOURS = ["D", "E", "F", "G", "H", "I", "J"]
CLARITIES = ["I1", "SI2", "SI1", "VS2", "VS1", "VVS2", "VVS1", "IF"]
GAP = -1.0
# What is lost at the fair: half of the four sizes, a fifth of the rest.
LOST = tf.constant([0.5, 0.5, 0.5, 0.5, 0.2, 0.2, 0.2, 0.2, 0.2])
EPOCHS = 20
BATCH = 64


def load_book() -> tuple[np.ndarray, np.ndarray]:
    """Read the book: features (n, 9) float32 in the order of the input, prices (n, 1) float32."""
    features, prices = [], []
    with (DATA / "book.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            codes = [CUTS.index(row["cut"]), COLOURS.index(row["colour"]), CLARITIES.index(row["clarity"])]
            features.append([float(row[name]) for name in NUMBERS] + codes)
            prices.append([float(row["price"])])
    return np.array(features, dtype="float32"), np.array(prices, dtype="float32")


def lose(features: tf.Tensor, prices: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Give a batch of the book the gaps of the fair."""
    lost = tf.random.uniform(tf.shape(features)) < LOST
    # One of the four sizes is always there: where all are lost, one that is drawn comes back.
    none_left = tf.reduce_all(lost[:, :4], axis=1, keepdims=True)
    drawn = tf.random.uniform([tf.shape(features)[0]], maxval=4, dtype=tf.int32)
    back = none_left & tf.one_hot(drawn, 9, on_value=True, off_value=False)
    return tf.where(lost & ~back, GAP, features), prices


def preprocess(inputs: tf.keras.KerasTensor, features: np.ndarray) -> tf.keras.KerasTensor:
    """Turn the grader's raw vector into scaled numbers, flags for gaps and one-hot codes."""
    ops = tf.keras.ops
    numbers = inputs[:, :6]
    known = ops.cast(ops.greater(numbers, 0.0), "float32")
    logs = np.log(features[:, :6])
    scale = tf.keras.layers.Normalization(mean=logs.mean(axis=0), variance=logs.var(axis=0))
    # A gap becomes 0, the mean, and its flag says that it is one. A gap in a code gets a column of its own.
    values = scale(ops.log(ops.maximum(numbers, 0.01))) * known
    codes = [
        tf.keras.layers.CategoryEncoding(num_tokens=len(names) + 1, output_mode="one_hot")(inputs[:, i : i + 1] + 1.0)
        for i, names in ((6, CUTS), (7, COLOURS), (8, CLARITIES))
    ]
    return tf.keras.layers.Concatenate()([values, known, *codes])


def solution_model() -> tf.keras.Model:
    """Train a network on the book with the gaps of the fair."""
    tf.keras.utils.set_random_seed(7)
    features, prices = load_book()

    inputs = tf.keras.Input(shape=(9,))
    x = preprocess(inputs, features)
    x = tf.keras.layers.Dense(64, activation="relu")(x)
    x = tf.keras.layers.Dense(64, activation="relu")(x)
    # The network predicts the logarithm, and starts at its mean: an error of a tenth counts the same for a small
    # and for a large stone, as it does in the metric.
    start = tf.keras.initializers.Constant(float(np.log(prices).mean()))
    model = tf.keras.Model(inputs, tf.keras.ops.exp(tf.keras.layers.Dense(1, bias_initializer=start)(x)))

    # Without gaps in training the network leans on the carat alone: the three measures in mm add nothing as long as
    # it is there. With gaps it learns to use whatever is left. Repeated before the gaps are drawn, so that they
    # are new in every epoch.
    steps = len(features) // BATCH
    book = tf.data.Dataset.from_tensor_slices((features, prices))
    batches = book.shuffle(len(features), seed=7).repeat().batch(BATCH).map(lose).prefetch(2)
    rate = tf.keras.optimizers.schedules.CosineDecay(2e-3, decay_steps=EPOCHS * steps)
    model.compile(optimizer=tf.keras.optimizers.Adam(rate), loss="mape")
    model.fit(batches, epochs=EPOCHS, steps_per_epoch=steps, shuffle=False, verbose=2)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
