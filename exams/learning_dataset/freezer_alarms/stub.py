"""Alarms in the cold store: tell the cause of an alarm.

Write solution_model() and run this file. It saves mymodel.keras beside itself.
Input: float32 (batch, 8) = the six readings, then the codes of room and make.
Output: (batch, 4) = probabilities of compressor, door, leak, sensor.

Planned time: 30 minutes, training included.
"""

from pathlib import Path

import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"

# The input's columns and the codes, in the order that the marker uses.
READINGS = ["rise_k_h", "pressure_bar", "current_a", "humidity_pct", "jump_k", "minutes"]
ROOMS = ["berries", "bread", "fish", "ice", "meat", "peas"]
MAKES = ["alto", "brise", "corvo"]
CAUSES = ["compressor", "door", "leak", "sensor"]


def solution_model() -> tf.keras.Model:
    """Read data/alarms.csv, build a model, train it and return it."""
    # Write your code here.
    raise SystemExit("Write solution_model() first: nothing was saved.")


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
