"""Checks which functions of a graph call which, and what those that can run do with files, tables and variables.

`tf.saved_model.load` of TensorFlow 2.21 can run the functions that the object graph names (signatures, methods,
creators, initialisers and destroyers of resources, save and restore functions of tables) and all that those call. It
never runs the main graph, which in an export holds the only calls of the functions that save and restore.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from mockexam.grading.predictor.gate import GateRefusal
from mockexam.grading.predictor.gate.graph import CALLERS, FunctionBody
from mockexam.grading.predictor.gate.objects import Vocabularies
from mockexam.grading.predictor.gate.variables import HANDLES

MAX_DEPTH = 200
MAX_INLINED = 3_000_000  # nodes of a function with all of its calls inlined, as TensorFlow's optimiser does
_IMPLEMENTS = "api_implements"
"""TensorFlow may swap functions with the same value in this attribute (grappler's implementation selector)."""
_STATEFUL: Final = re.compile(
    r"^(LookupTable(Insert|Import|Remove)V2|InitializeTable.*|VarHandleOp|DestroyResourceOp)$"
)
"""Operations that change a table, or a variable that the predictor does not know of."""
_MAKES_TABLES: Final = re.compile(r"^(Const|Identity|NoOp|(Anonymous)?(Mutable(Dense)?)?HashTable(OfTensors)?(V2)?)$")
"""All that the functions which create resources do in an export: they make a table."""


def check_calls(bodies: list[FunctionBody]) -> None:
    """No function calls itself, calls too deep or inlines to too much. Raises GateRefusal."""
    known = {body.name: body for body in bodies[1:]}
    sizes: dict[str, tuple[int, int]] = {}
    for body in bodies:
        if body.name not in sizes:
            _measure(body, known, sizes)


def _measure(first: FunctionBody, known: dict[str, FunctionBody], sizes: dict[str, tuple[int, int]]) -> None:
    """Depth and inlined nodes of a function and of all below it, callees first."""
    path = {first.name}
    stack = [(first, iter(dict.fromkeys(first.calls)))]
    while stack:
        body, callees = stack[-1]
        name = next((callee for callee in callees if callee not in sizes), None)
        if name is None:
            depth = 1 + max((sizes[name][0] for name in body.calls), default=0)
            nodes = len(body.nodes) + sum(sizes[name][1] for name in body.calls)
            if depth > MAX_DEPTH:
                raise GateRefusal("graph_large", f"{depth} functions that call one another in turn", body.where)
            if nodes > MAX_INLINED:
                raise GateRefusal("graph_large", f"{nodes} operations when all calls are inlined", body.where)
            sizes[body.name] = depth, nodes
            path.discard(body.name)
            stack.pop()
            continue
        if name not in known:
            raise GateRefusal("graph_damaged", f"a call of the function {name}, which is not there", body.where)
        if name in path:
            raise GateRefusal("graph_recursive", known[name].where.removeprefix("function "), body.where)
        path.add(name)
        stack.append((known[name], iter(dict.fromkeys(known[name].calls))))


def check_files(bodies: list[FunctionBody], meta_graph: Any) -> None:
    """Nothing calls the functions that save or restore, and tables are filled only from assets. Raises GateRefusal."""
    if not any(body.saves or body.text_tables for body in bodies):
        return
    library, objects = meta_graph.graph_def.library, meta_graph.object_graph_def
    gradients = [gradient.SerializeToString() for gradient in (*library.gradient, *library.registered_gradients)]
    serialized = {body.name: body.proto.SerializeToString() for body in bodies[1:]}
    _check_savers(bodies, serialized, [objects.SerializeToString(), *gradients])
    vocabularies = Vocabularies(bodies, objects)
    for body in bodies:
        for node in body.text_tables:
            if not vocabularies.is_asset(node, body) or _called_indirectly(body, bodies, serialized, gradients):
                raise GateRefusal("graph_file", node.op, body.where)


def _check_savers(bodies: list[FunctionBody], serialized: dict[str, bytes], entry_points: list[bytes]) -> None:
    savers = _with_callers({body.name for body in bodies if body.saves}, serialized)
    for body in bodies:
        if body.name in savers and (
            _IMPLEMENTS in body.proto.attr or any(_mentions(body.name, text) for text in entry_points)
        ):
            raise GateRefusal("graph_saver", body.where.removeprefix("function "))


def _called_indirectly(
    first: FunctionBody, bodies: list[FunctionBody], serialized: dict[str, bytes], gradients: list[bytes]
) -> bool:
    """Whether anything but plain calls names this function, or one of its direct or indirect callers."""
    seen = {first.name: first}
    waiting = [first]
    while waiting:
        body = waiting.pop()
        callers = [caller for caller in bodies[1:] if body.name in caller.calls]
        mentions = sum(_mentions(body.name, text) for name, text in serialized.items() if name != body.name)
        plain = sum(caller.calls.count(body.name) for caller in callers)
        if mentions != plain or _IMPLEMENTS in body.proto.attr or any(_mentions(body.name, text) for text in gradients):
            return True
        waiting += [caller for caller in callers if caller.name not in seen]
        seen |= {caller.name: caller for caller in callers}
    return False


def _with_callers(names: set[str], serialized: dict[str, bytes]) -> set[str]:
    """These functions and all that mention one of them in any way, directly or indirectly."""
    found: set[str] = set()
    new = names
    while new:
        found |= new
        new = {
            caller
            for caller, text in serialized.items()
            if caller not in found and any(_mentions(name, text) for name in new)
        }
    return found


def _mentions(name: str, text: bytes) -> int:
    """How often a message holds this text as a whole field. Stricter than reading calls: it covers all attributes."""
    encoded = name.encode()
    length, prefix = len(encoded), bytearray()
    while length > 0x7F:
        prefix.append(length & 0x7F | 0x80)
        length >>= 7
    return text.count(bytes([*prefix, length]) + encoded)


def check_state(bodies: list[FunctionBody], objects: Any) -> None:
    """A call keeps nothing but in the model's variables, which the predictor resets after each batch.

    Otherwise a model could look predictions up, for the windows of a series overlap: one holds what follows another.
    So nothing that the served signature can call changes a table or has a variable of its own, and what creates
    resources makes only tables, or it could pass a variable off as another resource. Changing known variables can't be
    forbidden: random layers do so in ordinary exports. Raises GateRefusal.
    """
    for node in objects.nodes:
        if node.WhichOneof("kind") == "variable" and node.variable.dtype in HANDLES:
            raise GateRefusal("graph_state", "a variable that holds no numbers")
    for body in _reachable(served(objects), bodies):
        for node in body.nodes:
            if _STATEFUL.match(node.op):
                raise GateRefusal("graph_state", node.op, body.where)
    creators = set(_creators(objects))
    for body in _reachable(creators, bodies):
        for node in body.nodes:
            if not (_MAKES_TABLES.match(node.op) or node.op in CALLERS or node.op in body.calls):
                raise GateRefusal("graph_state", node.op, body.where)
    for name in creators & set(objects.concrete_functions):
        for index in objects.concrete_functions[name].bound_inputs:
            known = 0 <= index < len(objects.nodes)
            if not known or objects.nodes[index].WhichOneof("kind") not in {"constant", "asset"}:
                raise GateRefusal("graph_state", "a resource that is made of another")


def _reachable(names: Iterable[str], bodies: list[FunctionBody]) -> Iterator[FunctionBody]:
    known = {body.name: body for body in bodies}
    alternatives: dict[bytes, list[str]] = {}
    for body in bodies[1:]:
        if _IMPLEMENTS in body.proto.attr:
            alternatives.setdefault(body.proto.attr[_IMPLEMENTS].s, []).append(body.name)
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
        if name and _IMPLEMENTS in body.proto.attr:
            waiting += alternatives[body.proto.attr[_IMPLEMENTS].s]


def _creators(objects: Any) -> Iterator[str]:
    """The functions that create the resources which others capture."""
    for index in range(len(objects.nodes)):
        for creator in _children(objects, index, "_create_resource"):
            yield from _functions(objects.nodes[creator])


def served(objects: Any) -> Iterator[str]:
    """The functions behind the signature that gets called; none if there is no such signature."""
    for signatures in _children(objects, 0, "signatures"):
        for index in _children(objects, signatures, "serving_default"):
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
