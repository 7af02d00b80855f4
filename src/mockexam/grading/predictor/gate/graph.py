"""Reads a SavedModel's graph and walks through all of its nodes once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mockexam.grading.predictor.gate import GateRefusal, operations, variables

MAX_BYTES = 64 << 20
"""Of a graph; those of the largest Keras applications have 10 MB. Parsed, a message may take 50 times its size."""
MAX_NODES = 300_000
MAX_FUNCTIONS = 20_000
MAX_OUTPUTS = 10_000
"""Of one node: TensorFlow makes room for each when it reads the graph."""
_TRACED = re.compile(r"^__(?:inference|forward|backward)_(.*?)(?:_\d+)*$")


@dataclass
class Body:
    """A function, or the main graph, with what the walk found of note."""

    name: str
    """Empty for the main graph."""
    proto: Any
    nodes: Any
    calls: list[str] = field(default_factory=list)
    """The functions that it calls, one entry a call."""
    saves: bool = False
    """Whether it holds operations that save or restore checkpoints."""
    text_tables: list[Any] = field(default_factory=list)
    """The nodes that fill a table from a text file."""

    @property
    def where(self) -> str:
        """What to call it to a learner, whose function's name TensorFlow wraps."""
        if not self.name:
            return "main graph"
        found = _TRACED.match(self.name)
        return f"function {found.group(1) if found and found.group(1) else self.name}"


def read(path: Path) -> Any:
    """The one meta graph of a SavedModel folder. Raises GateRefusal if it has none that TensorFlow 2 wrote."""
    file = path / "saved_model.pb"
    if not file.is_file():
        raise GateRefusal("graph_text" if (path / "saved_model.pbtxt").exists() else "graph_damaged", "saved_model.pb")
    size = file.stat().st_size
    if size > MAX_BYTES:
        raise GateRefusal("graph_large", f"saved_model.pb of {size >> 20} MB")
    graphs = _parse(file.read_bytes()).meta_graphs
    if not graphs:
        raise GateRefusal("graph_damaged", "saved_model.pb")
    if len(graphs) > 1:
        raise GateRefusal("graph_several", f"{len(graphs)} graphs")
    if not graphs[0].HasField("object_graph_def"):
        raise GateRefusal("graph_old", graphs[0].meta_info_def.tensorflow_version or "unknown")
    return graphs[0]


def _parse(raw: bytes) -> Any:
    from google.protobuf.message import DecodeError
    from tensorflow.core.protobuf import saved_model_pb2

    try:
        return saved_model_pb2.SavedModel.FromString(raw)
    except (DecodeError, RecursionError):
        raise GateRefusal("graph_damaged", "saved_model.pb") from None


def walk(graph_def: Any) -> list[Body]:
    """The main graph and each function, all nodes of which are allowed. Raises GateRefusal."""
    functions = graph_def.library.function
    if len(functions) > MAX_FUNCTIONS:
        raise GateRefusal("graph_large", f"{len(functions)} functions")
    bodies = [Body("", graph_def, graph_def.node)]
    bodies += [Body(function.signature.name, function, function.node_def) for function in functions]
    if (count := sum(len(body.nodes) for body in bodies)) > MAX_NODES:
        raise GateRefusal("graph_large", f"{count} operations")
    names = {body.name for body in bodies[1:]}
    if len(names) < len(functions) or "" in names or names & operations.allowed():
        raise GateRefusal("graph_damaged", "functions of the same name, or of an operation's")
    _GraphWalk(names).through(bodies)
    return bodies


class _GraphWalk:
    def __init__(self, functions: set[str]) -> None:
        self._functions = functions
        self._budget = variables.Budget()
        special = {"Const", *operations.CALLERS, *operations.OUTPUT_COUNTS}
        self._plain = operations.allowed() - special

    def through(self, bodies: Iterable[Body]) -> None:
        plain = self._plain
        for body in bodies:
            for node in body.nodes:
                op = node.op
                if op == "Const":
                    self._budget.check(node.attr["value"].tensor, body.where)
                elif op not in plain:
                    self._look(node, op, body)

    def _look(self, node: Any, op: str, body: Body) -> None:
        """A node that needs a second look: one that calls, one that saves, or one that is not allowed."""
        if op in operations.CALLERS:
            body.calls += _named(node.attr, body.where)
        elif op in operations.OUTPUT_COUNTS:
            for attribute in operations.OUTPUT_COUNTS[op]:
                if node.attr[attribute].i > MAX_OUTPUTS:
                    raise GateRefusal("graph_large", f"{op} with {node.attr[attribute].i} outputs", body.where)
        elif op in operations.SAVERS and body.name:
            body.saves = True
        elif op == operations.TEXT_TABLE and body.name:
            body.text_tables.append(node)
        elif op in self._functions and operations.reason(op) == "graph_foreign":
            # A function may be called by its name, unless that is the name of an operation.
            body.calls.append(op)
        else:
            raise GateRefusal(operations.reason(op), op, body.where)


def _named(attributes: Any, where: str) -> list[str]:
    """The functions that a node's attributes name. Raises GateRefusal for functions to fill in, which no export has."""
    found: list[Any] = []
    for value in attributes.values():
        kind = value.WhichOneof("value")
        if kind == "func":
            found.append(value.func)
        elif kind == "list":
            found += value.list.func
        elif kind == "placeholder":
            raise GateRefusal("graph_damaged", "a call of a function that is left open", where)
    if any(function.attr for function in found):
        raise GateRefusal("graph_damaged", "a call of a function that is left open", where)
    return [function.name for function in found]
