"""Tables that are filled from a text file: the file must be an asset of the model, whatever way its name takes.

The name is an argument of the function that fills the table. TensorFlow binds it to an asset's path when it loads the
model, or, in a model that was loaded and saved again, binds an argument of a function that hands it on.
"""

from __future__ import annotations

from typing import Any

from mockexam.grading.predictor.gate.graph import Body

_HAND_ON = frozenset({"PartitionedCall", "StatefulPartitionedCall"})


class Vocabularies:
    """Follows file names back through the calls of a graph, which must have no cycles."""

    def __init__(self, bodies: list[Body], objects: Any) -> None:
        self._bodies = bodies
        self._objects = objects
        self._known: dict[tuple[str, int], bool] = {}

    def is_asset(self, node: Any, body: Body) -> bool:
        """Whether the file that this node reads can be none but an asset."""
        name = node.input[1] if len(node.input) > 1 else ""
        return self._argument_is_asset(name, body)

    def _argument_is_asset(self, name: str, body: Body) -> bool:
        arguments = [argument.name for argument in body.proto.signature.input_arg]
        if name not in arguments:
            return False
        key = body.name, arguments.index(name)
        if key not in self._known:
            self._known[key] = self._bound(body, key[1], len(arguments)) and self._handed(body, key[1])
        return self._known[key]

    def _bound(self, body: Body, position: int, count: int) -> bool:
        """If TensorFlow can call the function itself: whether it puts an asset's path there."""
        if body.name not in self._objects.concrete_functions:
            return True
        inputs = self._objects.concrete_functions[body.name].bound_inputs
        place = position - (count - len(inputs))
        index = inputs[place] if 0 <= place < len(inputs) else -1
        nodes = self._objects.nodes
        return 0 <= index < len(nodes) and nodes[index].WhichOneof("kind") == "asset"

    def _handed(self, body: Body, position: int) -> bool:
        """Whether each function that calls this one hands on an asset's path."""
        for caller in self._bodies[1:]:
            if body.name not in caller.calls:
                continue
            calls = [n for n in caller.nodes if n.op in _HAND_ON and n.attr["f"].func.name == body.name]
            if len(calls) != caller.calls.count(body.name):
                return False
            if not all(len(n.input) > position and self._argument_is_asset(n.input[position], caller) for n in calls):
                return False
        return True
