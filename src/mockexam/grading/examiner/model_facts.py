"""What the predictor tells about a model, read as foreign input: whatever does not fit is left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_LINES = 300
_LENGTH = 200
_AXES = 16


@dataclass(frozen=True)
class TensorFact:
    """A declared input or output."""

    name: str
    dtype: str
    shape: tuple[int | None, ...] | None
    """With the batch axis; None where an axis is free, None as a whole if the rank is."""

    def __str__(self) -> str:
        return f"{self.dtype} {shape_text(self.shape)}"


@dataclass(frozen=True)
class ModelFacts:
    """A loaded model, as far as it tells."""

    inputs: tuple[TensorFact, ...] = ()
    outputs: tuple[TensorFact, ...] = ()
    layers: tuple[str, ...] = ()
    parameters: int | None = None
    last_activation: str = ""
    saved_with: str = ""


def parse_facts(header: Mapping[str, Any]) -> ModelFacts:
    """The facts in a frame's header. Never raises."""
    parameters = header.get("parameters")
    return ModelFacts(
        inputs=_tensors(header.get("inputs")),
        outputs=_tensors(header.get("outputs")),
        layers=tuple(text(line) for line in _list(header.get("layers"))[:_LINES]),
        parameters=parameters if isinstance(parameters, int) and parameters >= 0 else None,
        last_activation=text(header.get("last_activation")),
        saved_with=text(header.get("saved_with")),
    )


def shape_text(shape: tuple[int | None, ...] | None) -> str:
    """A shape as Keras prints it, for example `(None, 28, 28)`."""
    return "of unknown shape" if shape is None else str(tuple(shape))


def text(value: object, length: int = _LENGTH) -> str:
    """A printable line of at most so many characters; empty if it is no string."""
    if not isinstance(value, str):
        return ""
    return "".join(c if c.isprintable() else " " for c in value[:length])


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _tensors(value: object) -> tuple[TensorFact, ...]:
    return tuple(
        TensorFact(text(item.get("name")), text(item.get("dtype")), _shape(item.get("shape")))
        for item in _list(value)[:20]
        if isinstance(item, dict)
    )


def _shape(value: object) -> tuple[int | None, ...] | None:
    if not isinstance(value, list) or len(value) > _AXES:
        return None
    return tuple(axis if isinstance(axis, int) and axis >= 0 else None for axis in value)
