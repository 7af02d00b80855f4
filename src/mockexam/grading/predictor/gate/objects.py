"""Checks a SavedModel's objects, and that tables are filled only from its own assets."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path
from typing import Any, Final

from mockexam.grading.predictor.gate import GateRefusal
from mockexam.grading.predictor.gate.graph import FunctionBody
from mockexam.grading.predictor.gate.variables import ConstantBudget

MAX_OBJECTS = 200_000
_PLAIN_CALLS = frozenset({"PartitionedCall", "StatefulPartitionedCall"})
_REGISTERED: Final = frozenset({"", "tf.TrackableConstant", "tf.StaticHashTable"})
"""Classes that TensorFlow looks up by name; these make a constant and a table."""
_IDENTIFIERS: Final = re.compile(
    r"^(_generic_user_object|trackable_(dict|list|tuple)_wrapper|signature_map|optimizer|_tf_keras_\w+|)$"
)
"""Kinds of Python objects; TensorFlow makes plain objects of the _tf_keras_… that Keras 2 wrote."""
_SPECS: Final = ("INDEXED_SLICES_SPEC", "RAGGED_TENSOR_SPEC", "ROW_PARTITION_SPEC", "SPARSE_TENSOR_SPEC",
                 "TENSOR_ARRAY_SPEC", "VARIABLE_SPEC")  # fmt: skip
"""Types of arguments; others (datasets, iterators, registered classes) are looked up or have no use here."""
_CHILDREN: Final = {
    "function": re.compile(r"^(trace|capture)_\d+$"),
    "bare_concrete_function": re.compile(r"^(trace|capture)_\d+$"),
    "resource": re.compile(r"^(_create_resource|_initialize|_destroy_resource|_initializer)$"),
}
"""Names of children, by kind of parent; other kinds but plain objects have none. TensorFlow sets each as an attribute,
even over one of its own, such as the function's list of its variables."""


class Vocabularies:
    """Follows the name of a table's text file back through the calls of a graph, which must have no cycles.

    The name is an argument of the function that fills the table. TensorFlow binds it to an asset's path when it loads
    the model, or, in a model that was loaded and saved again, binds an argument of a function that passes it on.
    """

    def __init__(self, bodies: list[FunctionBody], objects: Any) -> None:
        self._bodies = bodies
        self._objects = objects
        self._known: dict[tuple[str, int], bool] = {}

    def is_asset(self, node: Any, body: FunctionBody) -> bool:
        """Whether the file that this node reads can only be an asset."""
        return self._argument_is_asset(node.input[1] if len(node.input) > 1 else "", body)

    def _argument_is_asset(self, name: str, body: FunctionBody) -> bool:
        arguments = [argument.name for argument in body.proto.signature.input_arg]
        if name not in arguments:
            return False
        key = body.name, arguments.index(name)
        if key not in self._known:
            self._known[key] = self._bound(body, key[1], len(arguments)) and self._passed_on(body, key[1])
        return self._known[key]

    def _bound(self, body: FunctionBody, position: int, count: int) -> bool:
        """Whether TensorFlow, if it can call the function itself, binds an asset's path there."""
        if body.name not in self._objects.concrete_functions:
            return True
        inputs = self._objects.concrete_functions[body.name].bound_inputs
        place = position - (count - len(inputs))
        index = inputs[place] if 0 <= place < len(inputs) else -1
        nodes = self._objects.nodes
        return 0 <= index < len(nodes) and nodes[index].WhichOneof("kind") == "asset"

    def _passed_on(self, body: FunctionBody, position: int) -> bool:
        for caller in self._bodies[1:]:
            if body.name not in caller.calls:
                continue
            calls = [n for n in caller.nodes if n.op in _PLAIN_CALLS and n.attr["f"].func.name == body.name]
            if len(calls) != caller.calls.count(body.name):
                return False
            if not all(len(n.input) > position and self._argument_is_asset(n.input[position], caller) for n in calls):
                return False
        return True


def check_objects(meta_graph: Any, path: Path) -> None:
    """Raises GateRefusal for an object of an unknown class, and for an asset outside `assets/`."""
    objects = meta_graph.object_graph_def
    if len(objects.nodes) > MAX_OBJECTS:
        raise GateRefusal("graph_large", f"{len(objects.nodes)} objects")
    assets = meta_graph.asset_file_def
    for asset in assets:
        _check_asset(asset.filename, path)
    structures = _StructureWalk()
    for node in objects.nodes:
        if node.registered_name not in _REGISTERED or node.registered_saver:
            raise GateRefusal("graph_object", node.registered_name or node.registered_saver)
        kind = node.WhichOneof("kind")
        _check_children(node, kind, len(objects.nodes))
        if kind == "user_object" and not _IDENTIFIERS.match(node.user_object.identifier):
            raise GateRefusal("graph_object", node.user_object.identifier)
        if kind == "asset" and not 0 <= node.asset.asset_file_def_index < len(assets):
            raise GateRefusal("graph_asset", f"number {node.asset.asset_file_def_index}")
        if kind in {"function", "bare_concrete_function"}:
            structures.check(getattr(node, kind).function_spec.fullargspec)
            structures.check(getattr(node, kind).function_spec.input_signature)
    for function in objects.concrete_functions.values():
        structures.check(function.canonicalized_input_signature)
        structures.check(function.output_signature)


def _check_children(node: Any, kind: str | None, count: int) -> None:
    if any(not 0 <= child.node_id < count for child in node.children):
        raise GateRefusal("graph_damaged", "an object that is not there")
    if kind is None or kind == "user_object":
        return
    allowed = _CHILDREN.get(kind)
    for child in node.children:
        if allowed is None or not allowed.match(child.local_name):
            raise GateRefusal("graph_object", child.local_name, f"below a {kind}")


def _check_asset(name: str, path: Path) -> None:
    plain = name not in {"", ".", ".."} and not re.search(r"[/\\\x00]|://", name)
    file = path / "assets" / name if plain else path
    with contextlib.suppress(OSError):  # a name too long for any file
        if plain and file.is_file() and not file.is_symlink():
            return
    raise GateRefusal("graph_asset", name or "an asset without a name")


class _StructureWalk:
    """Checks the types of arguments and results. They nest at most 100 deep: protobuf parses no deeper."""

    def __init__(self) -> None:
        from tensorflow.core.protobuf.struct_pb2 import TypeSpecProto

        self._allowed = {TypeSpecProto.TypeSpecClass.Value(name) for name in _SPECS}
        self._budget = ConstantBudget()

    def check(self, value: Any) -> None:
        """Raises GateRefusal for a type that names a class, or a constant of absurd size."""
        kind = value.WhichOneof("kind")
        if kind is None or kind in {"none_value", "string_value", "tensor_spec_value"}:
            return
        content = getattr(value, kind)
        if kind in {"list_value", "tuple_value"}:
            for part in content.values:
                self.check(part)
        elif kind == "dict_value":
            for part in content.fields.values():
                self.check(part)
        elif kind == "named_tuple_value":
            for pair in content.values:
                self.check(pair.value)
        elif kind == "type_spec_value":
            if content.type_spec_class not in self._allowed:
                raise GateRefusal("graph_object", content.type_spec_class_name or "a type without a name")
            self.check(content.type_state)
        elif kind in {"tensor_value", "numpy_value"}:
            self._budget.add(content, "an argument")
        elif kind == "bounded_tensor_spec_value":
            self._budget.add(content.minimum, "an argument")
            self._budget.add(content.maximum, "an argument")
