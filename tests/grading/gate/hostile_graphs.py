"""SavedModels with one thing wrong each: what to change in an honest export's graph, by hand. See `ask_gate.py`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tensorflow.core.framework import types_pb2
from tensorflow.core.protobuf import struct_pb2

Change = Callable[[Any, Path], object]
CASES: dict[str, Change] = {}


def case(change: Change) -> Change:
    """A model with one thing wrong, called after the function that makes it wrong."""
    CASES[change.__name__] = change
    return change


def _function(meta: Any, part: str) -> Any:
    """The first function whose name holds this part."""
    return next(f for f in meta.graph_def.library.function if part in f.signature.name)


def serving(meta: Any) -> Any:
    """A function that is called when the model serves."""
    return _function(meta, "signature_wrapper")


def _call(body: Any, callee: str, op: str = "StatefulPartitionedCall") -> Any:
    node = body.node_def.add(name=f"call_{len(body.node_def)}", op=op)
    node.attr["f"].func.name = callee
    return node


def _chain(meta: Any, length: int, times: int) -> None:
    """Functions that call one another in turn, each the next one several times."""
    for i in range(length):
        body = meta.graph_def.library.function.add()
        body.signature.name = f"link_{i}"
        for _ in range(times):
            _call(body, f"link_{i + 1}")
    meta.graph_def.library.function.add().signature.name = f"link_{length}"
    _call(serving(meta), "link_0")


def _text_table(meta: Any, folder: Path, *, bound: str = "asset") -> Any:
    """A function that fills a table from a file, bound to an asset or to something else."""
    (folder / "assets").mkdir(exist_ok=True)
    (folder / "assets" / "vocab.txt").write_text("a\nb\n")
    meta.asset_file_def.add(filename="vocab.txt")
    objects = meta.object_graph_def
    objects.nodes.add().asset.asset_file_def_index = 0
    objects.nodes.add().resource.device = ""
    body = meta.graph_def.library.function.add()
    body.signature.name = "__inference__initializer_9"
    body.signature.input_arg.add(name="file", type=types_pb2.DT_STRING)
    body.signature.input_arg.add(name="table", type=types_pb2.DT_RESOURCE)
    body.node_def.add(name="fill", op="InitializeTableFromTextFileV2", input=["table", "file"])
    count = len(objects.nodes)
    objects.concrete_functions[body.signature.name].bound_inputs.extend(
        [count - 2 if bound == "asset" else 0, count - 1] if bound else []
    )
    return body


@case
def a_vocabulary_that_is_an_asset(meta: Any, folder: Path) -> None:
    _text_table(meta, folder)


@case
def a_text_table_of_a_constant_name(meta: Any, folder: Path) -> None:
    _text_table(meta, folder).node_def[0].input[1] = "Const:output:0"


@case
def a_text_table_of_something_that_is_no_asset(meta: Any, folder: Path) -> None:
    _text_table(meta, folder, bound="other")


@case
def a_text_table_of_an_argument(meta: Any, folder: Path) -> None:
    _text_table(meta, folder, bound="")


@case
def a_text_table_that_is_called(meta: Any, folder: Path) -> None:
    _call(serving(meta), _text_table(meta, folder).signature.name)


def _handed_on(meta: Any, folder: Path, file: str) -> Any:
    """A function that hands its first argument, an asset, or something else to the one that fills the table."""
    inner = _text_table(meta, folder)
    outer = meta.graph_def.library.function.add()
    outer.CopyFrom(inner)
    outer.signature.name = "__inference__initializer_10"
    del outer.node_def[:]
    _call(outer, inner.signature.name).input.extend([file, "table"])
    functions = meta.object_graph_def.concrete_functions
    functions[outer.signature.name].CopyFrom(functions[inner.signature.name])
    del functions[inner.signature.name]
    return outer


@case
def a_vocabulary_that_is_handed_on(meta: Any, folder: Path) -> None:
    _handed_on(meta, folder, "file")


@case
def a_text_table_that_is_handed_a_constant(meta: Any, folder: Path) -> None:
    _handed_on(meta, folder, "Const:output:0")


@case
def a_text_table_that_is_called_in_secret(meta: Any, folder: Path) -> None:
    outer = _handed_on(meta, folder, "file")
    outer.node_def.add(name="x", op="NoOp").attr["f"].func.name = "__inference__initializer_9"


@case
def a_text_table_behind_one_that_loading_calls(meta: Any, folder: Path) -> None:
    outer = _handed_on(meta, folder, "file")
    del meta.object_graph_def.concrete_functions[outer.signature.name].bound_inputs[:]


@case
def a_saver_that_serving_calls(meta: Any, folder: Path) -> None:
    _call(serving(meta), _function(meta, "traced_save").signature.name)


@case
def a_restorer_that_is_called_by_its_name(meta: Any, folder: Path) -> None:
    serving(meta).node_def.add(name="x", op=_function(meta, "traced_restore").signature.name)


@case
def a_saver_behind_another_function(meta: Any, folder: Path) -> None:
    between = meta.graph_def.library.function.add()
    between.signature.name = "between"
    _call(between, _function(meta, "traced_save").signature.name)
    node = serving(meta).node_def.add(name="x", op="Case")
    node.attr["branches"].list.func.add(name="between")


@case
def a_saver_in_a_text_attribute(meta: Any, folder: Path) -> None:
    name = _function(meta, "traced_save").signature.name
    serving(meta).attr["backward_function_name"].s = name.encode()


@case
def a_saver_as_gradient(meta: Any, folder: Path) -> None:
    name = _function(meta, "traced_save").signature.name
    meta.graph_def.library.registered_gradients.add(gradient_func=name, registered_op_type="G")


@case
def a_saver_to_swap_in(meta: Any, folder: Path) -> None:
    _function(meta, "traced_save").attr["api_implements"].s = b"x"


@case
def a_saver_among_the_objects(meta: Any, folder: Path) -> None:
    name = _function(meta, "traced_save").signature.name
    meta.object_graph_def.nodes.add().function.concrete_functions.append(name)


@case
def a_saver_in_the_main_graph(meta: Any, folder: Path) -> None:
    meta.graph_def.node.add(name="x", op="MergeV2Checkpoints")


@case
def an_operation_of_an_add_on(meta: Any, folder: Path) -> None:
    serving(meta).node_def.add(name="x", op="SentencepieceOp")


@case
def a_function_called_like_a_file_operation(meta: Any, folder: Path) -> None:
    meta.graph_def.library.function.add().signature.name = "WriteFile"
    serving(meta).node_def.add(name="x", op="WriteFile")


@case
def a_function_called_like_an_allowed_operation(meta: Any, folder: Path) -> None:
    meta.graph_def.library.function.add().signature.name = "Identity"


@case
def two_functions_of_one_name(meta: Any, folder: Path) -> None:
    meta.graph_def.library.function.add().CopyFrom(serving(meta))


@case
def a_call_into_nothing(meta: Any, folder: Path) -> None:
    _call(serving(meta), "nowhere")


@case
def a_call_left_open(meta: Any, folder: Path) -> None:
    _call(serving(meta), "x").attr["f"].placeholder = "T"


@case
def a_function_that_calls_itself(meta: Any, folder: Path) -> None:
    _call(serving(meta), serving(meta).signature.name)


@case
def two_functions_that_call_each_other(meta: Any, folder: Path) -> None:
    _chain(meta, 2, 1)
    _call(_function(meta, "link_2"), "link_0")


@case
def calls_a_thousand_deep(meta: Any, folder: Path) -> None:
    _chain(meta, 1000, 1)


@case
def calls_that_double_forty_times(meta: Any, folder: Path) -> None:
    _chain(meta, 40, 2)


@case
def a_node_with_a_billion_outputs(meta: Any, folder: Path) -> None:
    serving(meta).node_def.add(name="x", op="Split").attr["num_split"].i = 10**9


@case
def half_a_million_nodes(meta: Any, folder: Path) -> None:
    body = serving(meta)
    for _ in range(20):
        body.node_def.add(name="x", op="NoOp")
    while len(body.node_def) < 500_000:
        body.MergeFrom(body.__class__(node_def=body.node_def))


def _constant(meta: Any, sizes: list[int], **content: Any) -> None:
    tensor = serving(meta).node_def.add(name="x", op="Const").attr["value"].tensor
    for size in sizes:
        tensor.tensor_shape.dim.add(size=size)
    tensor.MergeFrom(type(tensor)(**content))


@case
def one_zero_for_a_terabyte(meta: Any, folder: Path) -> None:
    _constant(meta, [10**6, 10**6], dtype=types_pb2.DT_FLOAT, float_val=[0.0])


@case
def one_long_text_for_a_million(meta: Any, folder: Path) -> None:
    _constant(meta, [10**6], dtype=types_pb2.DT_STRING, string_val=[b"x" * 10**5])


@case
def a_hundred_zeros_for_ten_megabytes_each(meta: Any, folder: Path) -> None:
    for _ in range(100):
        _constant(meta, [2_500_000], dtype=types_pb2.DT_FLOAT, float_val=[0.0])


@case
def a_negative_axis(meta: Any, folder: Path) -> None:
    _constant(meta, [-5], dtype=types_pb2.DT_FLOAT)


@case
def a_constant_stored_in_full(meta: Any, folder: Path) -> None:
    _constant(meta, [10**6], dtype=types_pb2.DT_FLOAT, tensor_content=bytes(4 * 10**6))


@case
def a_mask_of_one_value(meta: Any, folder: Path) -> None:
    _constant(meta, [4000, 4000], dtype=types_pb2.DT_FLOAT, float_val=[1.0])


def _spec(meta: Any) -> Any:
    """Where a function says what it takes."""
    values = next(iter(meta.object_graph_def.concrete_functions.values())).canonicalized_input_signature
    return values.tuple_value.values.add().tuple_value.values.add()


@case
def an_argument_of_absurd_size(meta: Any, folder: Path) -> None:
    tensor = _spec(meta).numpy_value
    tensor.dtype = types_pb2.DT_DOUBLE
    tensor.tensor_shape.dim.add(size=10**12)


@case
def an_argument_of_a_registered_class(meta: Any, folder: Path) -> None:
    held = _spec(meta).type_spec_value
    held.type_spec_class = struct_pb2.TypeSpecProto.REGISTERED_TYPE_SPEC
    held.type_spec_class_name = "my.package.Spec"


@case
def an_argument_that_is_a_dataset(meta: Any, folder: Path) -> None:
    _spec(meta).type_spec_value.type_spec_class = struct_pb2.TypeSpecProto.DATA_DATASET_SPEC


@case
def a_ragged_argument(meta: Any, folder: Path) -> None:
    _spec(meta).type_spec_value.type_spec_class = struct_pb2.TypeSpecProto.RAGGED_TENSOR_SPEC


@case
def an_object_of_a_registered_class(meta: Any, folder: Path) -> None:
    meta.object_graph_def.nodes[0].registered_name = "Custom.Evil"


@case
def an_object_with_a_registered_saver(meta: Any, folder: Path) -> None:
    meta.object_graph_def.nodes[0].registered_saver = "tf.TPUEmbeddingCallback"


@case
def an_object_of_an_unknown_kind(meta: Any, folder: Path) -> None:
    meta.object_graph_def.nodes.add().user_object.identifier = "evil"


@case
def a_layer_of_keras_2(meta: Any, folder: Path) -> None:
    meta.object_graph_def.nodes.add().user_object.identifier = "_tf_keras_layer"


@case
def a_variable_of_a_terabyte(meta: Any, folder: Path) -> None:
    variable = meta.object_graph_def.nodes.add().variable
    variable.dtype = types_pb2.DT_FLOAT
    variable.shape.dim.add(size=1 << 38)


def _asset(name: str) -> Change:
    def change(meta: Any, folder: Path) -> None:
        meta.asset_file_def.add(filename=name)

    return change


for number, name in enumerate(
    ("../saved_model.pb", "/etc/passwd", "..", "", "a/b", "a\\b", "gs://bucket/x", "is_not_there", "a\0b")
):
    CASES[f"asset_{number}"] = _asset(name)


@case
def an_asset_of_a_wrong_number(meta: Any, folder: Path) -> None:
    meta.object_graph_def.nodes.add().asset.asset_file_def_index = -1


@case
def an_asset_that_is_a_link(meta: Any, folder: Path) -> None:
    (folder / "assets").mkdir(exist_ok=True)
    (folder / "assets" / "x").symlink_to("/etc/passwd")
    meta.asset_file_def.add(filename="x")


@case
def no_object_graph(meta: Any, folder: Path) -> None:
    meta.ClearField("object_graph_def")
    meta.meta_info_def.tensorflow_version = "1.15.0"


@case
def files_of_an_editor(meta: Any, folder: Path) -> None:
    (folder / ".DS_Store").write_bytes(b"\0" * 100)
    (folder / "keras_metadata.pb").write_bytes(b"\0" * 100)
    (folder / "saved_model.pbtxt").write_text("not read")


def _resource(meta: Any, op: str) -> None:
    """A resource that is made by this operation."""
    body = meta.graph_def.library.function.add()
    body.signature.name = "__inference__creator_7"
    body.node_def.add(name="made", op=op)
    objects = meta.object_graph_def
    objects.nodes.add().function.concrete_functions.append(body.signature.name)
    objects.concrete_functions[body.signature.name].SetInParent()
    objects.nodes.add().resource.device = ""
    objects.nodes[-1].children.add(local_name="_create_resource", node_id=len(objects.nodes) - 2)


@case
def a_table_as_a_resource(meta: Any, _folder: Path) -> None:
    _resource(meta, "HashTableV2")


@case
def a_variable_as_a_resource(meta: Any, _folder: Path) -> None:
    _resource(meta, "VarHandleOp")


@case
def a_known_variable_as_a_resource(meta: Any, _folder: Path) -> None:
    _resource(meta, "Identity")
    objects = meta.object_graph_def
    objects.nodes.add().variable.dtype = types_pb2.DT_FLOAT
    objects.concrete_functions["__inference__creator_7"].bound_inputs.append(len(objects.nodes) - 1)


@case
def a_variable_in_a_function_to_swap_in(meta: Any, _folder: Path) -> None:
    body = meta.graph_def.library.function.add()
    body.signature.name = "keeps"
    body.node_def.add(name="made", op="VarHandleOp")
    for one in (body, serving(meta)):
        one.attr["api_implements"].s = b"the_same"


@case
def a_resource_that_serving_destroys(meta: Any, _folder: Path) -> None:
    serving(meta).node_def.add(name="gone", op="DestroyResourceOp")


@case
def a_function_with_variables_of_its_own(meta: Any, _folder: Path) -> None:
    nodes = meta.object_graph_def.nodes
    found = next(n for n in nodes if n.WhichOneof("kind") in {"function", "bare_concrete_function"})
    found.children.add(local_name="_func_graph", node_id=0)


@case
def a_variable_with_a_child(meta: Any, _folder: Path) -> None:
    nodes = meta.object_graph_def.nodes
    nodes.add().variable.dtype = types_pb2.DT_FLOAT
    nodes[-1].children.add(local_name="assign", node_id=0)
