"""`.h5` files whose structure is the attack. What their configurations can do is in `attacks_code.py`."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from tests.hostile import payloads
from tests.hostile.attack import Bait, attack
from tests.hostile.crafts import (
    BIAS,
    KERNEL,
    after_dense,
    bytecode,
    function,
    good_config,
    instance,
    keras_config,
    lambda_layer,
    python_layer,
    write_h5,
    write_keras,
)

GIB = 1 << 30
OLD = "model_weights/dense/dense"


def hostile_weights(how: str, bait: Bait) -> bytes:
    """A `model.weights.h5` for the honest model, with a hostile kernel."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "w.h5"
        with h5py.File(path, "w") as file:
            group = file.create_group("layers/dense/vars")
            group["1"] = np.array(BIAS, np.float32)
            _hostile(file, "layers/dense/vars", "0", how, bait)
        return path.read_bytes()


def _hostile(file: h5py.File, folder: str, name: str, how: str, bait: Bait) -> None:
    """Put a kernel there that comes from the secret, or is too large."""
    group = file[folder]
    if how == "external_storage":
        stored = [(str(bait.secret / "line.bin"), 0, 4)]
        group.create_dataset(name, (1, 1), "<f4", external=stored)
    elif how == "virtual":
        layout = h5py.VirtualLayout((1, 1), "<f4")
        layout[:] = h5py.VirtualSource(str(bait.secret / "line.weights.h5"), "kernel", (1, 1), "<f4")
        group.create_virtual_dataset(name, layout)
    elif how == "external_link":
        first = folder.partition("/")[0]
        del file[first]
        file[first] = h5py.ExternalLink(str(bait.secret / "line.weights.h5"), "/")
    elif how == "soft_link":
        file["elsewhere"] = np.array(KERNEL, np.float32)
        group[name] = h5py.SoftLink("/elsewhere")
    elif how == "shape_bomb":
        # Just below what Keras looks at: 4 GiB.
        shape = (1, GIB - 1024)
        group.create_dataset(name, shape, "<f4", chunks=(1, 1 << 20), compression="gzip", fillvalue=1.0)


def _with_kernel(path: Path, how: str, bait: Bait) -> None:
    write_h5(path)
    with h5py.File(path, "a") as file:
        del file[f"{OLD}/kernel"]
        _hostile(file, OLD, "kernel", how, bait)


@attack("h5", "files_read")
def external_storage(path: Path, bait: Bait) -> None:
    """The kernel's numbers lie in another file: any file's bytes become weights."""
    _with_kernel(path, "external_storage", bait)


@attack("h5", "files_read")
def virtual_dataset(path: Path, bait: Bait) -> None:
    _with_kernel(path, "virtual", bait)


@attack("h5", "files_read")
def external_link(path: Path, bait: Bait) -> None:
    _with_kernel(path, "external_link", bait)


@attack("h5", "structure")
def soft_link(path: Path, bait: Bait) -> None:
    _with_kernel(path, "soft_link", bait)


@attack("h5", "resources")
def shape_bomb(path: Path, bait: Bait) -> None:
    _with_kernel(path, "shape_bomb", bait)


@attack("h5", "structure")
def circle(path: Path, bait: Bait) -> None:
    """A group that holds itself."""
    write_h5(path)
    with h5py.File(path, "a") as file:
        file["model_weights/dense/again"] = file["model_weights"]


@attack("h5", "structure")
def dangling_link(path: Path, bait: Bait) -> None:
    write_h5(path)
    with h5py.File(path, "a") as file:
        file["model_weights/dense/lost"] = h5py.SoftLink("/nowhere")
        file["more"] = h5py.ExternalLink(str(bait.secret / "line.weights.h5"), "/")


@attack("h5", "structure")
def deep_groups(path: Path, bait: Bait) -> None:
    """Groups within groups, for who walks them by calling itself."""
    write_h5(path)
    with h5py.File(path, "a", libver="latest") as file:
        group = file
        for _ in range(2000):
            group = group.create_group("g")


@attack("h5", "files_written", stripped=True)
def hostile_training_config(path: Path, bait: Bait) -> None:
    """Restored with `compile=True` alone; the functions are looked up by name."""
    write_h5(path)
    popen = instance("subprocess", "Popen", args=["touch", str(bait.spot / "training")])
    training: dict[str, Any] = {
        "optimizer_config": popen,
        "loss": function("os", "system"),
        "metrics": [],
        "weighted_metrics": None,
    }
    with h5py.File(path, "a") as file:
        file.attrs["training_config"] = json.dumps(training)


@attack("h5", "files_written", stripped=True)
def bytecode_in_training_config(path: Path, bait: Bait) -> None:
    """Restored outside safe mode: bytecode as a learning rate."""
    write_h5(path)
    rate = {"class_name": "__lambda__", "config": {"value": bytecode(payloads.writes(bait, "rate"))["code"]}}
    optimizer = {"class_name": "SGD", "config": {"name": "sgd", "learning_rate": rate}}
    training: dict[str, Any] = {"optimizer_config": optimizer, "loss": "mse", "metrics": [], "weighted_metrics": None}
    with h5py.File(path, "a") as file:
        file.attrs["training_config"] = json.dumps(training)


@attack("h5", "files_written", "unsafe")
def lambda_of_keras_2(path: Path, bait: Bait) -> None:
    """Bytecode in the form of Keras 2: a list of three."""
    code = bytecode(payloads.writes(bait, "old_lambda"))["code"]
    old = {"name": "more", "function": [code, None, None], "function_type": "lambda", "module": "__main__"}
    layers = [
        {"class_name": "InputLayer", "config": {"batch_input_shape": [None, 1], "dtype": "float32", "name": "entry"}},
        {"class_name": "Dense", "config": {"name": "dense", "units": 1}},
        {"class_name": "Lambda", "config": {**old, "output_shape": [1], "output_shape_type": "raw", "arguments": {}}},
    ]
    write_h5(path, {"class_name": "Sequential", "config": {"name": "old", "layers": layers}})


@attack("h5", "structure")
def deep_config(path: Path, bait: Bait) -> None:
    write_h5(path)
    deep = '{"class_name": "Functional", "config": ' + "[" * 30_000 + "]" * 30_000 + "}"
    with h5py.File(path, "a", libver="latest") as file:
        del file.attrs["model_config"]
        file.attrs["model_config"] = deep


@attack("h5", "structure")
def config_is_no_text(path: Path, bait: Bait) -> None:
    write_h5(path)
    with h5py.File(path, "a", libver="latest") as file:
        del file.attrs["model_config"]
        file.attrs.create("model_config", np.zeros(4000))


@attack("h5", "files_written", "unsafe")
def config_in_bytes(path: Path, bait: Bait) -> None:
    """The configuration as bytes of a fixed length, as old files have it."""
    config = after_dense(python_layer(payloads.writes(bait, "bytes")))
    write_h5(path)
    with h5py.File(path, "a", libver="latest") as file:
        del file.attrs["model_config"]
        file.attrs["model_config"] = np.bytes_(json.dumps(keras_config(config)))


@attack("h5", "files_written")
def passive_object(path: Path, bait: Bait) -> None:
    """An object that the older loader makes from any place in a configuration."""
    config = good_config()
    layer = python_layer(payloads.writes(bait, "passive"))
    config["config"]["layers"][1]["config"]["kernel_initializer"] = {**layer, "__passive_serialization__": True}
    write_h5(path, config)


@attack("h5", "structure")
def loader_as_layer(path: Path, bait: Bait) -> None:
    """The older loader calls whatever its module of layers holds by a name."""
    write_h5(path, {"class_name": "deserialize", "config": {"config": after_dense(lambda_layer({}))}})


@attack("h5", "files_written", "unsafe")
def user_block(path: Path, bait: Bait) -> None:
    """HDF5 that does not begin where the file does."""
    write_h5(path, after_dense(python_layer(payloads.writes(bait, "userblock"))))
    path.write_bytes(b"#!/bin/sh\n".ljust(512, b"\n") + path.read_bytes())


@attack("h5", "files_written", "unsafe")
def h5_before_archive(path: Path, bait: Bait) -> None:
    """HDF5 with an archive behind it."""
    write_keras(path)
    tail = path.read_bytes()
    path.unlink()
    write_h5(path, after_dense(python_layer(payloads.writes(bait, "polyglot_h5"))))
    path.write_bytes(path.read_bytes() + tail)


@attack("h5", "structure")
def archive_by_name_of_h5(path: Path, bait: Bait) -> None:
    write_keras(path, after_dense(python_layer(payloads.writes(bait, "renamed"))))


@attack("h5", "structure")
def references(path: Path, bait: Bait) -> None:
    """Weights that are references into other parts of the file."""
    write_h5(path)
    with h5py.File(path, "a") as file:
        del file[f"{OLD}/kernel"]
        made = file[OLD].create_dataset("kernel", (1, 1), h5py.ref_dtype)
        made[0, 0] = file.ref


@attack("h5", "structure", gate=False)
def names_that_climb(path: Path, bait: Bait) -> None:
    """Weights by names that lead out of their group."""
    write_h5(path)
    with h5py.File(path, "a") as file:
        layer = file["model_weights/dense"]
        layer.attrs["weight_names"] = [b"/model_weights/dense/dense/kernel", b"../../dense/dense/bias"]
