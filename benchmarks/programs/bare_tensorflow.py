"""A TensorFlow process without anything around it: makes models, and loads and predicts one when asked.

Reads one JSON object a line and answers each with one. What the grader's time is compared with.
"""

import importlib.util
import json
import math
import os
import sys
import time
from pathlib import Path

# Whatever a library prints must not get between the answers.
_answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)

import architectures  # noqa: E402  # beside this file
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402

BATCH = 64


def make_models(shape: list[int], output: list[int], form: str, folder: str, count: int) -> None:
    """Save so many models of one architecture and different weights: 0.keras, 1.keras, ..."""
    layers = tf.keras.layers
    for number in range(count):
        tf.keras.utils.set_random_seed(number)
        stack = [tf.keras.Input(shape=shape)]
        if len(shape) == 3:
            stack += [layers.Rescaling(1 / 255)]
            for filters in (32, 64, 64):
                stack += [layers.Conv2D(filters, 3, padding="same", activation="relu"), layers.MaxPooling2D()]
        stack += [layers.Flatten(), layers.Dense(64, activation="relu")]
        stack += [layers.Dense(math.prod(output), activation="softmax" if form == "probabilities" else None)]
        tf.keras.Sequential([*stack, layers.Reshape(output)]).save(Path(folder) / f"{number}.keras")


def make_features(data: str, file: str) -> None:
    """Save the features of a hold-out that a question's data.py makes."""
    spec = importlib.util.spec_from_file_location("question_data", data)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    rng = np.random.default_rng(1)
    features, _ = module.make_holdout(module.make_world(rng), rng)
    np.save(file, features)


def make_noise(shape: list[int], samples: int, file: str) -> None:
    """Save features that are as many and as large as a hold-out's."""
    np.save(file, np.random.default_rng(1).uniform(0, 1, (samples, *shape)).astype(np.float32))


def predict(model: str, features: str) -> float:
    """Seconds to load a model and predict all features with it."""
    given = np.load(features)
    begun = time.perf_counter()
    tf.keras.models.load_model(model, compile=False).predict(given, batch_size=BATCH, verbose=0)
    return time.perf_counter() - begun


KNOWN = (make_models, make_features, make_noise, predict, architectures.save)


if __name__ == "__main__":
    functions = {function.__name__: function for function in KNOWN}
    for line in sys.stdin:
        request = json.loads(line)
        _answers.write(json.dumps(functions[request.pop("do")](**request)) + "\n")
        _answers.flush()
