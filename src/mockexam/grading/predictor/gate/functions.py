"""Which functions of a graph call which, and that none of those that run saves, restores or reads a file of its choice.

What `tf.saved_model.load` of TensorFlow 2.21 can run: the functions that the object graph names (signatures, methods,
creators, initialisers and destroyers of resources, save and restore functions of tables) and all that those call. The
main graph is never run; its calls of the functions that save and restore are the only mention of them in an export.
"""

from __future__ import annotations

from typing import Any

from mockexam.grading.predictor.gate import GateRefusal
from mockexam.grading.predictor.gate.graph import Body
from mockexam.grading.predictor.gate.objects import Vocabularies

MAX_DEPTH = 200
MAX_UNROLLED = 3_000_000
"""Nodes of a function with all calls in it written out, which is what TensorFlow does to optimise one."""
_SWAPPED = "api_implements"
"""Functions of the same value in this attribute may be swapped for one another (grappler's implementation selector)."""


def check_calls(bodies: list[Body]) -> None:
    """No function calls itself, calls too deep or unfolds to too much. Raises GateRefusal."""
    known = {body.name: body for body in bodies[1:]}
    sizes: dict[str, tuple[int, int]] = {}
    for body in bodies:
        if body.name not in sizes:
            _measure(body, known, sizes)


def _measure(first: Body, known: dict[str, Body], sizes: dict[str, tuple[int, int]]) -> None:
    """Depth and unrolled nodes of a function and of all below it, callees first."""
    path = {first.name}
    stack = [(first, iter(dict.fromkeys(first.calls)))]
    while stack:
        body, callees = stack[-1]
        name = next((callee for callee in callees if callee not in sizes), None)
        if name is None:
            sizes[body.name] = _size(body, sizes)
            path.discard(body.name)
            stack.pop()
            continue
        if name not in known:
            raise GateRefusal("graph_damaged", f"a call of the function {name}, which is not there", body.where)
        if name in path:
            raise GateRefusal("graph_recursive", known[name].where.removeprefix("function "), body.where)
        path.add(name)
        stack.append((known[name], iter(dict.fromkeys(known[name].calls))))


def _size(body: Body, sizes: dict[str, tuple[int, int]]) -> tuple[int, int]:
    depth = 1 + max((sizes[name][0] for name in body.calls), default=0)
    nodes = len(body.nodes) + sum(sizes[name][1] for name in body.calls)
    if depth > MAX_DEPTH:
        raise GateRefusal("graph_large", f"{depth} functions that call one another in turn", body.where)
    if nodes > MAX_UNROLLED:
        raise GateRefusal("graph_large", f"{nodes} operations when all calls are written out", body.where)
    return depth, nodes


def check_files(bodies: list[Body], meta_graph: Any) -> None:
    """Functions that save or restore stand apart, and tables are filled from assets alone. Raises GateRefusal."""
    if not any(body.saves or body.text_tables for body in bodies):
        return
    library, objects = meta_graph.graph_def.library, meta_graph.object_graph_def
    gradients = [gradient.SerializeToString() for gradient in (*library.gradient, *library.registered_gradients)]
    written = {body.name: body.proto.SerializeToString() for body in bodies[1:]}
    _check_savers(bodies, written, [objects.SerializeToString(), *gradients])
    vocabularies = Vocabularies(bodies, objects)
    for body in bodies:
        for node in body.text_tables:
            if not vocabularies.is_asset(node, body) or _called_otherwise(body, bodies, written, gradients):
                raise GateRefusal("graph_file", node.op, body.where)


def _check_savers(bodies: list[Body], written: dict[str, bytes], runs: list[bytes]) -> None:
    apart = _with_callers({body.name for body in bodies if body.saves}, written)
    for body in bodies:
        if body.name in apart and (_SWAPPED in body.proto.attr or any(_mentions(body.name, text) for text in runs)):
            raise GateRefusal("graph_saver", body.where.removeprefix("function "))


def _called_otherwise(first: Body, bodies: list[Body], written: dict[str, bytes], gradients: list[bytes]) -> bool:
    """Whether anything but plain calls names this function, or one of those that call it, and so on."""
    seen = {first.name: first}
    waiting = [first]
    while waiting:
        body = waiting.pop()
        callers = [caller for caller in bodies[1:] if body.name in caller.calls]
        told = sum(_mentions(body.name, text) for name, text in written.items() if name != body.name)
        plain = sum(caller.calls.count(body.name) for caller in callers)
        if told != plain or _SWAPPED in body.proto.attr or any(_mentions(body.name, text) for text in gradients):
            return True
        waiting += [caller for caller in callers if caller.name not in seen]
        seen |= {caller.name: caller for caller in callers}
    return False


def _with_callers(names: set[str], written: dict[str, bytes]) -> set[str]:
    """These functions and all that mention one of them in any way, and so on."""
    found: set[str] = set()
    new = names
    while new:
        found |= new
        new = {
            caller
            for caller, text in written.items()
            if caller not in found and any(_mentions(name, text) for name in new)
        }
    return found


def _mentions(name: str, text: bytes) -> int:
    """How often a message holds this text as a whole field. Stricter than to read calls: it sees all attributes."""
    written = name.encode()
    length, prefix = len(written), bytearray()
    while length > 0x7F:
        prefix.append(length & 0x7F | 0x80)
        length >>= 7
    return text.count(bytes([*prefix, length]) + written)
