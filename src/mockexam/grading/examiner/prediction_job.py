"""What the examiner asks of the predictor, and what it learns from each reply. Pure.

Replies are untrusted: only their types are checked here, and whatever does not fit is dropped.
"""

from __future__ import annotations

import signal
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from mockexam.grading.ipc import Frame

BODY_SLACK = 1024
MAX_LAYERS = 300
MAX_TENSORS = 20
MAX_AXES = 16
MAX_TEXT = 200
MAX_ERROR = 10_000
How = Literal["predicted", "refused", "failed", "fault", "other_keras", "time", "memory", "crash"]
COMPLETE = ("predicted", "refused", "failed", "fault", "other_keras")
"""After one of these the predictor has nothing more to say about the job."""
Stage = Literal["load", "predict", "output"]
_CPU_LIMIT = getattr(signal, "SIGXCPU", None)
"""What ends a process that has used its processor time; not on Windows."""


@dataclass(frozen=True)
class PredictionJob:
    """One model to load, and features to predict unless it is only inspected."""

    model: str  # path as the examiner knows it until the job is sent; so is `features`
    format: str
    features: str | None
    samples: int  # rows of the prediction
    values: int  # numbers per sample in the prediction
    seconds: float
    memory: int  # bytes
    file_bytes: int
    own_bytes: int = 0
    """The most that weights and graph may take, without an optimizer; 0 if the whole model takes no more."""
    batch: int = 64
    gate: bool = True
    rows: tuple[int, ...] = ()  # indices of the samples to feed; empty for all
    forget: bool = False  # whether variables are reset after each batch

    @property
    def max_body(self) -> int:
        """The longest prediction in bytes: eight per number."""
        return self.samples * self.values * 8 + BODY_SLACK

    def header(self, token: str) -> dict[str, Any]:
        """The header of the job's frame. Every reply to it carries the token."""
        return {"kind": "job", "token": token, **asdict(self)}


@dataclass(frozen=True)
class TensorFact:
    """A declared input or output."""

    name: str
    dtype: str
    shape: tuple[int | None, ...] | None
    """With the batch axis; None for a free axis, None as a whole for an unknown rank."""

    def __str__(self) -> str:
        return f"{self.dtype} {shape_text(self.shape)}"


@dataclass(frozen=True)
class ModelFacts:
    """What a loaded model declares."""

    inputs: tuple[TensorFact, ...] = ()
    outputs: tuple[TensorFact, ...] = ()
    layers: tuple[str, ...] = ()
    parameters: int | None = None
    last_activation: str = ""
    saved_with: str = ""


@dataclass(frozen=True)
class RawPredictions:
    """An array as it arrived: untrusted bytes and what they claim to be."""

    shape: tuple[int, ...]
    dtype: str
    data: bytes


@dataclass(frozen=True)
class GateReason:
    """Why the gate refused a model: a code, and the raw text of what it found and where."""

    reason: str
    found: str
    where: str
    saved_with: str


@dataclass(frozen=True)
class ModelError:
    """An exception in a model's process."""

    stage: Stage
    error: str  # the exception's class
    text: str
    saved_with: str = ""


@dataclass(frozen=True)
class PredictionOutcome:
    """How a job went."""

    how: How
    facts: ModelFacts | None = None
    predictions: RawPredictions | None = None
    gate: GateReason | None = None
    error: ModelError | None = None
    code: int = 0  # exit code of a crashed process: a signal as a negative number

    def after(self, frame: Frame) -> PredictionOutcome:
        """The outcome after one more frame; frames of unknown kinds change nothing."""
        header = frame.header
        match frame.kind:
            case "facts":
                return replace(self, facts=parse_facts(header))
            case "refused":
                fields = (printable(header.get(part)) for part in ("reason", "found", "where", "saved_with"))
                return replace(self, how="refused", gate=GateReason(*fields))
            case "fault" if self.facts is None:  # a loaded model could forge it
                return replace(self, how="fault", error=_parse_error(header, "load"))
            case "other_keras" if self.facts is None:
                return replace(self, how="other_keras")
            case "failed":
                stages: dict[object, Stage] = {"load": "load", "output": "output"}
                stage = stages.get(str(header.get("stage")), "predict")
                return replace(self, how="failed", error=_parse_error(header, stage))
            case "answer":
                return replace(self, how="predicted", predictions=_parse_predictions(frame))
            case "ended":
                return self._ended(header)
        return self

    def _ended(self, header: Mapping[str, Any]) -> PredictionOutcome:
        how, code = header.get("how"), header.get("code")
        if how == "done" and self.how in COMPLETE:
            return self
        if how == "time" or (_CPU_LIMIT is not None and code == -_CPU_LIMIT):
            return replace(self, how="time")
        if how == "memory":
            return replace(self, how="memory")
        return replace(self, how="crash", code=code if isinstance(code, int) else 0)


def parse_facts(header: Mapping[str, Any]) -> ModelFacts:
    """The facts in a frame's header. Never raises."""
    parameters = header.get("parameters")
    return ModelFacts(
        inputs=_parse_tensors(header.get("inputs")),
        outputs=_parse_tensors(header.get("outputs")),
        layers=tuple(printable(line) for line in _list(header.get("layers"))[:MAX_LAYERS]),
        parameters=parameters if isinstance(parameters, int) and parameters >= 0 else None,
        last_activation=printable(header.get("last_activation")),
        saved_with=printable(header.get("saved_with")),
    )


def shape_text(shape: tuple[int | None, ...] | None) -> str:
    """A shape as Keras prints it, such as `(None, 28, 28)`."""
    return "of unknown shape" if shape is None else str(tuple(shape))


def printable(value: object, length: int = MAX_TEXT) -> str:
    """A printable line of at most so many characters; empty if the value is not a string."""
    if not isinstance(value, str):
        return ""
    return "".join(c if c.isprintable() else " " for c in value[:length])


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _parse_tensors(value: object) -> tuple[TensorFact, ...]:
    return tuple(
        TensorFact(printable(item.get("name")), printable(item.get("dtype")), _parse_shape(item.get("shape")))
        for item in _list(value)[:MAX_TENSORS]
        if isinstance(item, dict)
    )


def _parse_shape(value: object) -> tuple[int | None, ...] | None:
    if not isinstance(value, list) or len(value) > MAX_AXES:
        return None
    return tuple(axis if isinstance(axis, int) and axis >= 0 else None for axis in value)


def _parse_predictions(frame: Frame) -> RawPredictions | None:
    shape = frame.header.get("shape")
    if not isinstance(shape, list) or len(shape) > MAX_AXES or not all(isinstance(a, int) and a >= 0 for a in shape):
        return None
    return RawPredictions(tuple(shape), printable(frame.header.get("dtype")), frame.body)


def _parse_error(header: Mapping[str, Any], stage: Stage) -> ModelError:
    text = header.get("text")
    lines = text[:MAX_ERROR] if isinstance(text, str) else ""
    return ModelError(stage, printable(header.get("error")), lines, printable(header.get("saved_with")))
