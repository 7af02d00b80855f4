"""Predicting a hold-out's features in batches of one fixed size, so that equal models answer equal bits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mockexam.grading.predictor.load_model import LoadedModel

KNOWN_DTYPES = frozenset(
    {"float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "uint16", "bool"}
)


class OutputError(Exception):
    """The model answers something that is no array of numbers."""


@dataclass(frozen=True)
class Answer:
    """What a model answered: an array of `shape` and `dtype`; no `values` if it is not as long as it had to be."""

    shape: tuple[int, ...]
    dtype: str
    values: npt.NDArray[Any] | None


def predict(
    loaded: LoadedModel, features: npt.NDArray[Any], *, batch: int, values_a_sample: int, forget: bool = False
) -> Answer:
    """Feed all samples and collect the answers, at most `values_a_sample` numbers each.

    With `forget` all variables are set back after each batch, so that no batch can know of those before it.

    Raises OutputError, and whatever TensorFlow raises.
    """
    call = loaded.call if loaded.traced else _traced(loaded, features)
    reset = _reset(loaded) if forget else None
    parts: list[npt.NDArray[Any]] = []
    for piece in _batches(features, batch):
        part = _numbers(call(_tensor(_shaped(piece, loaded))))
        if part.shape[:1] != (len(piece),) or part.size != len(piece) * values_a_sample:
            shape = (len(features), *part.shape[1:]) if part.shape[:1] == (len(piece),) else part.shape
            return Answer(shape=shape, dtype=part.dtype.name, values=None)
        parts.append(part)
        if reset is not None:
            reset()
    whole = np.concatenate(parts)
    return Answer(shape=whole.shape, dtype=whole.dtype.name, values=whole)


def _reset(loaded: LoadedModel) -> Callable[[], None]:
    """Sets all variables to what they are now."""
    kept = [(variable, variable.numpy()) for variable in loaded.variables]

    def reset() -> None:
        for variable, value in kept:
            variable.assign(value)

    return reset


def _traced(loaded: LoadedModel, features: npt.NDArray[Any]) -> Callable[[Any], Any]:
    """One graph for all batches, the shorter last one too; `Model.predict` builds a data pipeline each time."""
    import tensorflow as tf

    sample = _shaped(features[:1], loaded)
    dtype = tf.string if features.dtype.kind == "U" else tf.as_dtype(features.dtype)
    signature = [tf.TensorSpec((None, *sample.shape[1:]), dtype)]
    traced: Callable[[Any], Any] = tf.function(loaded.call, input_signature=signature, autograph=False)
    return traced


def _batches(features: npt.NDArray[Any], size: int) -> Iterator[npt.NDArray[Any]]:
    for start in range(0, len(features), size):
        yield np.ascontiguousarray(features[start : start + size])


def _shaped(piece: npt.NDArray[Any], loaded: LoadedModel) -> npt.NDArray[Any]:
    """Add or drop a last axis of length 1 where the model declares it so, as Keras itself does."""
    declared = loaded.inputs[0]["shape"] if len(loaded.inputs) == 1 else None
    if declared is None:
        return piece
    if len(declared) == piece.ndim + 1 and declared[-1] in (1, None):
        return piece[..., np.newaxis]
    if len(declared) == piece.ndim - 1 and piece.shape[-1] == 1:
        return piece[..., 0]
    return piece


def _tensor(piece: npt.NDArray[Any]) -> Any:
    import tensorflow as tf

    return tf.constant(piece.tolist(), dtype=tf.string) if piece.dtype.kind == "U" else tf.constant(piece)


def _numbers(answer: Any) -> npt.NDArray[Any]:
    """The one array that a model answers."""
    while isinstance(answer, dict | list | tuple):
        if len(answer) != 1:
            raise OutputError(f"the model answers {len(answer)} arrays")
        answer = next(iter(answer.values() if isinstance(answer, dict) else answer))
    if not hasattr(answer, "numpy"):
        raise OutputError(f"the model answers a {type(answer).__name__}")
    array = np.asarray(answer.numpy())
    if array.dtype.name == "bfloat16":
        array = array.astype(np.float32)
    if array.dtype.name not in KNOWN_DTYPES:
        raise OutputError(f"the model answers {'strings' if array.dtype.kind in 'OSU' else array.dtype.name}")
    return array
