"""How a model's job goes: what is ordered of the predictor, and what is known after each of its frames.

Nothing in a frame is believed but its types. Pure.
"""

from __future__ import annotations

import signal
from dataclasses import dataclass, replace
from typing import Any, Literal

from mockexam.grading.examiner.error_messages import ModelError, Stage
from mockexam.grading.examiner.model_facts import ModelFacts, parse_facts, text
from mockexam.grading.wire import Frame

BODY_SLACK = 1024
How = Literal["answered", "refused", "failed", "fault", "time", "memory", "crash"]
LAST = ("answered", "refused", "failed", "fault")
"""A job that went so has said all that it has to say."""


@dataclass(frozen=True)
class PredictionJob:
    """One model to load, and features to predict unless it is only looked at."""

    model: str
    """Path, as the examiner knows it until the job is sent."""
    format: str
    features: str | None
    """Likewise."""
    samples: int
    """How many rows the answer has."""
    values: int
    """Numbers in one sample's answer."""
    seconds: float
    memory: int
    """Bytes."""
    file_bytes: int
    batch: int = 64
    gate: bool = True
    rows: tuple[int, ...] = ()
    """Numbers of the samples to feed; all of them if it is empty."""
    forget: bool = False
    """Whether variables are set back after each batch."""

    @property
    def max_body(self) -> int:
        """The longest answer in bytes: eight a number."""
        return self.samples * self.values * 8 + BODY_SLACK


@dataclass(frozen=True)
class RawAnswer:
    """An array as it came: foreign bytes with what they claim to be."""

    shape: tuple[int, ...]
    dtype: str
    data: bytes


@dataclass(frozen=True)
class GateReason:
    """What the gate found: a code, and what and where, as it came."""

    reason: str
    found: str
    where: str
    saved_with: str


@dataclass(frozen=True)
class PredictionOutcome:
    """How a job went."""

    how: How
    facts: ModelFacts | None = None
    answer: RawAnswer | None = None
    gate: GateReason | None = None
    """Why it was not even loaded."""
    error: ModelError | None = None
    code: int = 0
    """How a crashed process ended: a signal as a negative number."""


def order(job: PredictionJob, token: str) -> dict[str, Any]:
    """The header of a job's frame. What is said about it carries its token."""
    return {
        "kind": "job", "token": token, "model": job.model, "format": job.format, "features": job.features,
        "samples": job.samples, "values": job.values, "seconds": job.seconds, "memory": job.memory,
        "file_bytes": job.file_bytes, "batch": job.batch, "gate": job.gate, "rows": job.rows,
        "forget": job.forget,
    }  # fmt: skip


def add(outcome: PredictionOutcome, frame: Frame) -> PredictionOutcome:
    """What is known after one more frame. Nothing in it is believed but its types."""
    header = frame.header
    if frame.kind == "facts":
        return replace(outcome, facts=parse_facts(header))
    if frame.kind == "refused":
        told = GateReason(*(text(header.get(part)) for part in ("reason", "found", "where", "saved_with")))
        return replace(outcome, how="refused", gate=told)
    if frame.kind == "fault" and outcome.facts is None:
        ours = ModelError("load", text(header.get("error")), _lines(header.get("text")))
        return replace(outcome, how="fault", error=ours)
    if frame.kind == "failed":
        stage: Stage = (
            "load" if header.get("stage") == "load" else "output" if header.get("stage") == "output" else "predict"
        )
        error = ModelError(stage, text(header.get("error")), _lines(header.get("text")), text(header.get("saved_with")))
        return replace(outcome, how="failed", error=error)
    if frame.kind == "answer":
        return replace(outcome, how="answered", answer=_answer(frame))
    return outcome


def _answer(frame: Frame) -> RawAnswer | None:
    shape = frame.header.get("shape")
    if not isinstance(shape, list) or len(shape) > 16 or not all(isinstance(a, int) and a >= 0 for a in shape):
        return None
    return RawAnswer(tuple(shape), text(frame.header.get("dtype")), frame.body)


def close(outcome: PredictionOutcome, frame: Frame) -> PredictionOutcome:
    """What is known with the last frame: how the process ended."""
    how, code = frame.header.get("how"), frame.header.get("code")
    if how == "done" and outcome.how in LAST:
        return outcome
    if how == "time" or code == -signal.SIGXCPU:
        return replace(outcome, how="time")
    if how == "memory":
        return replace(outcome, how="memory")
    return replace(outcome, how="crash", code=code if isinstance(code, int) else 0)


def _lines(value: object) -> str:
    return value[:10_000] if isinstance(value, str) else ""
