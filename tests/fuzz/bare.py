"""What a model answers in a process that has TensorFlow and nothing of ours."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from typing import Any

from tests.fuzz.uncompiled import without_compile

SEED = 20_240_501
"""The predictor's: models with a random operation answer the same each time."""


def answers_of(path: str, kind: str, given: Any) -> Any:
    """The answers by TensorFlow's own means, without anything of ours; None if it does not load or predict."""
    if kind == "saved_model":
        return _answers(_load_saved_model, path, given)
    found = _answers(_load_keras, path, given)
    if found is not None:
        return found
    # How an inner model was compiled is none of a prediction's business, and may be what does not load.
    with tempfile.TemporaryDirectory() as folder:
        try:
            uncompiled = without_compile(path, kind, folder)
        except Exception:  # noqa: BLE001
            return None
        return _answers(_load_keras, uncompiled, given)


def _answers(load_it: Callable[[str], tuple[Callable[[Any], Any], Any]], path: str, given: Any) -> Any:
    import numpy as np
    import tensorflow as tf

    try:
        tf.keras.utils.set_random_seed(SEED)
        call, spec = load_it(path)
        parts = [call(_batch(given[at : at + 64], spec)) for at in range(0, len(given), 64)]
        return np.concatenate([_array(part) for part in parts])
    except Exception:  # noqa: BLE001
        return None


def _load_keras(path: str) -> tuple[Callable[[Any], Any], Any]:
    import tensorflow as tf

    model = tf.keras.models.load_model(path, compile=False)

    def call(batch: Any) -> Any:
        try:
            return model(batch, training=False)
        except (ValueError, tf.errors.InvalidArgumentError):
            # An empty axis, or a number beyond float32: a graph, which `predict` makes, gets along with it.
            return tf.function(lambda x: model(x, training=False), autograph=False)(batch)

    return call, model.inputs[0]


def _load_saved_model(path: str) -> tuple[Callable[[Any], Any], Any]:
    import tensorflow as tf

    loaded = tf.saved_model.load(path)
    function = loaded.signatures["serving_default"]
    ((name, spec),) = function.structured_input_signature[1].items()

    def call(batch: Any, _: Any = loaded) -> Any:  # the object's variables go when it does
        return function(**{name: batch if batch.dtype == spec.dtype else tf.cast(batch, spec.dtype)})

    return call, spec


def _batch(piece: Any, spec: Any) -> Any:
    import tensorflow as tf

    axes = len(spec.shape)
    if piece.ndim == axes - 1:
        piece = piece[..., None]
    elif piece.ndim == axes + 1:
        piece = piece[..., 0]
    return tf.constant(piece.tolist(), dtype=tf.string) if piece.dtype.kind == "U" else tf.constant(piece)


def _array(part: Any) -> Any:
    import numpy as np

    while isinstance(part, dict | list | tuple):
        part = next(iter(part.values() if isinstance(part, dict) else part))
    return np.asarray(part.numpy())
