"""Raw units, raw codes and raw -999 straight into the network, as they come."""

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


def load_entries() -> tuple[np.ndarray, np.ndarray]:
    """Join both sources: features (n, 11) as the marker feeds them, labels (n,)."""
    stations = {s["id"]: s for s in json.loads((DATA / "stations.json").read_text())["stations"]}
    features, labels = [], []
    with (DATA / "readings.csv").open(newline="") as file:
        for row in csv.DictReader(file):
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
    return np.array(features, dtype="float32"), np.array(labels)


def solution_model() -> tf.keras.Model:
    """Train on raw vectors."""
    tf.keras.utils.set_random_seed(7)
    features, labels = load_entries()
    model = tf.keras.Sequential(
        [
            tf.keras.Input(shape=(11,)),
            tf.keras.layers.Dense(64, activation="relu"),
            tf.keras.layers.Dense(64, activation="relu"),
            tf.keras.layers.Dense(4, activation="softmax"),
        ]
    )
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
    model.fit(features, labels, batch_size=64, epochs=15, verbose=0)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
