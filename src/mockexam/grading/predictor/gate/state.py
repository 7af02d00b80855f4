"""A model that is called keeps nothing but in its variables, which the predictor sets back after each batch.

Samples of a hold-out may know of one another: the future of one window of a series lies in the features of another. A
model that kept what it is fed could look its answers up. Variables can't be forbidden to change: those of random layers
do in ordinary exports.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from mockexam.grading.predictor.gate.graph import Body
from mockexam.grading.predictor.gate.refusal import GateRefusal

_KEEPS: Final = re.compile(r"^(LookupTable(Insert|Import|Remove)V2|InitializeTable.*|VarHandleOp)$")
"""Operations that leave something behind in a table, or in a variable that the predictor does not know of."""
_SIGNATURES, _SERVED = "signatures", "serving_default"


def check_state(bodies: list[Body], objects: Any) -> None:
    """Nothing that the served signature can call changes a table or has a variable of its own. Raises GateRefusal."""
    known = {body.name: body for body in bodies}
    seen: set[str] = set()
    waiting = list(_served(objects))
    while waiting:
        name = waiting.pop()
        if name in seen or name not in known:
            continue
        seen.add(name)
        body = known[name]
        for node in body.nodes:
            if _KEEPS.match(node.op):
                raise GateRefusal("graph_state", node.op, body.where)
        waiting += body.calls


def _served(objects: Any) -> Iterator[str]:
    """The functions behind the signature that gets called; none if there is no such signature."""
    for signatures in _children(objects, 0, _SIGNATURES):
        for index in _children(objects, signatures, _SERVED):
            node = objects.nodes[index]
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
