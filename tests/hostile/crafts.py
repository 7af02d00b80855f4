"""Takes honest models apart and puts them together again, with other parts."""

from __future__ import annotations

import io
import json
import os
import zipfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import h5py
import numpy as np
import tensorflow as tf
from keras.src.utils import python_utils

KERNEL, BIAS = [[2.0]], [1.0]
"""Weights that earn full marks: what an attack predicts must be distinguishable from what it should be given."""
Config = dict[str, Any]


def good_model() -> Any:
    """A functional model whose answer is the true line."""
    entry = tf.keras.Input((1,), name="entry")
    model = tf.keras.Model(entry, tf.keras.layers.Dense(1, name="dense")(entry), name="line")
    model.set_weights([np.array(KERNEL), np.array(BIAS)])
    return model


@cache
def _parts() -> Mapping[str, bytes]:
    whole = io.BytesIO()
    path = Path(os.environ.get("TMPDIR", "/tmp")) / f"craft-{os.getpid()}.keras"
    good_model().save(path)
    whole.write(path.read_bytes())
    path.unlink()
    with zipfile.ZipFile(whole) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def good_parts() -> dict[str, bytes]:
    """The members of an honest `.keras` archive."""
    return dict(_parts())


def good_config() -> Config:
    """Its `config.json`."""
    config: Config = json.loads(good_parts()["config.json"])
    return config


def dense(config: Config) -> Config:
    """The Dense layer's part of the honest configuration."""
    layer: Config = config["config"]["layers"][1]
    return layer


def write_archive(path: Path, members: Mapping[str, bytes]) -> None:
    """A zip archive of these members, not compressed, as Keras writes it."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)


def write_keras(path: Path, config: Config | None = None, **members: bytes) -> None:
    """An archive like the honest one, with another configuration and further members."""
    parts = good_parts() | members
    if config is not None:
        parts["config.json"] = json.dumps(config).encode()
    write_archive(path, parts)


def keras_config(model_config: Config) -> Config:
    """The same configuration, in an attribute of an `.h5` file."""
    return {name: model_config[name] for name in ("class_name", "config")}


def write_h5(path: Path, config: Config | None = None) -> None:
    """An honest `.h5` file, with another configuration."""
    with h5py.File(path, "w") as file:
        file.attrs["keras_version"], file.attrs["backend"] = "3.15.1", "tensorflow"
        file.attrs["model_config"] = json.dumps(keras_config(config or good_config()))
        weights = file.create_group("model_weights")
        weights.attrs["layer_names"] = [b"entry", b"dense"]
        weights.attrs["backend"], weights.attrs["keras_version"] = "tensorflow", "3.15.1"
        weights.create_group("entry").attrs["weight_names"] = np.array([], "S1")
        layer = weights.create_group("dense")
        layer.attrs["weight_names"] = [b"dense/kernel", b"dense/bias"]
        layer["dense/kernel"] = np.array(KERNEL, np.float32)
        layer["dense/bias"] = np.array(BIAS, np.float32)


def bytecode(source: str) -> Config:
    """A Python lambda as Keras stores one: marshalled."""
    code, defaults, closure = python_utils.func_dump(eval(source))
    return {"code": code, "defaults": defaults, "closure": closure}


def function(module: str, name: str) -> Config:
    """A function as a configuration names it."""
    return {"module": module, "class_name": "function", "config": name, "registered_name": name}


def instance(module: str, name: str, /, **config: Any) -> Config:
    """An object as a configuration names it."""
    return {"module": module, "class_name": name, "config": config, "registered_name": None}


def after_dense(layer: Config, **keywords: Any) -> Config:
    """The honest model with one layer more, called with the Dense layer's answer (or `inputs`) and keywords."""
    config = good_config()
    name = layer["config"].setdefault("name", "more")
    tensor = {
        "class_name": "__keras_tensor__",
        "config": {"shape": [None, 1], "dtype": "float32", "keras_history": ["dense", 0, 0]},
    }
    called = {"args": [], "kwargs": keywords} if "inputs" in keywords else {"args": [tensor], "kwargs": keywords}
    config["config"]["layers"].append({**layer, "name": name, "inbound_nodes": [called]})
    if "inputs" not in keywords:
        config["config"]["output_layers"] = [[name, 0, 0]]
    return config


def lambda_layer(fn: Config, **more: Any) -> Config:
    """A Lambda layer around a function's configuration."""
    config = {"name": "more", "trainable": True, "dtype": "float32", "function": fn, "output_shape": [1], **more}
    return {"module": "keras.layers", "class_name": "Lambda", "config": config, "registered_name": None}


def python_layer(source: str, **more: Any) -> Config:
    """A Lambda layer with marshalled Python code, which runs when the model predicts."""
    return lambda_layer({"class_name": "__lambda__", "config": bytecode(source)}, **more)


def early_layer(source: str) -> Config:
    """The same without a shape of its answer: it runs when the model is loaded, for Keras to learn the shape."""
    layer = python_layer(source)
    del layer["config"]["output_shape"]
    return layer
