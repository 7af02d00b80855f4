"""Configurations whose layers and functions are Keras's own, and reach files or the network, or are too much."""

from __future__ import annotations

from tests.hostile import payloads
from tests.hostile.attack import Bait
from tests.hostile.attacks_code import both
from tests.hostile.crafts import (
    Config,
    after_dense,
    bytecode,
    dense,
    function,
    good_config,
    instance,
    lambda_layer,
    python_layer,
)

# Functions of Keras's own that reach files and the network


@both("code")
def load_model_in_lambda(bait: Bait) -> Config:
    layer = lambda_layer(function("keras.models", "load_model"), arguments={"safe_mode": False})
    return after_dense(layer, inputs=str(bait.secret / "evil.keras"))


@both("network")
def get_file_in_lambda(bait: Bait) -> Config:
    address = {"origin": f"http://127.0.0.1:{bait.port}/x", "cache_dir": str(bait.spot)}
    return after_dense(lambda_layer(function("keras.utils", "get_file"), arguments=address), inputs="x")


@both("code")
def safe_mode_off_in_lambda(bait: Bait) -> Config:
    config = after_dense(lambda_layer(function("keras.config", "enable_unsafe_deserialization")))
    more = {**python_layer(payloads.writes(bait, "unsafe"), name="last"), "name": "last", "inbound_nodes": []}
    config["config"]["layers"].append(more)
    return config


@both("network")
def dataset_in_lambda(bait: Bait) -> Config:
    layer = lambda_layer(function("keras.datasets.reuters", "get_word_index"))
    return after_dense(layer, inputs=str(bait.spot / "words.json"))


@both("files_written")
def plot_in_lambda(bait: Bait) -> Config:
    """`keras.visualization` saves a picture wherever a model wants; not here, since the predictor has no Matplotlib."""
    picture = {"class_name": "__numpy__", "config": {"value": [[[[0], [9]], [[9], [0]]]], "dtype": "uint8"}}
    layer = lambda_layer(
        function("keras.visualization", "plot_image_gallery"),
        arguments={"path": str(bait.spot / "plot.png"), "rows": 1, "cols": 1},
    )
    return after_dense(layer, inputs=picture)


@both("files_read", "here", "here")
def saved_model_in_lambda(bait: Bait) -> Config:
    """`TFSMLayer` refuses to come from a configuration in safe mode; its constructor does not."""
    return after_dense(lambda_layer(function("keras.layers", "TFSMLayer")), inputs=str(bait.secret / "model"))


@both("files_read", "here", "here")
def file_editor_in_lambda(bait: Bait) -> Config:
    layer = lambda_layer(function("keras.saving", "KerasFileEditor"))
    return after_dense(layer, inputs=str(bait.secret / "line.weights.h5"))


@both("files_read", "here", "here")
def folder_listing_in_lambda(bait: Bait) -> Config:
    layer = lambda_layer(
        function("keras._legacy.preprocessing.image", "DirectoryIterator"), arguments={"image_data_generator": None}
    )
    return after_dense(layer, inputs=str(bait.secret))


@both("files_read")
def application_in_lambda(bait: Bait) -> Config:
    weights = {"weights": str(bait.secret / "line.weights.h5"), "classes": 1000}
    return after_dense(lambda_layer(function("keras.applications", "MobileNetV2"), arguments=weights), inputs=None)


@both("files_read")
def function_in_arguments(bait: Bait) -> Config:
    """A function of Keras as an argument of an operation that calls it."""
    layer = instance("keras.src.ops.core", "Map", name="more")
    config = after_dense(layer)
    config["config"]["layers"][-1]["inbound_nodes"][0]["args"].insert(0, function("keras.saving", "KerasFileEditor"))
    return config


# Layers that hold programs, and layers that read files


@both("files_read", "unsafe", "unsafe")
def saved_model_layer(bait: Bait) -> Config:
    layer = instance("keras.layers", "TFSMLayer", filepath=str(bait.secret / "model"), call_endpoint="serving_default")
    return after_dense(layer)


@both("code")
def torch_module(bait: Bait) -> Config:
    pickled = "gASVIgAAAAAAAACMBXBvc2l4lIwGc3lzdGVtlJOUjAR0cnVllIWUUpQu"  # os.system("true")
    return after_dense(instance("keras.layers", "TorchModuleWrapper", module=pickled))


@both("code")
def jax_layer(bait: Bait) -> Config:
    code = bytecode(payloads.writes(bait, "jax"))["code"]
    return after_dense(
        instance("keras.layers", "JaxLayer", call_fn={"class_name": "__lambda__", "config": {"value": code}})
    )


@both("code")
def flax_layer(bait: Bait) -> Config:
    return after_dense(instance("keras.layers", "FlaxLayer", module=function("os", "system"), method="system"))


@both("files_read", "unsafe", "unsafe")
def string_lookup_of_file(bait: Bait) -> Config:
    return after_dense(instance("keras.layers", "StringLookup", vocabulary=str(bait.secret / "line.txt")))


@both("files_read")
def string_lookup_of_tensor(bait: Bait) -> Config:
    """A path that is dressed up as a tensor."""
    path = {"class_name": "__tensor__", "config": {"value": str(bait.secret / "line.txt"), "dtype": "string"}}
    return after_dense(instance("keras.layers", "StringLookup", vocabulary=path))


@both("files_read", "unsafe", "unsafe")
def integer_lookup_of_file(bait: Bait) -> Config:
    return after_dense(instance("keras.layers", "IntegerLookup", vocabulary=str(bait.secret / "numbers.txt")))


@both("files_read", "unsafe", "unsafe")
def text_vectorization_of_file(bait: Bait) -> Config:
    layer = instance("keras.layers", "TextVectorization", vocabulary=str(bait.secret / "line.txt"))
    layer["config"] |= {"standardize": "lower", "split": "whitespace", "ngrams": None, "output_mode": "int"}
    return after_dense(layer)


@both("network")
def string_lookup_of_address(bait: Bait) -> Config:
    address = f"http://127.0.0.1:{bait.port}/words.txt"
    return after_dense(instance("keras.layers", "StringLookup", vocabulary=address))


# Configurations that are too much


@both("resources")
def giant_dense(bait: Bait) -> Config:
    config = good_config()
    zeros = instance("keras.initializers", "Zeros")
    dense(config)["config"] |= {"units": 1_300_000_000, "kernel_initializer": zeros}
    return config


@both("structure")
def giant_number(bait: Bait) -> Config:
    config = good_config()
    dense(config)["config"]["units"] = 10**4000
    return config


@both("resources")
def giant_repeat(bait: Bait) -> Config:
    return after_dense(instance("keras.layers", "RepeatVector", n=2_000_000_000))


@both("structure")
def unknown_type(bait: Bait) -> Config:
    config = good_config()
    dense(config)["config"]["units"] = {"class_name": "__tensor__", "config": {"value": "x", "dtype": "resource"}}
    return config
