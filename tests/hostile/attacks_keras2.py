"""Configurations as Keras 2 reads them, in its `.keras` archives and `.h5` files: what only tf-keras would do."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from tests.hostile import payloads
from tests.hostile.attack import ATTACKS, Attack, Bait, Format, Label, Works
from tests.hostile.crafts import BIAS, KERNEL, Config, bytecode, write_archive

VERSION = "2.15.0"
CONSTANT = "_CONSTANT_VALUE"
"""Stands for a layer's name where a call's first argument is no layer's answer: the call happens at loading."""


def good_config() -> Config:
    """An honest functional model that answers the true line."""
    return {
        "module": "keras.src.engine.functional",
        "class_name": "Functional",
        "registered_name": "Functional",
        "config": {
            "name": "line",
            "layers": [
                _layer("InputLayer", "entry", [], batch_input_shape=[None, 1], sparse=False, ragged=False),
                _layer("Dense", "dense", [[["entry", 0, 0, {}]]], units=1, activation="linear"),
            ],
            "input_layers": [["entry", 0, 0]],
            "output_layers": [["dense", 0, 0]],
        },
    }


def _layer(kind: str, name: str, nodes: list[Any], module: str = "keras.layers", **config: Any) -> Config:
    settings = {"name": name, "dtype": "float32", **config}
    return {
        "module": module, "class_name": kind, "config": settings, "registered_name": None, "name": name,
        "inbound_nodes": nodes,
    }  # fmt: skip


def after_dense(kind: str, *, first: Any = None, call: Config | None = None, **config: Any) -> Config:
    """The honest model with one layer more, whose first argument is the answer, or something else from the file."""
    model = good_config()
    start = ["dense", 0, 0] if first is None else [CONSTANT, -1, first]
    operation = kind in ("TFOpLambda", "SlicingOpLambda", "ClassMethod", "InstanceMethod", "TensorFlowOpLayer")
    node = [[*start, call or {}]]
    module = config.pop("module", "keras.src.layers.core.tf_op_layer" if operation else "keras.layers")
    layer = _layer(kind, "more", node if operation else [node], module, **config)
    layer["registered_name"] = kind if operation else None
    model["config"]["layers"].append(layer)
    model["config"]["output_layers"] = [["more", 0, 0]]
    return model


def calling(function: str, first: Any = None, **arguments: Any) -> Config:
    """The honest model with a call of a function of TensorFlow."""
    return after_dense("TFOpLambda", first=first, call=arguments, function=function)


def write_keras(path: Path, config: Config) -> None:
    """An archive as TensorFlow 2.15 writes it."""
    weights = io.BytesIO()
    with h5py.File(weights, "w") as file:
        for number, values in enumerate((KERNEL, BIAS)):
            file[f"layers/dense/vars/{number}"] = np.array(values, np.float32)
        for name in ("vars", "layers/input_layer/vars"):
            file.create_group(name)
    members = {"metadata.json": {"keras_version": VERSION}, "config.json": config}
    texts = {name: json.dumps(content).encode() for name, content in members.items()}
    write_archive(path, texts | {"model.weights.h5": weights.getvalue()})


def write_h5(path: Path, config: Config) -> None:
    """A file as TensorFlow 2.15 writes it: its layers name no module."""
    for part in (config, *config["config"]["layers"]):
        part.pop("module", None)
        part.pop("registered_name", None)
    with h5py.File(path, "w") as file:
        file.attrs["keras_version"], file.attrs["backend"] = VERSION, "tensorflow"
        file.attrs["model_config"] = json.dumps(config)
        weights = file.create_group("model_weights")
        weights.attrs["layer_names"] = [b"entry", b"dense", b"more"][: len(config["config"]["layers"])]
        weights.attrs["backend"], weights.attrs["keras_version"] = "tensorflow", VERSION
        for name in ("entry", "more"):
            weights.create_group(name).attrs["weight_names"] = np.array([], "S1")
        layer = weights.create_group("dense")
        layer.attrs["weight_names"] = [b"dense/kernel:0", b"dense/bias:0"]
        layer["dense/kernel:0"] = np.array(KERNEL, np.float32)
        layer["dense/bias:0"] = np.array(BIAS, np.float32)


MakeConfig = Callable[[Bait], Config]


def both(label: Label, keras: Works = "no", h5: Works = "no") -> Callable[[MakeConfig], MakeConfig]:
    """Put a configuration on the list twice: it works so in `.keras`, and so in `.h5`."""

    def add(make: MakeConfig) -> MakeConfig:
        writers: tuple[tuple[Format, Works, Callable[[Path, Config], None]], ...]
        writers = ("keras", keras, write_keras), ("h5", h5, write_h5)
        for format, works, write in writers:

            def wrapped(path: Path, bait: Bait, write: Callable[[Path, Config], None] = write) -> None:
                write(path, make(bait))

            name = f"keras2_{make.__name__}_{format}"
            assert name not in ATTACKS, name
            ATTACKS[name] = Attack(name, format, label, wrapped, works, keras2=True)
        return make

    return add


# Python code


@both("files_written", "unsafe", "here")
def marshalled_lambda(bait: Bait) -> Config:
    """In an `.h5` file tf-keras has no safe mode: it unmarshals and runs."""
    code = bytecode(payloads.writes(bait, "keras2"))
    return after_dense(
        "Lambda", function=[code["code"], None, None], function_type="lambda", module="keras.layers",
        output_shape=None, output_shape_type="raw", output_shape_module=None, arguments={},
    )  # fmt: skip


@both("code")
def lambda_of_a_module(bait: Bait) -> Config:
    return after_dense("Lambda", function="system", function_type="function", module="keras.layers")


@both("code")
def class_of_another_module(bait: Bait) -> Config:
    return after_dense("system", module="os")


@both("code")
def builtin(bait: Bait) -> Config:
    return after_dense("eval", module="builtins")


@both("code")
def module_of_keras_itself(bait: Bait) -> Config:
    """A module of Keras's source that holds more than layers."""
    return after_dense("sys", module="keras.src.utils.generic_utils")


@both("code")
def class_by_its_other_name(bait: Bait) -> Config:
    """Keras looks a class up under its registered name too."""
    model = after_dense("Dropout", rate=0.0, module="keras.src.utils.data_utils")
    model["config"]["layers"][-1] |= {"registered_name": "get_file", "class_name": "nothing"}
    return model


@both("code")
def registered_class(bait: Bait) -> Config:
    model = after_dense("Dense", units=1)
    model["config"]["layers"][-1] |= {"registered_name": "Custom>Adam", "class_name": "Custom>Adam"}
    return model


@both("code")
def activation_by_its_other_name(bait: Bait) -> Config:
    named = {
        "class_name": "function",
        "module": "keras.activations",
        "config": "relu",
        "registered_name": "deserialize",
    }
    return after_dense("Activation", activation=named)


@both("code")
def activation_that_is_none(bait: Bait) -> Config:
    return after_dense("Activation", activation="serialize")


# Functions of TensorFlow between layers


@both("files_written", "here", "here")
def write_file(bait: Bait) -> Config:
    return calling("io.write_file", str(bait.spot / "keras2"), contents="x")


@both("files_written", "here", "here")
def write_file_of_tensorflow_1(bait: Bait) -> Config:
    return calling("compat.v1.io.write_file", str(bait.spot / "keras2"), contents="x")


@both("files_read", "here", "here")
def read_file(bait: Bait) -> Config:
    return calling("io.read_file", str(bait.secret / "line.bin"))


@both("network", "here", "here")
def get_file(bait: Bait) -> Config:
    address = {"origin": f"http://127.0.0.1:{bait.port}/x", "cache_dir": str(bait.spot)}
    return calling("keras.utils.get_file", "x", **address)


@both("files_read", "here", "here")
def load_model(bait: Bait) -> Config:
    return calling("keras.models.load_model", str(bait.secret / "evil.keras"), safe_mode=False)


@both("code")
def python_function(bait: Bait) -> Config:
    return calling("numpy_function", None, inp=[], Tout="float32")


@both("files_written")
def raw_operation(bait: Bait) -> Config:
    return calling("raw_ops.WriteFile", str(bait.spot / "keras2"), contents="x")


@both("files_written")
def node_of_a_graph(bait: Bait) -> Config:
    node = {"name": "x", "op": "WriteFile", "input": ["a", "b"]}
    return after_dense("TensorFlowOpLayer", node_def=json.dumps(node), constants={"0": str(bait.spot / "keras2")})


@both("code")
def method_of_a_class(bait: Bait) -> Config:
    return after_dense("ClassMethod", cls_symbol="data.TFRecordDataset", method_name="from_tensors")


@both("code")
def method_of_a_tensor(bait: Bait) -> Config:
    return after_dense("InstanceMethod", attr_name="__reduce__")


@both("structure")
def function_that_is_no_name(bait: Bait) -> Config:
    return calling("math.add") | {"config": calling([["math.add"]])["config"]}  # type: ignore[arg-type]


@both("resources")
def giant_zeros(bait: Bait) -> Config:
    return calling("zeros", [1 << 20, 1 << 20], shape=[1 << 20, 1 << 20])


# As for Keras 3


@both("files_read")
def string_lookup_of_file(bait: Bait) -> Config:
    return after_dense("StringLookup", vocabulary=str(bait.secret / "line.txt"))


@both("resources")
def giant_dense(bait: Bait) -> Config:
    model = good_config()
    model["config"]["layers"][1]["config"] |= {"units": 1_300_000_000, "kernel_initializer": "zeros"}
    return model


@both("resources")
def dense_that_is_not_stored(bait: Bait) -> Config:
    """Each layer is of a size that could be honest; together they are not in the file."""
    model = good_config()
    name = "dense"
    for number in range(4):
        node = [[[name, 0, 0, {}]]]
        name = f"wide_{number}"
        model["config"]["layers"].append(_layer("Dense", name, node, units=30_000, activation="linear"))
        model["config"]["layers"][-1]["build_config"] = {"input_shape": [None, 30_000 if number else 1]}
    model["config"]["output_layers"] = [[name, 0, 0]]
    return model
