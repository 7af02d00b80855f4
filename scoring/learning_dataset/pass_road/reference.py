"""Ice on the pass: the reference solution.

Four things earn the marks: both sources are joined, a gap is told to the network as a gap,
readings are scaled by their known values, and codes become one-hot columns. All of it
happens inside the model, so the marker's raw vectors get the same treatment.
"""

import csv
import json
from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"

READINGS = [
    "surface_c",
    "air_c",
    "humidity_pct",
    "precip_mm_h",
    "wind_kmh",
    "vehicles_per_h",
    "hours_since_salt",
]
SKIES = ["clear", "cloud", "fog"]
EXPOSURES = ["bridge", "cutting", "forest", "gallery", "open"]
PAVEMENTS = ["asphalt", "concrete", "porous"]
STATES = ["dry", "ice", "snow", "wet"]
GAP = -999.0


def load_entries() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Join both sources: features (n, 11) as the marker feeds them, labels (n,), station ids (n,)."""
    stations = {s["id"]: s for s in json.loads((DATA / "stations.json").read_text())["stations"]}
    features, labels, ids = [], [], []
    with (DATA / "readings.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            # The station's attributes are in the other file: look them up by the id.
            station = stations[row["station"]]
            features.append(
                [float(row[name] or GAP) for name in READINGS]
                + [
                    station["site"]["altitude_m"],
                    SKIES.index(row["sky"]),
                    EXPOSURES.index(station["site"]["exposure"]),
                    PAVEMENTS.index(station["road"]["pavement"]),
                ]
            )
            labels.append(STATES.index(row["state"]))
            ids.append(row["station"])
    return np.array(features, dtype="float32"), np.array(labels), np.array(ids)


def preprocess(inputs: tf.keras.KerasTensor, features: np.ndarray) -> tf.keras.KerasTensor:
    """Turn the marker's raw vector into scaled values, known/unknown flags and one-hot codes."""
    ops = tf.keras.ops
    readings, altitude = inputs[:, :7], inputs[:, 7:8]

    # Mean and spread of the known values only: a single -999 among them would wreck both.
    known = np.where(features[:, :7] == GAP, np.nan, features[:, :7])
    scale = tf.keras.layers.Normalization(mean=np.nanmean(known, axis=0), variance=np.nanvar(known, axis=0))
    scale_altitude = tf.keras.layers.Normalization()
    scale_altitude.adapt(features[:, 7:8])

    # Zero degrees is where water freezes, zero hours is fresh salt: no filled-in number can say "unknown".
    # So each reading comes as two columns: a flag that says whether it is there, and its scaled value, which
    # is 0 (the mean) where it is not. Which instruments are silent is a clue in itself.
    # Operations from keras.ops reload with the model. A Lambda layer would not.
    present = ops.cast(ops.not_equal(readings, GAP), "float32")
    values = scale(readings) * present

    # A code is a name: exposure 4 is not twice exposure 2.
    codes = [
        tf.keras.layers.CategoryEncoding(num_tokens=len(names), output_mode="one_hot")(inputs[:, i : i + 1])
        for i, names in ((8, SKIES), (9, EXPOSURES), (10, PAVEMENTS))
    ]
    return tf.keras.layers.Concatenate()([values, present, scale_altitude(altitude), *codes])


def solution_model() -> tf.keras.Model:
    """Train a classifier on the joined log entries."""
    tf.keras.utils.set_random_seed(7)
    features, labels, ids = load_entries()

    # The hold-out comes from other stations, so judge on other stations: every eighth is kept out.
    held = np.isin(ids, np.unique(ids)[::8])

    inputs = tf.keras.Input(shape=(11,))
    x = preprocess(inputs, features[~held])
    x = tf.keras.layers.Dense(128, activation="relu")(x)
    x = tf.keras.layers.Dropout(0.1)(x)
    x = tf.keras.layers.Dense(64, activation="relu")(x)
    outputs = tf.keras.layers.Dense(len(STATES), activation="softmax")(x)
    model = tf.keras.Model(inputs, outputs)

    model.compile(
        optimizer=tf.keras.optimizers.Adam(2e-3),
        loss="sparse_categorical_crossentropy",  # labels are integers
        metrics=["accuracy"],
    )
    # Smaller steps when the validation loss stalls, and the best epoch's weights in the end.
    calm = tf.keras.callbacks.ReduceLROnPlateau(patience=2, factor=0.4)
    stop = tf.keras.callbacks.EarlyStopping(patience=6, restore_best_weights=True)
    model.fit(
        features[~held],
        labels[~held],
        validation_data=(features[held], labels[held]),
        batch_size=64,
        epochs=40,
        callbacks=[calm, stop],
        verbose=2,
    )
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
