"""How many weights a configuration claims at least, to be compared with how many the file holds."""

from __future__ import annotations

import math
from typing import Any

from mockexam.grading.predictor.gate.classes import names

SLACK_TIMES = 8
"""A 4-bit model stores two weights a byte, and an adapter (LoRA) adds its own: claims this many times larger pass."""
SLACK = 2**20
_GATES = {"LSTM": 4, "GRU": 3, "SimpleRNN": 1, "LSTMCell": 4, "GRUCell": 3, "SimpleRNNCell": 1}
_TABLES = (("input_dim", "output_dim"), ("num_heads", "key_dim"), ("num_query_heads", "head_dim"))
"""Settings whose product is a weight's size."""
_WIDTHS = ("units", "filters", "output_dim")
_SAME_WIDTH = names(
    "Activation BatchNormalization Dropout ELU GaussianDropout GaussianNoise Identity LayerNormalization "
    "LeakyReLU Masking ReLU RepeatVector Softmax SpatialDropout1D SpatialDropout2D"
)


def exceeds(config: dict[str, Any], stored: int) -> bool:
    """Whether a model claims far more weights than the `stored` numbers of its file."""
    return claimed(config) > SLACK_TIMES * stored + SLACK


def claimed(config: dict[str, Any]) -> int:
    """A lower bound of a model's weights: what a configuration leaves open counts as 1."""
    return _total(config, set(), 1)


def _total(value: Any, seen: set[Any], width: int) -> int:
    """The weights of a part and of all inside it. `width` is the last axis of what flows in, as far as known."""
    if isinstance(value, list):
        return _chain(value, seen)
    if not isinstance(value, dict):
        return 0
    shared = value.get("shared_object_id")
    if isinstance(shared, int | str):
        if shared in seen:
            return 0
        seen.add(shared)
    own = _own(value, width) if isinstance(value.get("config"), dict) else 0
    # A compile config is never run, so nothing in it has been looked at: it may be of any form.
    parts = (inner for key, inner in value.items() if key != "compile_config" and isinstance(inner, dict | list))
    return own + sum(_total(inner, seen, 1) for inner in parts)


def _chain(values: list[Any], seen: set[Any]) -> int:
    """Layers one after the other, where each takes what the one before gives; in a graph each may take any."""
    total, width = 0, 1
    for value in values:
        if isinstance(value, dict | list):
            total += _total(value, seen, 1 if isinstance(value, dict) and value.get("inbound_nodes") else width)
            width = _width(value, width)
    return total


def _width(value: Any, before: int) -> int:
    if not isinstance(value, dict) or not isinstance(value.get("config"), dict):
        return 1
    config = value["config"]
    for key in _WIDTHS:
        if isinstance(config.get(key), int):
            return max(config[key], 1)
    shape = config.get("batch_shape") or config.get("batch_input_shape") or config.get("target_shape")
    if shape:
        return _last(shape)
    return before if value.get("class_name") in _SAME_WIDTH else 1


def _own(value: dict[str, Any], width: int) -> int:
    name, config = value.get("class_name"), value["config"]
    built = value.get("build_config")
    takes = _last(built.get("input_shape")) if isinstance(built, dict) and built.get("input_shape") else width
    if config.get("data_format") == "channels_first":
        takes = 1
    units, filters = _size(config.get("units")), _size(config.get("filters"))
    kernel = _product(config.get("kernel_size"))
    if name in _GATES:
        return _GATES[name] * units * (units + takes)
    if "units" in config:
        return units * takes + (_size(config["lora_rank"]) * (units + takes) if "lora_rank" in config else 0)
    if str(name).startswith(("Depthwise", "Separable")):
        return kernel * takes * _size(config.get("depth_multiplier")) + filters * takes
    if "filters" in config:
        return filters * max(takes // _size(config.get("groups")), 1) * kernel
    for first, second in _TABLES:
        if first in config and second in config:
            return _size(config[first]) * _size(config[second])
    return _product(config["output_shape"]) if name == "EinsumDense" and config.get("output_shape") else 0


def _size(value: Any) -> int:
    return max(value, 1) if isinstance(value, int) else 1


def _product(value: Any) -> int:
    return math.prod(_size(axis) for axis in value) if isinstance(value, list) else _size(value)


def _last(shape: Any) -> int:
    return _size(shape[-1]) if isinstance(shape, list) and shape else 1
