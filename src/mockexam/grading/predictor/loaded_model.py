"""Loads a model of any format, describes it, and predicts in batches of one size, so that equal models agree bitwise.

NumPy and TensorFlow are imported late: where one is broken, the predictor can still report it.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy.typing as npt

MAX_LAYERS = 300
MAX_TENSORS = 20  # of inputs and of outputs
MAX_TEXT = 200
KNOWN_DTYPES = frozenset(
    {"float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "uint16", "bool"}
)


@dataclass(frozen=True)
class LoadedModel:
    """A model that can be called."""

    call: Callable[[Any], Any]  # from one batch (a tensor of the declared dtype) to the model's output
    facts: dict[str, Any]
    """For the frame of that name; `inputs` and `outputs` have `name`, `dtype` and `shape` each, none if undeclared."""
    traced: bool  # whether `call` already runs a graph
    owner: Any  # the loaded object, referenced because a SavedModel's variables are deleted with it
    variables: Sequence[Any]  # everything that a call could change


class OutputError(Exception):
    """The model's output is not one array of numbers."""


@dataclass(frozen=True)
class Predictions:
    """An array of `shape` and `dtype`; `values` is None if it does not have the length that was asked for."""

    shape: tuple[int, ...]
    dtype: str
    values: npt.NDArray[Any] | None


def saved_with(path: str, kind: str) -> str:
    """The library and version that saved a file, for example `Keras 3.15.1`; empty if the file does not say."""
    with contextlib.suppress(Exception):
        if kind == "keras":
            with zipfile.ZipFile(path) as archive, archive.open("metadata.json") as file:
                return f"Keras {json.loads(file.read(10_000))['keras_version']}"[:MAX_TEXT]
        if kind == "h5":
            import h5py

            with h5py.File(path, "r") as file:
                version = file.attrs["keras_version"]
                return f"Keras {version.decode() if isinstance(version, bytes) else version}"[:MAX_TEXT]
    return ""


def keras_here() -> int:
    """The major version of this process's `tf.keras`: 2 is tf-keras, which TensorFlow takes if it is told so."""
    return 2 if os.environ.get("TF_USE_LEGACY_KERAS") == "1" else 3


def load(path: str, kind: str) -> LoadedModel:
    """Load a model. Raises whatever TensorFlow and Keras raise."""
    return LOADERS[kind](path)


def _load_keras(path: str) -> LoadedModel:
    import tensorflow as tf

    # Grading never trains, and losses given as strings or old optimizers often fail to load: so no compile.
    model = tf.keras.models.load_model(path, compile=False, safe_mode=True)
    layers = _flatten_layers(model)
    return LoadedModel(
        call=lambda batch: model(batch, training=False),
        facts={
            "inputs": _specs(_declared(model, "inputs")),
            "outputs": _specs(_declared(model, "outputs")),
            "layers": [_layer(layer) for layer in layers[:MAX_LAYERS]],
            "parameters": int(model.count_params()) if model.built else None,
            "last_activation": _activation(layers),
        },
        traced=False,
        owner=model,
        # Keras 3 wraps TensorFlow's variables; Keras 2 lists tables among its own.
        variables=[value for value in map(_tensorflow_variable, model.variables) if value is not None],
    )


def _load_saved_model(path: str) -> LoadedModel:
    import tensorflow as tf

    loaded = tf.saved_model.load(path)
    signatures = getattr(loaded, "signatures", {})
    if "serving_default" not in signatures:
        raise LookupError(f"no signature 'serving_default', only: {', '.join(map(str, signatures)) or 'none'}")
    function = signatures["serving_default"]
    inputs = dict(function.structured_input_signature[1])
    if not inputs:
        raise LookupError("the signature 'serving_default' takes no named input")
    name, spec = next(iter(inputs.items()))

    def call(batch: Any) -> Any:
        fits = batch.dtype == spec.dtype or tf.string in (batch.dtype, spec.dtype)
        return function(**{name: batch if fits else tf.cast(batch, spec.dtype)})

    return LoadedModel(
        call=call,
        facts={
            "inputs": _specs((name, spec.dtype.name, spec.shape) for name, spec in inputs.items()),
            "outputs": _specs((name, s.dtype.name, s.shape) for name, s in dict(function.structured_outputs).items()),
            "layers": [],
            "parameters": sum(int(v.shape.num_elements() or 0) for v in function.variables),
            "last_activation": "",
        },
        traced=True,
        owner=loaded,
        variables=list(function.variables),
    )


LOADERS = {"keras": _load_keras, "h5": _load_keras, "saved_model": _load_saved_model}  # by format


def _tensorflow_variable(variable: Any) -> Any:
    """A Keras variable as TensorFlow's; None for a table, which Keras 2 lists among the variables."""
    import tensorflow as tf

    found = variable if isinstance(variable, tf.Variable) else getattr(variable, "value", None)
    return found if isinstance(found, tf.Variable) else None


def _declared(model: Any, which: str) -> list[Any]:
    """Name, dtype and shape of a model's declared tensors; a subclassed model may have none."""
    try:
        return [(t.name, getattr(t.dtype, "name", t.dtype), t.shape) for t in getattr(model, which, None) or []]
    except (ValueError, AttributeError):
        return []


def _specs(tensors: Iterable[tuple[Any, Any, Iterable[int | None] | None]]) -> list[dict[str, Any]]:
    specs = []
    for name, dtype, shape in itertools.islice(tensors, MAX_TENSORS):
        try:
            axes = None if shape is None else [None if axis is None else int(axis) for axis in shape]
        except ValueError:  # a shape of unknown rank
            axes = None
        specs.append({"name": str(name)[:MAX_TEXT], "dtype": str(dtype), "shape": axes})
    return specs


def _flatten_layers(model: Any, depth: int = 0) -> list[Any]:
    found: list[Any] = []
    for layer in getattr(model, "layers", []):
        found += (_flatten_layers(layer, depth + 1) if depth < 5 else []) or [layer]
    return found


def _layer(layer: Any) -> str:
    try:
        shape = str(tuple(layer.output.shape))
    except (AttributeError, ValueError, TypeError):
        shape = ""
    return f"{type(layer).__name__} {layer.name} {shape}".strip()[:MAX_TEXT]


def _activation(layers: list[Any]) -> str:
    last = layers[-1] if layers else None
    if type(last).__name__ in {"Softmax", "ReLU", "LeakyReLU"}:
        return type(last).__name__.lower()
    return str(getattr(getattr(last, "activation", None), "__name__", ""))[:MAX_TEXT]


def predict(
    loaded: LoadedModel, features: npt.NDArray[Any], *, batch_size: int, values_per_sample: int, reset: bool = False
) -> Predictions:
    """Predict all samples. With `reset` no batch can depend on earlier ones. Raises OutputError among others."""
    import numpy as np
    import tensorflow as tf

    call = loaded.call if loaded.traced else traced(loaded, features)
    initial = [(variable, variable.numpy()) for variable in loaded.variables] if reset else []
    parts: list[npt.NDArray[Any]] = []
    for start in range(0, len(features), batch_size):
        batch = np.ascontiguousarray(features[start : start + batch_size])
        shaped = _shaped(batch, loaded)
        tensor = tf.constant(shaped.tolist(), dtype=tf.string) if shaped.dtype.kind == "U" else tf.constant(shaped)
        part = _numbers(call(tensor))
        if part.shape[:1] != (len(batch),) or part.size != len(batch) * values_per_sample:
            shape = (len(features), *part.shape[1:]) if part.shape[:1] == (len(batch),) else part.shape
            return Predictions(shape=shape, dtype=part.dtype.name, values=None)
        parts.append(part)
        for variable, value in initial:
            variable.assign(value)
    whole = np.concatenate(parts)
    return Predictions(shape=whole.shape, dtype=whole.dtype.name, values=whole)


def traced(loaded: LoadedModel, features: npt.NDArray[Any]) -> Callable[[Any], Any]:
    """One graph for all batches, including the shorter last one; `Model.predict` builds a data pipeline each time."""
    import tensorflow as tf

    sample = _shaped(features[:1], loaded)
    dtype = tf.string if features.dtype.kind == "U" else tf.as_dtype(features.dtype)
    signature = [tf.TensorSpec((None, *sample.shape[1:]), dtype)]
    traced: Callable[[Any], Any] = tf.function(loaded.call, input_signature=signature, autograph=False)
    return traced


def _shaped(batch: npt.NDArray[Any], loaded: LoadedModel) -> npt.NDArray[Any]:
    """Add or drop a last axis of length 1 where the model declares it so, as Keras itself does."""
    inputs = loaded.facts["inputs"]
    declared = inputs[0]["shape"] if len(inputs) == 1 else None
    if declared is None:
        return batch
    if len(declared) == batch.ndim + 1 and declared[-1] in (1, None):
        return batch[..., None]
    if len(declared) == batch.ndim - 1 and batch.shape[-1] == 1:
        return batch[..., 0]
    return batch


def _numbers(output: Any) -> npt.NDArray[Any]:
    import numpy as np

    while isinstance(output, dict | list | tuple):
        if len(output) != 1:
            raise OutputError(f"the model answers {len(output)} arrays")
        output = next(iter(output.values() if isinstance(output, dict) else output))
    if not hasattr(output, "numpy"):
        raise OutputError(f"the model answers a {type(output).__name__}")
    array = np.asarray(output.numpy())
    if array.dtype.name == "bfloat16":
        array = array.astype(np.float32)
    if array.dtype.name not in KNOWN_DTYPES:
        raise OutputError(f"the model answers {'strings' if array.dtype.kind in 'OSU' else array.dtype.name}")
    return array
