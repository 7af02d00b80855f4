"""Turns a `.h5` file of Keras 3 into one as Keras 2 wrote it: no modules, dtypes as text, nodes as lists."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import h5py

VERSION = "2.9.0"
_OURS = frozenset({"module", "registered_name", "build_config", "compile_config"})
_NEW_SETTINGS = frozenset({"optional", "quantization_config", "ragged", "synchronized", "renorm", "renorm_clipping",
                           "renorm_momentum", "build_input_shape", "input_axes", "output_axes", "seed"})  # fmt: skip


def as_keras_2(path: Path) -> None:
    """Rewrite the configuration of a saved model in place."""
    with h5py.File(path, "a") as file:
        config = json.loads(file.attrs["model_config"])
        file.attrs["keras_version"] = VERSION
        file.attrs["model_config"] = json.dumps(_old(config))


def _old(value: Any) -> Any:
    if isinstance(value, list):
        return [_old(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    if value.get("class_name") == "DTypePolicy":
        return value["config"]["name"]
    found = {key: _old(inner) for key, inner in value.items() if key not in _OURS | _NEW_SETTINGS}
    if "batch_shape" in found:
        found["batch_input_shape"] = found.pop("batch_shape")
    if "inbound_nodes" in value:
        found["inbound_nodes"] = [_node(node) for node in value["inbound_nodes"]]
    return found


def _node(node: dict[str, Any]) -> list[Any]:
    tensors = node["args"][0]
    tensors = [tensors] if isinstance(tensors, dict) else tensors
    return [[*tensor["config"]["keras_history"], {}] for tensor in tensors]
