"""A process with TensorFlow that saves and loads real models on request: a JSON list a line in, a value a line out."""

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

replies = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)

import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402

tf.keras.utils.set_random_seed(7)
model = tf.keras.Sequential([tf.keras.layers.Input((4,)), tf.keras.layers.Dense(8), tf.keras.layers.Dense(3)])
X = np.ones((2, 4), "float32")


def change(value: float) -> None:
    """Make the weights tell which save this is."""
    model.set_weights([np.full_like(w, value) for w in model.get_weights()])


def save(path: str, value: float) -> None:
    """Save in the format of the name."""
    change(value)
    if path.endswith((".keras", ".h5")):
        model.save(path)
    else:
        model.export(path, verbose=False)


def save_repeatedly(path: str, times: int, pause: float) -> int:
    """Overwrite the file again and again, sleeping in between. The k-th save (from 1) has weights k."""
    for k in range(1, times + 1):
        save(path, float(k))
        time.sleep(pause)
    return times


def save_until(path: str, stop: str) -> int:
    """Overwrite the file without any pause until there is a file `stop`; returns how often."""
    k = 0
    while not Path(stop).exists():
        k += 1
        save(path, float(k))
    return k


def load(path: str) -> float | None:
    """The value that fills the weights of a saved model; None if it can't be loaded or is a mixture."""
    try:
        if Path(path).is_dir():
            loaded = tf.saved_model.load(path)
            weights = [v.numpy() for v in loaded.variables]
            loaded.signatures["serving_default"](tf.constant(X))
        else:
            weights = tf.keras.models.load_model(path, compile=False).get_weights()
    except Exception as error:  # noqa: BLE001  # whatever it is, it did not load
        sys.stderr.write(f"load failed: {path}: {error}\n")
        return None
    values = np.concatenate([w.ravel() for w in weights])
    return float(values[0]) if np.all(values == values[0]) else None


COMMANDS: dict[str, Callable[..., object]] = {
    "save": save,
    "save_repeatedly": save_repeatedly,
    "save_until": save_until,
    "load": load,
}
replies.write("ready\n")
replies.flush()
for line in sys.stdin:
    name, *arguments = json.loads(line)
    replies.write(json.dumps(COMMANDS[name](*arguments)) + "\n")
    replies.flush()
