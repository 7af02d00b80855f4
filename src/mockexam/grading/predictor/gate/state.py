"""A model that is called keeps nothing but in its variables, which the predictor sets back after each batch.

Samples of a hold-out may know of one another: the future of one window of a series lies in the features of another. A
model that kept what it is fed could look its answers up. Variables can't be forbidden to change: those of random layers
do in ordinary exports.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from mockexam.grading.predictor.gate import GateRefusal
from mockexam.grading.predictor.gate.graph import Body
from mockexam.grading.predictor.gate.operations import CALLERS
from mockexam.grading.predictor.gate.variables import HANDLES

_KEEPS: Final = re.compile(r"^(LookupTable(Insert|Import|Remove)V2|InitializeTable.*|VarHandleOp|DestroyResourceOp)$")
"""Operations that leave something behind in a table, or in a variable that the predictor does not know of."""
_MAKES_TABLES: Final = re.compile(r"^(Const|Identity|NoOp|(Anonymous)?(Mutable(Dense)?)?HashTable(OfTensors)?(V2)?)$")
"""All that functions which make a resource do in an export: they make a table."""
_SIGNATURES, _SERVED, _CREATOR = "signatures", "serving_default", "_create_resource"
_SWAPPED = "api_implements"
"""TensorFlow may run another function of the same value in this attribute (grappler's implementation selector)."""


def check_state(bodies: list[Body], objects: Any) -> None:
    """Nothing that the served signature can call changes a table or has a variable of its own. Raises GateRefusal.

    Nor does it get hold of a variable in the guise of another resource: what makes resources makes tables alone.
    """
    for node in objects.nodes:
        if node.WhichOneof("kind") == "variable" and node.variable.dtype in HANDLES:
            raise GateRefusal("graph_state", "a variable that holds no numbers")
    for body in _reached(_served(objects), bodies):
        for node in body.nodes:
            if _KEEPS.match(node.op):
                raise GateRefusal("graph_state", node.op, body.where)
    creators = set(_creators(objects))
    for body in _reached(creators, bodies):
        for node in body.nodes:
            if not (_MAKES_TABLES.match(node.op) or node.op in CALLERS or node.op in body.calls):
                raise GateRefusal("graph_state", node.op, body.where)
    for name in creators & set(objects.concrete_functions):
        for index in objects.concrete_functions[name].bound_inputs:
            known = 0 <= index < len(objects.nodes)
            if not known or objects.nodes[index].WhichOneof("kind") not in {"constant", "asset"}:
                raise GateRefusal("graph_state", "a resource that is made of another")


def _reached(names: Iterable[str], bodies: list[Body]) -> Iterator[Body]:
    """These functions and all that may run when they are called."""
    known = {body.name: body for body in bodies}
    swapped: dict[bytes, list[str]] = {}
    for body in bodies[1:]:
        if _SWAPPED in body.proto.attr:
            swapped.setdefault(body.proto.attr[_SWAPPED].s, []).append(body.name)
    seen: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in seen or name not in known:
            continue
        seen.add(name)
        body = known[name]
        yield body
        waiting += body.calls
        if name and _SWAPPED in body.proto.attr:
            waiting += swapped[body.proto.attr[_SWAPPED].s]


def _creators(objects: Any) -> Iterator[str]:
    """The functions that make the resources which others capture."""
    for index in range(len(objects.nodes)):
        for creator in _children(objects, index, _CREATOR):
            yield from _functions(objects.nodes[creator])


def _served(objects: Any) -> Iterator[str]:
    """The functions behind the signature that gets called; none if there is no such signature."""
    for signatures in _children(objects, 0, _SIGNATURES):
        for index in _children(objects, signatures, _SERVED):
            yield from _functions(objects.nodes[index])


def _functions(node: Any) -> Iterator[str]:
    if node.WhichOneof("kind") == "bare_concrete_function":
        yield node.bare_concrete_function.concrete_function_name
    yield from node.function.concrete_functions


def _children(objects: Any, index: int, name: str) -> Iterator[int]:
    if 0 <= index < len(objects.nodes):
        yield from (
            child.node_id
            for child in objects.nodes[index].children
            if child.local_name == name and 0 <= child.node_id < len(objects.nodes)
        )
