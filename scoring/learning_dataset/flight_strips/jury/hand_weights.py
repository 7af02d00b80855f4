"""Weights by feeling: the four small airlines count three times."""

import csv
from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"

AIRPORTS = ["Kennedy", "LaGuardia", "Newark"]
PARTS = ["dawn", "morning", "noon", "afternoon", "evening"]
SIZES = ["small", "medium", "large", ""]
AIRLINES = ["AirTran", "Alaska", "American", "Delta", "ExpressJet", "Frontier", "Mesa", "United"]
GAP = -1.0
SMALL = ["AirTran", "Alaska", "Frontier", "Mesa"]


def load_strips() -> tuple[np.ndarray, np.ndarray]:
    """Read the strips: features (n, 5) as the grader sends them, labels (n,)."""
    features, labels = [], []
    with (DATA / "strips.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            numbers = [float(row[name] or GAP) for name in ("miles", "minutes")]
            codes = [
                AIRPORTS.index(row["airport"]),
                PARTS.index(row["part"]),
                SIZES.index(row["size"]),
            ]
            features.append([*numbers, *codes])
            labels.append(AIRLINES.index(row["airline"]))
    return np.array(features, dtype="float32"), np.array(labels)


def preprocess(inputs: tf.keras.KerasTensor, features: np.ndarray) -> tf.keras.KerasTensor:
    """Scaled numbers, flags for gaps and one-hot codes."""
    ops = tf.keras.ops
    numbers = inputs[:, :2]
    known = ops.cast(ops.greater(numbers, 0.0), "float32")
    logs = np.log(np.maximum(np.where(features[:, :2] > 0.0, features[:, :2], np.nan), 1.0))
    scale = tf.keras.layers.Normalization(mean=np.nanmean(logs, axis=0), variance=np.nanvar(logs, axis=0))
    values = scale(ops.log(ops.maximum(numbers, 1.0))) * known
    codes = [
        tf.keras.layers.CategoryEncoding(num_tokens=len(names), output_mode="one_hot")(inputs[:, i : i + 1])
        for i, names in ((2, AIRPORTS), (3, PARTS), (4, SIZES))
    ]
    return tf.keras.layers.Concatenate()([values, known, *codes])


def solution_model() -> tf.keras.Model:
    """Train with a weight of 3 for the small airlines."""
    tf.keras.utils.set_random_seed(7)
    features, labels = load_strips()
    inputs = tf.keras.Input(shape=(5,))
    x = preprocess(inputs, features)
    x = tf.keras.layers.Dense(128, activation="relu")(x)
    x = tf.keras.layers.Dropout(0.2)(x)
    x = tf.keras.layers.Dense(64, activation="relu")(x)
    x = tf.keras.layers.Dropout(0.2)(x)
    model = tf.keras.Model(inputs, tf.keras.layers.Dense(len(AIRLINES), activation="softmax")(x))
    weights = {airline: 3.0 if name in SMALL else 1.0 for airline, name in enumerate(AIRLINES)}
    rate = tf.keras.optimizers.schedules.CosineDecay(8e-3, decay_steps=8 * (len(labels) // 512 + 1))
    model.compile(optimizer=tf.keras.optimizers.Adam(rate), loss="sparse_categorical_crossentropy")
    model.fit(features, labels, batch_size=512, epochs=8, class_weight=weights, verbose=2)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
