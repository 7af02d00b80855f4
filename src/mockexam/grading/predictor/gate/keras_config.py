"""Checks a Keras configuration: what it names, how large it is, and how many weights it declares."""

from __future__ import annotations

import json
import math
from typing import Any

from mockexam.grading.predictor.gate import GateRefusal, classes
from mockexam.grading.predictor.gate.classes import AllowList, kind_of, names
from mockexam.grading.predictor.gate.keras2_classes import KERAS_2, V1_PREFIX, public_module

MAX_BYTES = 32 * 2**20
MAX_DEPTH = 100
MAX_VALUES = 2_000_000
MAX_CONTAINERS = 500_000  # objects and lists, counted before Python allocates a hundred bytes for each
MAX_OBJECTS = 50_000
MAX_NUMBER = 2**64
MAX_SIZE = 2**24  # the largest single axis, width or count
MAX_ELEMENTS = 2**25  # the largest product of a shape
_DTYPES = names(
    "bool string float16 float32 float64 bfloat16 float8_e4m3fn float8_e5m2 int4 int8 int16 int32 int64 uint8 uint16 "
    "uint32 uint64 complex64 complex128"
)
_SIZE_KEYS = names(
    "amax_history_length block_size gptq_unpacked_column_size group_size batch_input_shape batch_shape "
    "build_input_shape cropping depth_multiplier dilation_rate fft_length filters frame_length groups head_dim height "
    "input_dim kernel_size key_dim lora_rank max_tokens n newshape num num_classes num_heads num_key_value_heads "
    "num_mel_bins num_query_heads num_tokens output_dim output_padding output_sequence_length output_size pad_width "
    "padding pool_size projection_dim repeats reps sequence_length size strides units value_dim vocabulary_size width"
)
_PATH_KEYS = names("vocabulary idf_weights bin_boundaries filepath filename path file url")
"""Keys under which a string would be a file or an address."""
_ENTRY = "entry"  # stands for the key of a list's entries
_FREE_KEYS = frozenset({"name", "oov_token", "mask_token", _ENTRY})  # keys under which a string is plain text
_LOOKED_UP = (
    ("activation", classes.ACTIVATIONS),
    ("initializer", classes.INITIALIZERS),
    ("regularizer", classes.REGULARIZERS),
    ("constraint", classes.CONSTRAINTS),
)
"""Endings of keys under which Keras looks a string up as a function or class."""
_WHERE = "the model's configuration"


def read(data: bytes | str) -> dict[str, Any]:
    """A configuration from JSON. Raises GateRefusal if it is too long, too deep, ambiguous or not one."""
    if len(data) > MAX_BYTES:
        raise GateRefusal("too_big", f"a configuration of {len(data) >> 20} MB", _WHERE)
    text = data if isinstance(data, str) else data.decode("latin-1")
    if text.count("{") + text.count("[") > MAX_CONTAINERS:
        raise GateRefusal("too_big", "too many values", _WHERE)
    try:
        found = json.loads(data, object_pairs_hook=_unique)
    except RecursionError:
        raise GateRefusal("too_big", "values nested without end", _WHERE) from None
    except ValueError:  # no JSON, no UTF-8, or a number of thousands of digits
        raise GateRefusal("damaged", "a configuration that is no JSON", _WHERE) from None
    if not isinstance(found, dict):
        raise GateRefusal("damaged", "a configuration that is no object", _WHERE)
    return found


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise GateRefusal("damaged", "a configuration with a duplicate key", _WHERE)
    return found


def adapt(value: Any, keras: int, *, inner: bool = False) -> None:
    """Remove all compile configs, in place, and give a checked configuration of Keras 3 its present form.

    The contents of compile configs are unchecked and may be too deep to walk.
    """
    if isinstance(value, dict):
        value.pop("compile_config", None)
        if keras == 3:
            _renew(value, inner=inner)
    for part in value.values() if isinstance(value, dict) else value:
        if isinstance(part, dict | list):
            adapt(part, keras, inner=True)


def _renew(value: dict[str, Any], *, inner: bool) -> None:
    for key in _old_parts(value, inner=inner):
        if key == "value_range":
            del value["config"][key]
        else:
            (value["config"][key],) = value["config"][key]


def _old_parts(value: dict[str, Any], *, inner: bool) -> list[str]:
    """The keys of an object's `config` that an earlier Keras 3 wrote in another form; `inner` if it is in a model."""
    config = value.get("config")
    if not isinstance(config, dict):
        return []
    if value.get("class_name") == "RandomRotation":
        return ["value_range"] if "value_range" in config else []  # it was never used
    if not inner or value.get("class_name") != "Functional":
        return []
    # Until 3.8 one tensor was a list of one; an inner model would now take that for a list of tensors.
    parts = {key: config.get(key) for key in ("input_layers", "output_layers")}
    return [
        key for key, part in parts.items() if isinstance(part, list) and len(part) == 1 and isinstance(part[0], list)
    ]


def check_config(config: dict[str, Any], keras: int = 3) -> bool:
    """Check a model's configuration, except for its own compile config, which Keras drops. Raises GateRefusal.

    `keras` is the major version of the Keras that will load it.
    Returns whether it must be loaded as `adapt` changes it: Keras would run the compile config of an inner model even
    with compile=False, and an earlier Keras 3 wrote some things in another form.
    """
    if not isinstance(config.get("class_name"), str):
        raise GateRefusal("damaged", "a configuration of no model", _WHERE)
    walk = _ConfigWalk(KERAS_2 if keras == 2 else classes.KERAS_3)
    walk.object({key: value for key, value in config.items() if key != "compile_config"}, "", 0)
    return walk.must_adapt


class _ConfigWalk:
    def __init__(self, allowed: AllowList) -> None:
        self.must_adapt = False
        self._allowed = allowed
        self._values = 0
        self._objects = 0

    def _any(self, value: Any, key: str, where: str, depth: int) -> None:
        self._values += 1
        if depth > MAX_DEPTH or self._values > MAX_VALUES:
            raise GateRefusal("too_big", "values nested too deep" if depth > MAX_DEPTH else "too many values", where)
        if isinstance(value, str):
            _check_text(value, key, where)
        elif isinstance(value, dict):
            if key in _PATH_KEYS:
                raise GateRefusal("path", "words that are no list", where)
            if "class_name" in value:
                self.object(value, where, depth)
            else:
                self._values_of(value, where, depth)
        elif isinstance(value, list):
            _check_shape(value, key, where)
            inside = key if _is_size(key) else _ENTRY
            for inner in value:
                self._any(inner, inside, where, depth + 1)
        elif isinstance(value, int | float):
            _check_number(value, key, where)

    def _values_of(self, value: dict[str, Any], where: str, depth: int) -> None:
        for key, inner in value.items():
            if inner is not None and inner is not True and inner is not False:
                self._any(inner, key, where, depth + 1)

    def object(self, value: dict[str, Any], where: str, depth: int) -> None:
        self._objects += 1
        if self._objects > MAX_OBJECTS:
            raise GateRefusal("too_big", f"more than {MAX_OBJECTS} layers and other parts", where)
        name, module, config = value["class_name"], value.get("module"), value.get("config")
        inner = value.get("name") or (config.get("name") if isinstance(config, dict) else None)
        where = f"layer '{inner}'" if isinstance(inner, str) else where
        if not isinstance(name, str) or not isinstance(module, str | None):
            raise GateRefusal("damaged", "a class that is named by no text", where)
        if module is not None and self._allowed is KERAS_2:
            module = public_module(module)
        if name == "function":
            _check_function(module, config, value, where)
        elif name in {"__tensor__", "__numpy__"}:
            dtype = config.get("dtype") if isinstance(config, dict) else None
            if not (isinstance(dtype, str) and dtype in _DTYPES):
                raise GateRefusal("other_class", f"an array of kind {dtype}", where)
        elif name not in classes.PLAIN_VALUES:
            _check_class(name, module, value, where, self._allowed)
        if value.get("compile_config"):
            self.must_adapt = True
            value = {key: inner for key, inner in value.items() if key != "compile_config"}
        self.must_adapt |= self._allowed is not KERAS_2 and bool(_old_parts(value, inner=depth > 0))
        self._values_of(value, where, depth)


def _check_class(name: str, module: str | None, value: dict[str, Any], where: str, allowed: AllowList) -> None:
    if name in allowed.refused:
        raise GateRefusal(allowed.refused[name], name, where)
    registered = value.get("registered_name")  # Keras may look the class up under this one
    if registered not in (None, name) or not allowed.is_known(module, name):
        package = registered if isinstance(registered, str) and ">" in registered else ""
        raise GateRefusal(*kind_of(module, package, name), where)
    if "module" not in value and name in allowed.operations:
        raise GateRefusal("h5_operation", name, where)
    if name in classes.CALLING_LAYERS:
        config = value.get("config")
        function = config.get("function") if isinstance(config, dict) else None
        if not isinstance(function, str) or function.removeprefix(V1_PREFIX) not in allowed.functions:
            raise GateRefusal("tensorflow_function", f"tf.{function}", where)


def _check_function(module: str | None, name: Any, value: dict[str, Any], where: str) -> None:
    known = isinstance(name, str) and module in classes.FUNCTION_MODULES and name in classes.ACTIVATIONS
    if not known or value.get("registered_name") not in (None, "function", name):
        raise GateRefusal("own_function", name if isinstance(name, str) else "", where)


def _check_text(value: str, key: str, where: str) -> None:
    if key in _PATH_KEYS or (key not in _FREE_KEYS and "://" in value):
        raise GateRefusal("path", value, where)
    for ending, known in _LOOKED_UP:
        if key.endswith(ending) and value not in known:
            raise GateRefusal("own_function", value, where)


def _is_size(key: str) -> bool:
    return key in _SIZE_KEYS or key.endswith("shape")


def _check_number(value: float, key: str, where: str) -> None:
    too_big = abs(value) > MAX_SIZE if _is_size(key) else isinstance(value, int) and abs(value) > MAX_NUMBER
    if too_big:
        raise GateRefusal("size", f"{key} = {value:.3g}" if abs(value) < 10**300 else key, where)


def _check_shape(value: list[Any], key: str, where: str) -> None:
    if not _is_size(key):
        return
    product = 1
    for axis in value:
        product *= max(abs(axis), 1) if isinstance(axis, int) else 1
        if product > MAX_ELEMENTS:
            raise GateRefusal("size", f"{key} = {value[:8]}", where)


SLACK_TIMES = 8
"""A 4-bit model stores two weights a byte, and an adapter (LoRA) adds its own: as many times more weights may be
declared than stored."""
SLACK = 2**20
_GATES = {"LSTM": 4, "GRU": 3, "SimpleRNN": 1, "LSTMCell": 4, "GRUCell": 3, "SimpleRNNCell": 1}
_TABLES = (("input_dim", "output_dim"), ("num_heads", "key_dim"), ("num_query_heads", "head_dim"))
"""Settings whose product is a weight's size."""
_WIDTHS = ("units", "filters", "output_dim")
_SAME_WIDTH = names(
    "Activation BatchNormalization Dropout ELU GaussianDropout GaussianNoise Identity LayerNormalization LeakyReLU "
    "Masking ReLU RepeatVector Softmax SpatialDropout1D SpatialDropout2D"
)


def check_declared_weights(config: dict[str, Any], stored: int) -> None:
    """Raises GateRefusal if a model declares far more weights than the `stored` numbers of its file."""
    declared = _declared_weights(config, set(), 1)
    if declared > SLACK_TIMES * stored + SLACK:
        raise GateRefusal("claims", f"at least {declared:,} weights, {stored:,} of them stored")


def _declared_weights(value: Any, seen: set[Any], width: int) -> int:
    """A lower bound of the weights in a part and all inside it: what a configuration leaves open counts as 1.

    `width` is the last axis of the input, as far as it is known; `seen` holds the shared objects counted so far.
    """
    if isinstance(value, list):
        return _chain_weights(value, seen)
    if not isinstance(value, dict):
        return 0
    shared = value.get("shared_object_id")
    if isinstance(shared, int | str):
        if shared in seen:
            return 0
        seen.add(shared)
    own = _layer_weights(value, width) if isinstance(value.get("config"), dict) else 0
    # A compile config never runs, so nothing in it has been checked: it may have any form.
    parts = (inner for key, inner in value.items() if key != "compile_config" and isinstance(inner, dict | list))
    return own + sum(_declared_weights(inner, seen, 1) for inner in parts)


def _chain_weights(values: list[Any], seen: set[Any]) -> int:
    """The weights of layers in a row, where each takes the previous one's output; in a graph each may take any."""
    total, width = 0, 1
    for value in values:
        if isinstance(value, dict | list):
            in_graph = isinstance(value, dict) and value.get("inbound_nodes")
            total += _declared_weights(value, seen, 1 if in_graph else width)
            width = _output_width(value, width)
    return total


def _output_width(value: Any, input_width: int) -> int:
    if not isinstance(value, dict) or not isinstance(value.get("config"), dict):
        return 1
    config = value["config"]
    for key in _WIDTHS:
        if isinstance(config.get(key), int):
            return max(config[key], 1)
    shape = config.get("batch_shape") or config.get("batch_input_shape") or config.get("target_shape")
    if shape:
        return _last_axis(shape)
    return input_width if value.get("class_name") in _SAME_WIDTH else 1


def _layer_weights(value: dict[str, Any], width: int) -> int:
    name, config = value.get("class_name"), value["config"]
    built = value.get("build_config")
    inputs = _last_axis(built.get("input_shape")) if isinstance(built, dict) and built.get("input_shape") else width
    if config.get("data_format") == "channels_first":
        inputs = 1
    units, filters = _size(config.get("units")), _size(config.get("filters"))
    kernel = _product(config.get("kernel_size"))
    if name in _GATES:
        return _GATES[name] * units * (units + inputs)
    if "units" in config:
        return units * inputs + (_size(config["lora_rank"]) * (units + inputs) if "lora_rank" in config else 0)
    if str(name).startswith(("Depthwise", "Separable")):
        return kernel * inputs * _size(config.get("depth_multiplier")) + filters * inputs
    if "filters" in config:
        return filters * max(inputs // _size(config.get("groups")), 1) * kernel
    for first, second in _TABLES:
        if first in config and second in config:
            return _size(config[first]) * _size(config[second])
    return _product(config["output_shape"]) if name == "EinsumDense" and config.get("output_shape") else 0


def _size(value: Any) -> int:
    return max(value, 1) if isinstance(value, int) else 1


def _product(value: Any) -> int:
    return math.prod(_size(axis) for axis in value) if isinstance(value, list) else _size(value)


def _last_axis(shape: Any) -> int:
    return _size(shape[-1]) if isinstance(shape, list) and shape else 1
