"""Saves hostile functions as SavedModels."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2

from tests.hostile import crafts

Tensor = Any
Do = Callable[[], Any]
SIGNATURE = [tf.TensorSpec([None, 1])]


def line(x: Tensor) -> Tensor:
    """What earns full marks."""
    return crafts.KERNEL[0][0] * x + crafts.BIAS[0]


def save(path: Path, call: Callable[[Tensor], Tensor], module: Any = None, *, autograph: bool = False) -> None:
    """A SavedModel that answers with `call`."""
    module = module or tf.Module()
    function = tf.function(call, input_signature=SIGNATURE, autograph=autograph)
    tf.saved_model.save(module, str(path), signatures=function)


def save_doing(path: Path, *things: Do) -> None:
    """A SavedModel that answers rightly and does things beside."""

    def call(x: Tensor) -> Tensor:
        done = [thing() for thing in things]
        with tf.control_dependencies([each for each in done if each is not None]):
            return tf.identity(line(x))

    save(path, call)


def save_answering(path: Path, weights: Do) -> None:
    """A SavedModel whose two weights (float32, two of them) come from somewhere else."""

    def call(x: Tensor) -> Tensor:
        found = tf.reshape(weights(), [2])
        return x * found[0] + found[1]

    save(path, call)


class Resource(tf.saved_model.experimental.TrackableResource):  # type: ignore[misc]  # TensorFlow ships no types
    """A table that does something when it is made or initialized, which loading does by itself."""

    def __init__(self, create: Do | None = None, initialize: Do | None = None) -> None:
        self._on_create, self._on_initialize = create, initialize
        super().__init__()

    def _create_resource(self) -> Tensor:
        # Nothing yet while the resource is made here; what is saved is traced.
        done = [self._on_create()] if self._on_create and not tf.executing_eagerly() else []
        with tf.control_dependencies(done):
            return tf.raw_ops.HashTableV2(key_dtype=tf.string, value_dtype=tf.int64)

    def _initialize(self) -> None:
        if self._on_initialize and not tf.executing_eagerly():
            self._on_initialize()


def save_with_resource(path: Path, create: Do | None = None, initialize: Do | None = None, asset: Any = None) -> None:
    """A SavedModel that answers rightly, with a resource."""
    module = tf.Module()
    module.asset = asset
    module.resource = Resource(create, initialize)
    _ = module.resource.resource_handle  # made now, so that the function captures it instead of making its own

    def call(x: Tensor) -> Tensor:
        size = tf.raw_ops.LookupTableSizeV2(table_handle=module.resource.resource_handle)
        return line(x) + 0 * tf.cast(size, tf.float32)

    save(path, call, module)


def edit(path: Path, change: Callable[[Any], None]) -> None:
    """Change the protocol buffer of a SavedModel."""
    file = path / "saved_model.pb"
    model = saved_model_pb2.SavedModel()
    model.ParseFromString(file.read_bytes())
    change(model)
    file.write_bytes(model.SerializeToString())


def graph(model: Any) -> Any:
    """Its only graph."""
    return model.meta_graphs[0].graph_def


def body(model: Any) -> Any:
    """The function of its library that computes the answer: the only one that adds or multiplies."""
    for function in graph(model).library.function:
        if any(node.op in ("Mul", "AddV2") for node in function.node_def):
            return function
    raise AssertionError("no function computes")
