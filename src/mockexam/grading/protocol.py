"""The messages between the app and the examiner: one JSON object a line, versioned.

The app writes requests to the examiner's standard input and reads replies from its standard output. The end of
the input ends the examiner. Replies to one request carry its `job`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from mockexam.exam.events import ModelFormat
from mockexam.exam.scoring import Verdict

VERSION = 3


class Message(BaseModel):
    """One line of the stream."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class WarmUp(Message):
    """Start the predictor now, so that the first model need not wait for TensorFlow."""

    type: Literal["warm_up"] = "warm_up"


class Prepare(Message):
    """Draw a hold-out now, so that the first model of a question need not wait for it. Nothing is replied."""

    type: Literal["prepare"] = "prepare"
    question: str
    data_seed: str
    holdout_seed: str
    train: bool = False
    """Draw the training samples of a diagnosis too."""


class MakeData(Message):
    """Write a question's training data into an existing empty folder."""

    type: Literal["make_data"] = "make_data"
    job: str
    question: str
    data_seed: str
    """Names the numbers of the paper: its code."""
    folder: str


class GradeModel(Message):
    """Judge a model on a question's hold-out."""

    type: Literal["grade_model"] = "grade_model"
    job: str
    question: str
    data_seed: str
    holdout_seed: str
    """Seed of the hold-out, secret to the attempt."""
    model: str
    """Absolute path of the copy to judge."""
    format: ModelFormat
    spread: bool = False
    """Tell the metric's standard error too: for authors, never during an attempt."""


class DiagnoseModel(Message):
    """Find out why a model that was graded has no more marks; none are given or taken."""

    type: Literal["diagnose_model"] = "diagnose_model"
    job: str
    question: str
    data_seed: str
    holdout_seed: str
    model: str
    """Absolute path of the copy that was graded."""
    format: ModelFormat


class InspectModel(Message):
    """Tell what a model file is and what the marker would refuse; no marks."""

    type: Literal["inspect_model"] = "inspect_model"
    job: str
    model: str
    format: ModelFormat
    question: str | None = None


class Ready(Message):
    """The examiner can take requests."""

    type: Literal["ready"] = "ready"
    protocol: int = VERSION
    isolation: str
    """What will hold the predictor: `bubblewrap` or `process limits`."""
    isolation_detail: str = ""
    """Why it is not more, if it is not."""
    versions: dict[str, str]


class PredictorState(Message):
    """The predictor is importing TensorFlow, is warm, or could not be started."""

    type: Literal["predictor_state"] = "predictor_state"
    state: Literal["starting", "warm", "failed"]
    detail: str = ""


class JobProgress(Message):
    """How far a job is."""

    type: Literal["progress"] = "progress"
    job: str
    fraction: float = Field(ge=0, le=1)
    text: str = ""


class Working(Message):
    """A job has come to a part that takes at most so many seconds: an examiner that overstays it hangs."""

    type: Literal["working"] = "working"
    job: str
    at_most: float = Field(gt=0)


class DataMade(Message):
    """The training data lie in the folder."""

    type: Literal["data_made"] = "data_made"
    job: str
    files: int
    size: int
    """Bytes."""


class ModelGraded(Message):
    """The verdict on a model."""

    type: Literal["model_graded"] = "model_graded"
    job: str
    verdict: Verdict
    marks: int | None = Field(default=None, ge=0, le=5)
    metric: str | None = None
    value: float | None = None
    next_at: float | None = None
    """The metric's value at which the next mark begins; None with full marks or without marks."""
    standard_error: float | None = None
    """Of `value`, if it was asked for."""
    message: str = ""
    """In a learner's words."""
    remedy: str = ""
    isolation: str
    versions: dict[str, str]
    seconds: float


class ModelDiagnosed(Message):
    """What could be measured about a graded model."""

    type: Literal["model_diagnosed"] = "model_diagnosed"
    job: str
    train_value: float | None
    """The rubric's metric on the training data; None if the question's data maker does not give them."""
    findings: list[str]
    """In a learner's words, the weightiest first; empty if nothing stands out."""


class InspectionFinding(Message):
    """Something the marker would refuse, or that is worth knowing."""

    severity: Literal["refused", "warning", "note"]
    message: str
    remedy: str = ""


class ModelInspected(Message):
    """What a model is."""

    type: Literal["model_inspected"] = "model_inspected"
    job: str
    format: ModelFormat
    size: int
    """Bytes."""
    saved_with: str
    """For example `Keras 3.15.1`; empty if unknown."""
    inputs: list[str]
    """For example `float32 (None, 28, 28)`."""
    outputs: list[str]
    layers: list[str]
    parameters: int | None
    findings: list[InspectionFinding]


class JobFailed(Message):
    """A job could not be done through no fault of the candidate. Without a job: the examiner can't even start."""

    type: Literal["job_failed"] = "job_failed"
    job: str
    message: str
    location: str = ""
    hint: str = ""


Request = Annotated[
    WarmUp | Prepare | MakeData | GradeModel | DiagnoseModel | InspectModel, Field(discriminator="type")
]
Reply = Annotated[
    Ready
    | PredictorState
    | JobProgress
    | Working
    | DataMade
    | ModelGraded
    | ModelDiagnosed
    | ModelInspected
    | JobFailed,
    Field(discriminator="type"),
]

_REQUESTS: TypeAdapter[Request] = TypeAdapter(Request)
_REPLIES: TypeAdapter[Reply] = TypeAdapter(Reply)


def encode(message: Message) -> bytes:
    """The message as one line."""
    return message.model_dump_json().encode() + b"\n"


def read_request(line: bytes) -> Request:
    """The request on a line. Raises pydantic.ValidationError."""
    return _REQUESTS.validate_json(line)


def read_reply(line: bytes) -> Reply:
    """The reply on a line. Raises pydantic.ValidationError."""
    return _REPLIES.validate_json(line)
