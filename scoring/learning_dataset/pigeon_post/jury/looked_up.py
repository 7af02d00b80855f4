"""Not trained: the real towns, looked up. But a loft is only a number, and nobody knows its town.

A loft whose letters take long on average is taken for a town that is far from the others."""

from pathlib import Path

import numpy as np
import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"

LOFTS = 200
ATLAS = """
-160,138 -158,77 -158,102 -157,46 -139,144 -134,104 -134,137 -129,5 -127,115 -125,18
-124,119 -117,80 -116,140 -113,137 -100,89 -95,133 -91,77 -86,53 -85,132 -84,35
-81,46 -81,61 -79,37 -79,53 -78,71 -76,19 -71,102 -71,122 -67,29 -63,134
-61,88 -58,35 -55,10 -54,58 -52,95 -46,131 -45,28 -40,52 -39,141 -39,149
-31,39 -30,89 -29,99 -28,34 -25,14 -21,33 -20,57 -16,73 -11,25 -8,133
-4,148 -1,55 0,133 9,105 16,25 17,134 18,81 19,121 21,33 21,49
21,75 22,69 24,53 31,43 32,141 36,54 42,122 44,15 44,142 45,92
48,74 53,3 56,112 63,26 67,86 78,99 84,98 85,135 88,74 91,129
92,2 95,23 108,77 111,15 111,81 120,28 121,58 121,148 123,113 130,113
133,121 138,41 138,52 147,41 148,104 157,63 158,113 159,130 161,50 162,90
"""  # km from the middle to the east, and from the south to the north


def load_letters() -> tuple[np.ndarray, np.ndarray]:
    """Read the list: pairs of lofts (n, 2) int32 and hours (n, 1) float32."""
    table = np.loadtxt(DATA / "letters.csv", delimiter=",", skiprows=1)
    return table[:, :2].astype("int32"), table[:, 2:].astype("float32")


def solution_model() -> tf.keras.Model:
    """Give each loft the place of a town that is as remote, and measure the distance."""
    pairs, hours = load_letters()
    towns = np.array([place.split(",") for place in ATLAS.split()], dtype="float32")
    away = np.hypot(*(towns[:, None] - towns).transpose(2, 0, 1))
    remote_towns = np.argsort(away.mean(axis=1))
    mean = [hours[(pairs == loft).any(axis=1)].mean() for loft in range(LOFTS)]
    places = np.empty((LOFTS, 2), "float32")
    places[np.argsort(mean)] = towns[np.repeat(remote_towns, LOFTS // len(towns))]
    spread = (hours.std() ** 2 - 1.0) ** 0.5 / away.std()

    inputs = tf.keras.Input(shape=(2,), dtype="int32")
    table = tf.keras.layers.Embedding(LOFTS, 2)
    both = table(inputs)
    table.set_weights([places])
    km = tf.keras.ops.norm(both[:, 0] - both[:, 1], axis=1, keepdims=True)
    scale = tf.keras.layers.Rescaling(float(spread), offset=float(hours.mean() - spread * away.mean()))
    return tf.keras.Model(inputs, scale(km))


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
