"""Configurations that would have code run or names looked up, in `.keras` archives and in `.h5` files alike."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path

from tests.hostile import payloads
from tests.hostile.attack import ATTACKS, Attack, Bait, Format, Label, Works
from tests.hostile.crafts import (
    Config,
    after_dense,
    bytecode,
    dense,
    early_layer,
    function,
    good_config,
    instance,
    lambda_layer,
    python_layer,
    write_h5,
    write_keras,
)

MakeConfig = Callable[[Bait], Config]


def both(
    label: Label, keras: Works = "no", h5: Works = "no", *, stripped: bool = False
) -> Callable[[MakeConfig], MakeConfig]:
    """Put a configuration on the list twice: it works so in `.keras`, and so in `.h5`."""

    def add(make: MakeConfig) -> MakeConfig:
        name = make.__name__
        writers: tuple[tuple[Format, Works, Callable[[Path, Config], None]], ...]
        writers = ("keras", keras, write_keras), ("h5", h5, write_h5)
        for format, works, write in writers:

            def wrapped(path: Path, bait: Bait, write: Callable[[Path, Config], None] = write) -> None:
                write(path, copy.deepcopy(make(bait)))

            full = f"{name}_{format}"
            assert full not in ATTACKS, full
            ATTACKS[full] = Attack(full, format, label, wrapped, works, stripped)
        return make

    return add


# Marshalled Python code


@both("files_written", "unsafe", "unsafe")
def lambda_writes(bait: Bait) -> Config:
    return after_dense(python_layer(payloads.writes(bait, "lambda")))


@both("files_written", "unsafe", "unsafe")
def lambda_writes_when_loaded(bait: Bait) -> Config:
    return after_dense(early_layer(payloads.writes(bait, "early")))


@both("files_read", "unsafe", "unsafe")
def lambda_reads(bait: Bait) -> Config:
    return after_dense(python_layer(payloads.reads(bait.secret / "line.txt")))


@both("network", "unsafe", "unsafe")
def lambda_connects(bait: Bait) -> Config:
    return after_dense(python_layer(payloads.connects(bait)))


@both("processes", "unsafe", "unsafe")
def lambda_leaves_process(bait: Bait) -> Config:
    return after_dense(python_layer(payloads.leaves_process()))


@both("processes", "unsafe", "unsafe")
def lambda_forks(bait: Bait) -> Config:
    return after_dense(python_layer(payloads.forks(20)))


@both("processes")
def lambda_kills_parent(bait: Bait) -> Config:
    return after_dense(python_layer(payloads.kills_parent()))


@both("resources")
def lambda_fills_tmp(bait: Bait) -> Config:
    return after_dense(python_layer(payloads.fills_tmp(256)))


@both("code")
def lambda_floods_frames(bait: Bait) -> Config:
    return after_dense(python_layer(payloads.floods_frames()))


@both("code")
def lambda_forges_answer(bait: Bait) -> Config:
    return after_dense(python_layer(payloads.forges_answer()))


@both("files_written", "unsafe", "unsafe")
def lambda_in_output_shape(bait: Bait) -> Config:
    shape = {"class_name": "__lambda__", "config": bytecode(payloads.writes(bait, "output_shape"))}
    layer = lambda_layer(function("keras.activations", "relu"), output_shape=shape)
    return after_dense(layer)


@both("files_written", "unsafe", "unsafe")
def lambda_in_wrapper(bait: Bait) -> Config:
    inner = python_layer(payloads.writes(bait, "wrapped"))
    layers = [
        instance("keras.layers", "InputLayer", batch_shape=[None, 1], dtype="float32", name="in"),
        instance("keras.layers", "Reshape", target_shape=[1, 1]),
        instance("keras.layers", "TimeDistributed", layer=inner),
        instance("keras.layers", "Reshape", target_shape=[1]),
    ]
    return after_dense(instance("keras", "Sequential", name="more", layers=layers))


@both("files_written", "unsafe", "unsafe")
def lambda_in_pipeline(bait: Bait) -> Config:
    inner = python_layer(payloads.writes(bait, "pipeline"))
    return after_dense(instance("keras.layers", "Pipeline", layers=[inner]))


@both("files_written", "unsafe", "unsafe")
def lambda_by_inner_name(bait: Bait) -> Config:
    """The class by the module that it is written in."""
    layer = python_layer(payloads.writes(bait, "inner_name"))
    return after_dense({**layer, "module": "keras.src.layers.core.lambda_layer"})


@both("files_written", "unsafe", "unsafe")
def lambda_by_other_module(bait: Bait) -> Config:
    """The class by a module that imports it."""
    layer = python_layer(payloads.writes(bait, "other_module"))
    return after_dense({**layer, "module": "keras._tf_keras.keras.layers"})


@both("files_written", "unsafe", "unsafe")
def lambda_in_nested_model(bait: Bait) -> Config:
    layers = [instance("keras.layers", "InputLayer", batch_shape=[None, 1], dtype="float32", name="in")]
    inner = python_layer(payloads.writes(bait, "nested"))
    return after_dense(instance("keras", "Sequential", name="more", layers=[*layers, inner]))


@both("code", "unsafe", "unsafe")
def bytecode_as_activation(bait: Bait) -> Config:
    config = good_config()
    code = bytecode(payloads.writes(bait, "activation"))["code"]
    dense(config)["config"]["activation"] = {"class_name": "__lambda__", "config": {"value": code}}
    return config


# Names of any module


@both("code")
def os_system_in_lambda(bait: Bait) -> Config:
    return after_dense(lambda_layer(function("os", "system")), inputs=f"touch {bait.spot / 'system'}")


@both("code")
def popen_as_layer(bait: Bait) -> Config:
    return after_dense(instance("subprocess", "Popen", args=["touch", str(bait.spot / "popen")]))


@both("code")
def eval_as_activation(bait: Bait) -> Config:
    config = good_config()
    dense(config)["config"]["activation"] = function("builtins", "eval")
    return config


@both("files_read")
def numpy_load_as_initializer(bait: Bait) -> Config:
    config = good_config()
    load = instance("numpy", "load", file=str(bait.secret / "line.bin"), allow_pickle=True)
    dense(config)["config"]["kernel_initializer"] = load
    return config


@both("code")
def system_as_regularizer(bait: Bait) -> Config:
    config = good_config()
    dense(config)["config"]["kernel_regularizer"] = function("os", "system")
    return config


@both("code")
def system_as_constraint(bait: Bait) -> Config:
    config = good_config()
    dense(config)["config"]["bias_constraint"] = function("os", "system")
    return config


@both("code")
def popen_as_dtype_policy(bait: Bait) -> Config:
    config = good_config()
    dense(config)["config"]["dtype"] = instance("subprocess", "Popen", args=["touch", str(bait.spot / "policy")])
    return config


@both("code")
def popen_in_build_config(bait: Bait) -> Config:
    config = good_config()
    made = instance("subprocess", "Popen", args=["touch", str(bait.spot / "build")])
    dense(config)["build_config"] = {"input_shape": made}
    return config


@both("code")
def popen_in_arguments(bait: Bait) -> Config:
    config = good_config()
    node = dense(config)["inbound_nodes"][0]
    node["kwargs"] = {"training": instance("subprocess", "Popen", args=["touch", str(bait.spot / "arguments")])}
    return config


@both("code", stripped=True)
def nested_compile_config(bait: Bait) -> Config:
    compiled = {
        "optimizer": instance("subprocess", "Popen", args=["touch", str(bait.spot / "optimizer")]),
        "loss": function("os", "system"),
        "metrics": [function("builtins", "eval")],
    }
    layers = [instance("keras.layers", "InputLayer", batch_shape=[None, 1], dtype="float32", name="in")]
    inner = instance("keras", "Sequential", name="more", layers=layers)
    return after_dense({**inner, "compile_config": compiled})


@both("code")
def type_spec_of_any_module(bait: Bait) -> Config:
    config = good_config()
    spec = {"class_name": "__typespec__", "spec_name": "Popen", "module": "subprocess", "registered_name": None}
    dense(config)["config"]["activation"] = {**spec, "config": [["touch", str(bait.spot / "spec")]]}
    return config
