"""Reduces a SavedModel to what its signature `serving_default` needs: nothing else is judged, loaded or run.

`model.save("folder")` of Keras 2 also stores the optimizer, metrics, training functions and what `adapt` left behind.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from mockexam.grading.predictor.gate import GateRefusal
from mockexam.grading.predictor.gate.graph import MAX_NODES
from mockexam.grading.predictor.gate.objects import MAX_OBJECTS

SIGNATURE: Final = "serving_default"
_OF_FUNCTIONS: Final = re.compile(r"^(trace|capture)_\d+$")
_OF_RESOURCES: Final = re.compile(r"^(_create_resource|_initialize|_destroy_resource|_initializer)$")
_VARIABLES, _ASSETS = "variables", "assets"


def prune(meta_graph: Any) -> None:
    """Remove, in place, what neither the signature's function nor the variables and tables it uses can reach.

    Objects stay on the way from the root to what is needed, for the checkpoint knows variables by their paths; they
    become plain containers. Raises GateRefusal for references to objects that are not there.
    """
    objects = meta_graph.object_graph_def
    if len(objects.nodes) > MAX_OBJECTS:
        raise GateRefusal("graph_large", f"{len(objects.nodes)} objects")
    if any(not 0 <= index < len(objects.nodes) for node in objects.nodes for index in _references(node)):
        raise GateRefusal("graph_damaged", "an object that is not there")
    needs = _Needs(objects)
    containers = _containers(objects, needs.nodes)
    _keep_objects(objects, needs, containers)
    _keep_assets(meta_graph)
    constants = {node.constant.operation for node in objects.nodes if node.WhichOneof("kind") == "constant"}
    _keep_functions(meta_graph.graph_def, set(objects.concrete_functions), constants)
    for field in ("signature_def", "collection_def", "saver_def"):
        meta_graph.ClearField(field)
    meta_graph.meta_info_def.ClearField("function_aliases")


def write_copy(meta_graph: Any, path: Path, scratch: str) -> str:
    """A SavedModel folder below `scratch` with this pruned graph and the variables and assets of `path`."""
    from tensorflow.core.protobuf import saved_model_pb2

    model = saved_model_pb2.SavedModel(saved_model_schema_version=1)
    model.meta_graphs.add().CopyFrom(meta_graph)
    target = Path(tempfile.mkdtemp(dir=scratch)) / "model"
    target.mkdir()
    (target / "saved_model.pb").write_bytes(model.SerializeToString())
    for file in _stored(path, meta_graph.asset_file_def):
        copy = target / file.relative_to(path)
        copy.parent.mkdir(exist_ok=True)
        shutil.copyfile(file, copy)
    return os.fspath(target)


def _stored(path: Path, assets: Iterable[Any]) -> Iterator[Path]:
    yield from (file for file in (path / _VARIABLES).glob("variables.*") if file.is_file())
    yield from (path / _ASSETS / asset.filename for asset in assets)


class _Needs:
    """The objects and functions that the signature needs."""

    def __init__(self, objects: Any) -> None:
        self.nodes: set[int] = set()
        self.functions: set[str] = set()
        self._objects = objects
        self._waiting: list[int] = [
            served
            for signatures in _children(objects, 0, "signatures")
            for served in _children(objects, signatures, SIGNATURE)
        ]
        while self._waiting:
            index = self._waiting.pop()
            if index not in self.nodes:
                self.nodes.add(index)
                self._add_needs_of(objects.nodes[index])

    def _add_needs_of(self, node: Any) -> None:
        kind = node.WhichOneof("kind")
        for name in _concrete_functions(node):
            self._add_function(name)
        if kind == "captured_tensor":
            self._add_function(node.captured_tensor.concrete_function)
        self._waiting += [child.node_id for child in _own_children(node)]
        self._waiting += [dependency.node_id for dependency in node.dependencies]
        for saveable in node.saveable_objects.values():
            self._waiting += [saveable.save_function, saveable.restore_function]

    def _add_function(self, name: str) -> None:
        if name not in self.functions and name in self._objects.concrete_functions:
            self.functions.add(name)
            bound = self._objects.concrete_functions[name].bound_inputs
            if any(not 0 <= index < len(self._objects.nodes) for index in bound):
                raise GateRefusal("graph_damaged", "an object that is not there")
            self._waiting += bound


def _references(node: Any) -> Iterator[int]:
    yield from (child.node_id for child in node.children)
    yield from (dependency.node_id for dependency in node.dependencies)
    for saveable in node.saveable_objects.values():
        yield from (saveable.save_function, saveable.restore_function)


def _children(objects: Any, index: int, name: str) -> Iterator[int]:
    if index < len(objects.nodes):
        yield from (child.node_id for child in objects.nodes[index].children if child.local_name == name)


def _concrete_functions(node: Any) -> Iterator[str]:
    kind = node.WhichOneof("kind")
    if kind == "bare_concrete_function":
        yield node.bare_concrete_function.concrete_function_name
    elif kind == "function":
        yield from node.function.concrete_functions


def _own_children(node: Any) -> list[Any]:
    """The children that belong to a needed object itself, by which TensorFlow makes a table or binds a function."""
    pattern = _OF_FUNCTIONS if node.WhichOneof("kind") in {"function", "bare_concrete_function"} else _OF_RESOURCES
    return [child for child in node.children if pattern.match(child.local_name)]


def _containers(objects: Any, needed: set[int]) -> set[int]:
    """Objects of Python that lead to a needed variable, table or asset."""
    parents: dict[int, set[int]] = {}
    for index, node in enumerate(objects.nodes):
        if node.WhichOneof("kind") == "user_object":
            for child in node.children:
                parents.setdefault(child.node_id, set()).add(index)
    found: set[int] = set()
    waiting = [index for index in needed if not any(True for _ in _concrete_functions(objects.nodes[index]))]
    while waiting:
        new = parents.get(waiting.pop(), set()) - found
        found |= new
        waiting += new
    return found - needed


def _keep_objects(objects: Any, needs: _Needs, containers: set[int]) -> None:
    signatures = set(_children(objects, 0, "signatures"))
    kept = sorted({0} | signatures | needs.nodes | containers)
    number = {old: new for new, old in enumerate(kept)}
    nodes = []
    for index in kept:
        node = type(objects.nodes[index])()
        node.CopyFrom(objects.nodes[index])
        node.ClearField("slot_variables")
        if index not in needs.nodes:
            children = _reduce_to_container(node, index in signatures)
        elif node.WhichOneof("kind") == "user_object":
            children = list(node.children)
        else:
            children = _own_children(node)
        _renumber(node, children, number)
        nodes.append(node)
    objects.ClearField("nodes")
    objects.nodes.extend(nodes)
    for name in set(objects.concrete_functions) - needs.functions:
        del objects.concrete_functions[name]
    for function in objects.concrete_functions.values():
        function.bound_inputs[:] = [number[index] for index in function.bound_inputs]


def _reduce_to_container(node: Any, is_signatures: bool) -> list[Any]:
    """Make it an object without behaviour; returns the children that it may keep."""
    for field in ("registered_name", "serialized_user_proto", "registered_saver", "saveable_objects", "dependencies"):
        node.ClearField(field)
    if is_signatures:
        return [child for child in node.children if child.local_name == SIGNATURE]
    node.user_object.Clear()
    node.user_object.SetInParent()
    return list(node.children)


def _renumber(node: Any, children: Iterable[Any], number: dict[int, int]) -> None:
    """Give it those of the children that are kept, and all references their new numbers."""
    kept = [(child.local_name, number[child.node_id]) for child in children if child.node_id in number]
    node.ClearField("children")
    for name, index in kept:
        node.children.add(local_name=name, node_id=index)
    for dependency in node.dependencies:
        dependency.node_id = number[dependency.node_id]
    for saveable in node.saveable_objects.values():
        saveable.save_function = number[saveable.save_function]
        saveable.restore_function = number[saveable.restore_function]


def _keep_assets(meta_graph: Any) -> None:
    """Only the assets that an object names, numbered anew. Raises GateRefusal for a number without an asset."""
    kept: list[Any] = []
    for node in meta_graph.object_graph_def.nodes:
        if node.WhichOneof("kind") == "asset":
            index = node.asset.asset_file_def_index
            if not 0 <= index < len(meta_graph.asset_file_def):
                raise GateRefusal("graph_asset", f"number {index}")
            node.asset.asset_file_def_index = len(kept)
            kept.append(meta_graph.asset_file_def[index])
    kept = [type(asset).FromString(asset.SerializeToString()) for asset in kept]
    meta_graph.ClearField("asset_file_def")
    meta_graph.asset_file_def.extend(kept)


def _keep_functions(graph_def: Any, entries: set[str], constants: set[str]) -> None:
    """Only these functions and those that they call, without gradients, and only these nodes of the main graph."""
    library = {function.signature.name: function for function in graph_def.library.function}
    needed: set[str] = set()
    count = 0
    waiting = [name for name in entries if name in library]
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed.add(name)
            count += len(library[name].node_def)
            if count > MAX_NODES:
                raise GateRefusal("graph_large", f"{count} operations")
            waiting += [callee for callee in _callees(library[name]) if callee in library]
    functions = [function for function in graph_def.library.function if function.signature.name in needed]
    nodes = [node for node in graph_def.node if node.name in constants]
    kept = type(graph_def.library)(function=functions)
    nodes = [type(node).FromString(node.SerializeToString()) for node in nodes]
    graph_def.library.CopyFrom(kept)
    graph_def.ClearField("node")
    graph_def.node.extend(nodes)


def _callees(function: Any) -> Iterator[str]:
    for node in function.node_def:
        yield node.op
        for value in node.attr.values():
            if value.HasField("func"):
                yield value.func.name
            elif value.HasField("list"):
                yield from (called.name for called in value.list.func)
