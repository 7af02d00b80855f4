"""SavedModels whose protocol buffers, folders, answers or appetite are the attack."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import tensorflow as tf
from google.protobuf import text_format  # type: ignore[import-untyped,unused-ignore]
from tensorflow.core.protobuf import saved_model_pb2

from tests.hostile import payloads
from tests.hostile.attack import Bait, attack
from tests.hostile.crafts import after_dense, good_parts, python_layer
from tests.hostile.serving import body, edit, graph, line, save, save_doing

raw = tf.raw_ops
FLOATS = 1_400_000_000
"""5.6 GB: over the grader's limit on memory, under what a machine of tests has."""


def _honest(path: Path) -> None:
    save(path, line)


def _evil(path: Path, bait: Bait, name: str) -> None:
    save_doing(path, lambda: tf.io.write_file(str(bait.spot / name), "x"))


# Protocol buffers


@attack("saved_model", "resources")
def giant_constant(path: Path, bait: Bait) -> None:
    """One number, declared as a tensor of gigabytes."""
    save(path, lambda x: line(x) + tf.reduce_max(tf.constant(7.0, shape=[3])))
    edit(path, _blow_up)


@attack("saved_model", "resources")
def giant_saved_constant(path: Path, bait: Bait) -> None:
    """The same beside the functions, where it is made when the model is loaded."""
    module = tf.Module()
    module.many = tf.constant(7.0, shape=[3])
    save(path, lambda x: line(x) + 0 * tf.reduce_max(module.many), module)
    edit(path, _blow_up)


def _blow_up(model: Any) -> None:
    """Declare constants of sevens larger than they are."""
    functions = [node for function in graph(model).library.function for node in function.node_def]
    found = 0
    for node in [*graph(model).node, *functions]:
        node.attr.pop("_output_shapes", None)
        tensor = node.attr["value"].tensor if node.op == "Const" else None
        if tensor is not None and list(tf.make_ndarray(tensor).ravel()) == [7.0] * 3:
            tensor.Clear()
            tensor.dtype, tensor.float_val[:] = tf.float32.as_datatype_enum, [7.0]
            tensor.tensor_shape.dim.add(size=FLOATS)
            found += 1
    assert found


@attack("saved_model", "structure")
def resource_constant(path: Path, bait: Bait) -> None:
    """A handle to a resource, forged as a constant: it names what it likes."""

    def call(x: Any) -> Any:
        table = raw.HashTableV2(key_dtype=tf.string, value_dtype=tf.int64)
        return line(x) + 0 * tf.cast(raw.LookupTableSizeV2(table_handle=table), tf.float32)

    save(path, call)

    def change(model: Any) -> None:
        for node in body(model).node_def:
            if node.op == "HashTableV2":
                node.op = "Const"
                node.attr.clear()
                node.attr["dtype"].type = tf.resource.as_datatype_enum
                tensor = node.attr["value"].tensor
                tensor.dtype = tf.resource.as_datatype_enum
                tensor.tensor_shape.SetInParent()
                tensor.resource_handle_val.add(
                    device="/job:localhost/replica:0/task:0/device:CPU:0", name="anything", container="localhost"
                )

    edit(path, change)


@attack("saved_model", "resources", gate=False, lasting=True)
def giant_fill(path: Path, bait: Bait) -> None:
    save(path, lambda x: line(x) + 0 * tf.reduce_sum(tf.fill([FLOATS], tf.reduce_max(x))))


@attack("saved_model", "structure")
def giant_variable(path: Path, bait: Bait) -> None:
    """A variable that declares another shape than the checkpoint has."""
    module = tf.Module()
    module.weight = tf.Variable(tf.ones([3]))
    save(path, lambda x: line(x) + 0 * tf.reduce_sum(module.weight), module)

    def change(model: Any) -> None:
        for node in model.meta_graphs[0].object_graph_def.nodes:
            if node.HasField("variable"):
                node.variable.shape.dim[0].size = 1 << 40

    edit(path, change)


@attack("saved_model", "structure")
def recursion(path: Path, bait: Bait) -> None:
    """A function that calls itself."""
    save(path, line)

    def change(model: Any) -> None:
        function = body(model)
        node = function.node_def[0]
        call = function.node_def.add(name="again", op="PartitionedCall", input=[node.input[0]] if node.input else [])
        call.input[:] = [function.signature.input_arg[0].name]
        call.attr["f"].func.name = function.signature.name
        call.attr["Tin"].list.type.append(1)
        call.attr["Tout"].list.type.append(1)
        call.attr["config_proto"].s = b""
        function.ret[function.signature.output_arg[0].name] = "again:output:0"

    edit(path, change)


@attack("saved_model", "structure")
def mutual_recursion(path: Path, bait: Bait) -> None:
    """Two functions that call each other twice: 2^n calls."""
    recursion(path, bait)

    def change(model: Any) -> None:
        function = body(model)
        other = graph(model).library.function.add()
        other.CopyFrom(function)
        other.signature.name = "__inference_other_1"
        for one, two in ((function, "__inference_other_1"), (other, function.signature.name)):
            for node in one.node_def:
                if node.name == "again":
                    node.attr["f"].func.name = two

    edit(path, change)


@attack("saved_model", "structure")
def unknown_operation(path: Path, bait: Bait) -> None:
    _honest(path)
    edit(path, lambda model: body(model).node_def.add(name="u", op="EatMyShorts"))


@attack("saved_model", "structure")
def unknown_function(path: Path, bait: Bait) -> None:
    _honest(path)

    def change(model: Any) -> None:
        node = body(model).node_def.add(name="u", op="StatefulPartitionedCall")
        node.attr["f"].func.name = "nowhere"
        node.attr["Tin"].list.SetInParent()
        node.attr["Tout"].list.SetInParent()

    edit(path, change)


@attack("saved_model", "files_written", "here")
def text_form(path: Path, bait: Bait) -> None:
    """The same as text, which TensorFlow reads too."""
    _evil(path, bait, "pbtxt")
    model = saved_model_pb2.SavedModel()
    model.ParseFromString((path / "saved_model.pb").read_bytes())
    (path / "saved_model.pbtxt").write_text(text_format.MessageToString(model))
    (path / "saved_model.pb").unlink()


@attack("saved_model", "structure")
def two_graphs(path: Path, bait: Bait) -> None:
    """An honest graph and a second, evil one."""
    _evil(path, bait, "second_graph")
    evil = saved_model_pb2.SavedModel()
    evil.ParseFromString((path / "saved_model.pb").read_bytes())
    (path / "saved_model.pb").unlink()
    _honest(path)

    def change(model: Any) -> None:
        model.meta_graphs.add().CopyFrom(evil.meta_graphs[0])
        model.meta_graphs[1].meta_info_def.tags[:] = ["train"]

    edit(path, change)


@attack("saved_model", "structure")
def deep_message(path: Path, bait: Bait) -> None:
    """A structure in a structure, 5,000 deep: the answer's, of a function."""
    _honest(path)
    inner = b""
    for _ in range(5000):  # list_value of StructuredValue, values of ListValue
        inner = _field(51, _field(1, inner))
    model = saved_model_pb2.SavedModel()
    model.ParseFromString((path / "saved_model.pb").read_bytes())
    function = _field(1, b"deep") + _field(2, _field(4, inner))  # an entry of concrete_functions: output_signature
    first = model.meta_graphs[0].SerializeToString() + _field(7, _field(2, function))
    (path / "saved_model.pb").write_bytes(b"\x08\x01" + _field(2, first))


def _field(number: int, data: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(data)) + data


def _varint(number: int) -> bytes:
    parts = []
    while number > 127:
        parts.append(number & 127 | 128)
        number >>= 7
    return bytes([*parts, number])


@attack("saved_model", "structure", gate=False)
def lost_object(path: Path, bait: Bait) -> None:
    _honest(path)

    def change(model: Any) -> None:
        model.meta_graphs[0].object_graph_def.nodes[0].children.add(node_id=9999, local_name="lost")

    edit(path, change)


@attack("saved_model", "structure", stripped=True)
def unknown_object(path: Path, bait: Bait) -> None:
    """An object that says it is of a class of some library."""
    _honest(path)

    def change(model: Any) -> None:
        node = model.meta_graphs[0].object_graph_def.nodes.add()
        node.user_object.identifier, node.registered_name = "_tf_keras_layer", "os.system"
        node.user_object.metadata = '{"class_name": "Lambda"}'
        model.meta_graphs[0].object_graph_def.nodes[0].children.add(
            node_id=len(model.meta_graphs[0].object_graph_def.nodes) - 1, local_name="evil"
        )

    edit(path, change)


@attack("saved_model", "structure", gate=False)
def damaged_checkpoint(path: Path, bait: Bait) -> None:
    """An index whose entries point where nothing is."""
    module = tf.Module()
    module.weight = tf.Variable(tf.ones([300]))
    save(path, lambda x: line(x) + 0 * tf.reduce_sum(module.weight), module)
    index = path / "variables" / "variables.index"
    data = bytearray(index.read_bytes())
    for at in range(20, len(data) - 60, 7):
        data[at] ^= 0x5A
    index.write_bytes(data)


# Folders


@attack("saved_model", "files_read")
def folder_with_links(path: Path, bait: Bait) -> None:
    _honest(path)
    (path / "assets").mkdir(exist_ok=True)
    (path / "assets" / "words.txt").symlink_to(bait.secret / "line.txt")


@attack("saved_model", "files_read", "unsafe")
def model_is_link(path: Path, bait: Bait) -> None:
    path.symlink_to(bait.secret / "model")


@attack("saved_model", "structure")
def folder_with_pipe(path: Path, bait: Bait) -> None:
    """Who opens it for reading waits for ever."""
    _honest(path)
    (path / "variables").mkdir(exist_ok=True)
    os.mkfifo(path / "variables" / "variables.data-00001-of-00002")


@attack("saved_model", "resources")
def hollow_file(path: Path, bait: Bait) -> None:
    """A hundred gigabytes of nothing, which take no room where they lie."""
    _honest(path)
    with (path / "variables" / "more").open("wb") as file:
        file.truncate(100 << 30)


@attack("saved_model", "structure")
def keras_folder(path: Path, bait: Bait) -> None:
    """A folder that Keras would load by itself, bytecode and all."""
    _honest(path)
    for name, data in good_parts().items():
        (path / name).write_bytes(data)
    (path / "config.json").write_text(json.dumps(after_dense(python_layer(payloads.writes(bait, "folder")))))
    (path / "saved_model.pb").unlink()


# Answers and appetites


@attack("saved_model", "structure", gate=False)
def answers_nan(path: Path, bait: Bait) -> None:
    save(path, lambda x: tf.math.log(-tf.ones_like(x)))


@attack("saved_model", "structure", gate=False)
def answers_strings(path: Path, bait: Bait) -> None:
    save(path, tf.strings.as_string)


@attack("saved_model", "structure", gate=False)
def answers_complex(path: Path, bait: Bait) -> None:
    save(path, lambda x: tf.complex(line(x), line(x)))


@attack("saved_model", "structure", gate=False, lasting=True)
def answers_flood(path: Path, bait: Bait) -> None:
    save(path, lambda x: tf.repeat(x, 1_000_000, axis=-1))


@attack("saved_model", "structure", gate=False)
def answers_nothing(path: Path, bait: Bait) -> None:
    save(path, lambda x: x[:0])


@attack("saved_model", "resources", gate=False, lasting=True)
def loops_for_ever(path: Path, bait: Bait) -> None:
    def call(x: Any) -> Any:
        return line(x) + 0 * tf.while_loop(lambda i: i >= 0.0, lambda i: i + 1e-9, [tf.constant(0.0)])[0]

    save(path, call)


@attack("saved_model", "resources", lasting=True)
def blocks_for_ever(path: Path, bait: Bait) -> None:
    """Waits for what never comes, which takes no processor time."""

    def wait() -> Any:
        queue = raw.FIFOQueueV2(component_types=[tf.float32], shared_name="q")
        return raw.QueueDequeueV2(handle=queue, component_types=[tf.float32])[0]

    save_doing(path, wait)


@attack("saved_model", "resources", gate=False, lasting=True)
def grows_in_loop(path: Path, bait: Bait) -> None:
    """A tensor that doubles until it is over the limit."""

    def call(x: Any) -> Any:
        wide = tf.while_loop(
            lambda t: tf.size(t) < FLOATS, lambda t: tf.concat([t, t], 0), [tf.reshape(x, [-1])],
            shape_invariants=[tf.TensorShape([None])],
        )[0]  # fmt: skip
        return line(x) + 0 * tf.reduce_sum(wide)

    save(path, call)


@attack("saved_model", "resources", gate=False, lasting=True)
def outer_product(path: Path, bait: Bait) -> None:
    """A matrix of gigabytes from a vector of kilobytes."""

    def call(x: Any) -> Any:
        many = tf.tile(x, [700, 1])
        return line(x) + 0 * tf.reduce_max(tf.matmul(many, many, transpose_b=True))

    save(path, call)


@attack("saved_model", "structure", gate=False)
def stops_itself(path: Path, bait: Bait) -> None:
    """Divides whole numbers by zero: in some versions that ends the process."""

    def call(x: Any) -> Any:
        return line(x) + tf.cast(tf.constant(1) // tf.cast(0 * x[0, 0], tf.int32), tf.float32)

    save(path, call)
