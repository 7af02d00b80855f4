"""Loading a model of any format, and telling what it is."""

from __future__ import annotations

import contextlib
import json
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

MAX_LAYERS = 300
MAX_TEXT = 200


@dataclass(frozen=True)
class LoadedModel:
    """A model that can be called."""

    call: Callable[[Any], Any]
    """One batch (a tensor of the declared dtype) to the model's answer."""
    inputs: list[dict[str, Any]]
    """`name`, `dtype`, `shape` of each; empty if the model does not tell."""
    outputs: list[dict[str, Any]]
    layers: list[str]
    parameters: int | None
    last_activation: str
    traced: bool
    """Whether `call` runs a graph already; if not, it has to be traced."""
    keep: Any
    """The loaded object: a SavedModel's variables go when it does."""
    variables: Sequence[Any] = ()
    """All that a call could change."""


def saved_with(path: str, kind: str) -> str:
    """The library and version that saved a file, for example `Keras 3.15.1`; empty if it does not tell."""
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


def load(path: str, kind: str) -> LoadedModel:
    """Load a model. Raises whatever TensorFlow and Keras raise."""
    return LOADERS[kind](path)


def _load_keras(path: str) -> LoadedModel:
    import tensorflow as tf

    # Marking never trains, and string losses or old optimizers often fail to come back: so no compile.
    model = tf.keras.models.load_model(path, compile=False, safe_mode=True)
    layers = _flatten_layers(model)
    return LoadedModel(
        call=lambda batch: model(batch, training=False),
        inputs=[_spec(t.name, t.dtype, t.shape) for t in _tensors(model, "inputs")],
        outputs=[_spec(t.name, t.dtype, t.shape) for t in _tensors(model, "outputs")],
        layers=[_layer(layer) for layer in layers[:MAX_LAYERS]],
        parameters=int(model.count_params()) if model.built else None,
        last_activation=_activation(layers),
        traced=False,
        keep=model,
        variables=[v.value if hasattr(v, "value") else v for v in model.variables],
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
        inputs=[_spec(name, spec.dtype.name, spec.shape) for name, spec in inputs.items()],
        outputs=[_spec(name, spec.dtype.name, spec.shape) for name, spec in dict(function.structured_outputs).items()],
        layers=[],
        parameters=sum(int(v.shape.num_elements() or 0) for v in function.variables),
        last_activation="",
        traced=True,
        keep=loaded,
        variables=list(function.variables),
    )


LOADERS = {"keras": _load_keras, "h5": _load_keras, "saved_model": _load_saved_model}
"""By format."""


def _tensors(model: Any, which: str) -> list[Any]:
    """The declared tensors of a model, if it has any: a subclassed one may have none."""
    try:
        found = getattr(model, which, None)
    except (ValueError, AttributeError):
        return []
    return list(found or [])


def _spec(name: Any, dtype: Any, shape: Iterable[int | None] | None) -> dict[str, Any]:
    try:
        axes = None if shape is None else [None if axis is None else int(axis) for axis in shape]
    except ValueError:  # a shape of unknown rank
        axes = None
    return {"name": str(name)[:MAX_TEXT], "dtype": str(dtype), "shape": axes}


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
    """The name of the last layer's activation; empty if it has none."""
    last = layers[-1] if layers else None
    if type(last).__name__ in {"Softmax", "ReLU", "LeakyReLU"}:
        return type(last).__name__.lower()
    return str(getattr(getattr(last, "activation", None), "__name__", ""))[:MAX_TEXT]
