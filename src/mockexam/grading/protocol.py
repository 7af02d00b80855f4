"""The messages between the app and the examiner: one JSON object a line, versioned.

The app writes requests to the examiner's stdin and reads replies from its stdout. Replies to a request carry its `job`.
The examiner exits when its stdin closes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from mockexam.exam.class_report import ClassReport
from mockexam.exam.events import ModelFormat
from mockexam.exam.scoring import Verdict

VERSION = 6


class Message(BaseModel):
    """One line."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class JobMessage(Message):
    """A request that starts a job, or a reply to it."""

    job: str


class WarmUp(Message):
    """Start the predictor now, so that the first model does not wait for TensorFlow."""

    type: Literal["warm_up"] = "warm_up"


class Prepare(Message):
    """Draw a hold-out now, so that a question's first model does not wait for it. There is no reply."""

    type: Literal["prepare"] = "prepare"
    question: str
    data_seed: str
    holdout_seed: str
    train: bool = False  # also draw the training samples for a diagnosis


class MakeData(JobMessage):
    """Write a question's training data into an existing empty folder."""

    type: Literal["make_data"] = "make_data"
    question: str
    data_seed: str  # the exam code
    folder: str


class HoldoutRequest(JobMessage):
    """A request to predict a question's hold-out with a model."""

    question: str
    data_seed: str
    holdout_seed: str  # secret until the attempt is over
    model: str  # absolute path of the copy that is graded
    format: ModelFormat


class GradeModel(HoldoutRequest):
    """Grade a model on a question's hold-out."""

    type: Literal["grade_model"] = "grade_model"
    spread: bool = False  # also estimate the metric's standard error: for authors, never during an attempt


class DiagnoseModel(HoldoutRequest):
    """Find out what costs a graded model marks. Its marks do not change."""

    type: Literal["diagnose_model"] = "diagnose_model"


class InspectModel(JobMessage):
    """Describe a model and what would be refused, without grading it."""

    type: Literal["inspect_model"] = "inspect_model"
    model: str
    format: ModelFormat
    question: str | None = None


class Ready(Message):
    """The examiner accepts requests."""

    type: Literal["ready"] = "ready"
    protocol: int = VERSION
    isolation: str  # how the predictor is sandboxed: `bubblewrap` or `process limits`
    isolation_detail: str = ""  # why it is not stronger, if it is not
    versions: dict[str, str]


class PredictorState(Message):
    """The predictor is importing TensorFlow, is ready, or could not start."""

    type: Literal["predictor_state"] = "predictor_state"
    state: Literal["starting", "warm", "failed"]
    detail: str = ""


class JobProgress(JobMessage):
    """Progress of a job."""

    type: Literal["progress"] = "progress"
    fraction: float = Field(ge=0, le=1)


class Working(JobMessage):
    """The next step of a job takes at most so many seconds; after that the examiner counts as hung."""

    type: Literal["working"] = "working"
    at_most: float = Field(gt=0)


class DataMade(JobMessage):
    """The training data is in the folder."""

    type: Literal["data_made"] = "data_made"
    files: int
    size: int  # bytes


class ModelGraded(JobMessage):
    """The verdict on a model."""

    type: Literal["model_graded"] = "model_graded"
    verdict: Verdict
    marks: int | None = Field(default=None, ge=0, le=5)
    metric: str | None = None
    value: float | None = None
    next_at: float | None = None  # the metric value that earns the next mark; None with full marks or without marks
    standard_error: float | None = None  # of `value`, if requested
    answers: str = ""  # a hash of the predictions; empty if they are the same for each sample
    message: str = ""  # for the learner
    remedy: str = ""
    isolation: str
    versions: dict[str, str]
    seconds: float


class ModelDiagnosed(JobMessage):
    """The diagnosis of a graded model."""

    type: Literal["model_diagnosed"] = "model_diagnosed"
    train_value: float | None  # the metric on the training data; None if the question offers no training samples
    findings: list[str]  # for the learner, the most important first
    class_report: ClassReport | None = None  # for a classifier


class InspectionFinding(Message):
    """A reason to refuse the model, or a remark."""

    severity: Literal["refused", "warning", "note"]
    message: str
    remedy: str = ""


class ModelInspected(JobMessage):
    """The description of a model."""

    type: Literal["model_inspected"] = "model_inspected"
    format: ModelFormat
    size: int  # bytes
    saved_with: str  # such as `Keras 3.15.1`; empty if unknown
    inputs: list[str]  # such as `float32 (None, 28, 28)`
    outputs: list[str]
    layers: list[str]
    parameters: int | None
    findings: list[InspectionFinding]


class JobFailed(JobMessage):
    """A job failed, which is not the candidate's fault. Without a job, the examiner can't start."""

    type: Literal["job_failed"] = "job_failed"
    message: str
    location: str = ""
    hint: str = ""


Request = Annotated[
    WarmUp | Prepare | MakeData | GradeModel | DiagnoseModel | InspectModel, Field(discriminator="type")
]
_JobReply = JobProgress | Working | DataMade | ModelGraded | ModelDiagnosed | ModelInspected | JobFailed
Reply = Annotated[Ready | PredictorState | _JobReply, Field(discriminator="type")]


def encode(message: Message) -> bytes:
    """The message as one line."""
    return message.model_dump_json().encode() + b"\n"


read_request: Callable[[bytes], Request] = TypeAdapter[Request](Request).validate_json
read_reply: Callable[[bytes], Reply] = TypeAdapter[Reply](Reply).validate_json
"""The message on a line. Both raise pydantic.ValidationError."""
