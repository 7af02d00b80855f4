"""What can happen in an attempt. Events are recorded once and never changed.

Plain dataclasses, so that they can be read without any library. Kinds and fields are stored: their spelling stays.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Literal, TypeVar, dataclass_transform

from mockexam.exam.class_report import ClassReport, report_of
from mockexam.exam.clock import Reading
from mockexam.exam.paper import Counts, Mode, Paper, PaperItem, Rules
from mockexam.exam.scoring import Verdict
from mockexam.exam.training_history import FitHistory, fits_of

E = TypeVar("E")
ModelFormat = Literal["keras", "h5", "saved_model"]
NoteKind = Literal["edit", "run", "run_ended", "inspect", "restore", "hint"]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Event:
    """Something that happened in an attempt."""

    kind: ClassVar[str]
    at: Reading

    # Written once here: generated for each kind they would take a tenth of the time of `status`.
    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash((self.kind, self.at))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in self.__dict__.items())})"


@dataclass_transform(frozen_default=True, kw_only_default=True)
def _event(cls: type[E]) -> type[E]:
    return dataclass(frozen=True, kw_only=True, eq=False, repr=False)(cls)


@_event
class Started(Event):
    """The clock began to run."""

    kind: ClassVar[str] = "started"
    mode: Mode
    rules: Rules
    paper: Paper
    workspace: str
    bank_version: str
    app_version: str


@_event
class Opened(Event):
    """An app opened the attempt."""

    kind: ClassVar[str] = "opened"
    pid: int
    app_version: str


@_event
class Closed(Event):
    """The app closed the attempt in good order. The clock runs on."""

    kind: ClassVar[str] = "closed"


@_event
class Ticked(Event):
    """The clock runs; limits to a minute what a power cut and a clock set back can lose."""

    kind: ClassVar[str] = "ticked"


@_event
class ClockJumped(Event):
    """The wall clock was set, by so many seconds against the boot clock."""

    kind: ClassVar[str] = "clock_jumped"
    seconds: float


@_event
class Received(Event):
    """A model was copied, hashed and stored."""

    kind: ClassVar[str] = "received"
    submission: str
    number: int
    name: str
    """File or folder name in the question's folder."""
    format: ModelFormat
    size: int
    """Bytes."""
    sha256: str
    stored: str
    """The copy, relative to the folder of submissions."""
    swept: bool = False
    """Found complete after the time was up, but last changed before it."""
    scripts: str = ""
    """The question's scripts as they were then, relative to the folder of submissions; empty if none were stored."""


@_event
class ReceivedAgain(Event):
    """The bytes of an earlier submission were saved again; it becomes the last one, not a new one."""

    kind: ClassVar[str] = "received_again"
    submission: str
    scripts: str = ""
    """The scripts at that time, of earlier versions; those of its `Received` are the ones that made it."""


@_event
class TrainingRecorded(Event):
    """How the training went whose output was seen when a submission was received."""

    kind: ClassVar[str] = "trained"
    submission: str
    fits: tuple[FitHistory, ...]
    """As `training_history.to_record` bounds them."""


@_event
class NotReceived(Event):
    """A model, or what looks like one, lay in the workspace at the end and was not received."""

    kind: ClassVar[str] = "not_received"
    number: int | None
    """The question in whose folder it lies; None for the workspace's top folder."""
    name: str
    """File or folder name; what can't be printed is replaced."""
    reason: str
    """In a learner's words, to follow a colon."""


@_event
class GradingResult(Event):
    """A verdict. Recorded as `Graded` or `Regraded`, never as such."""

    submission: str
    verdict: Verdict
    marks: int | None
    """0 to 5; None unless graded."""
    metric: str | None
    value: float | None
    next_at: float | None
    """The metric's value that earns the next mark."""
    message: str
    """In a learner's words; empty when graded without remark."""
    remedy: str
    isolation: str
    versions: dict[str, str]
    seconds: float
    """From the start of grading to the verdict."""


@_event
class Graded(GradingResult):
    """A submission was graded. A later verdict on the same submission replaces it; both stay recorded."""

    kind: ClassVar[str] = "marked"


@_event
class Regraded(GradingResult):
    """A submission was graded again after the end. It replaces a `grader_error`; else the first verdict counts."""

    kind: ClassVar[str] = "regraded"


@_event
class Diagnosed(Event):
    """What costs a submission marks: in a retry at once, in an exam once it has ended."""

    kind: ClassVar[str] = "diagnosed"
    submission: str
    train_value: float | None
    """The rubric's metric on the training data; None if it could not be measured."""
    findings: tuple[str, ...]
    """In a learner's words, the most important first."""
    class_report: ClassReport | None = None
    """For a classifier. None is not recorded, so that versions that do not know it can read the event."""


@_event
class GradingFailed(Event):
    """The grader failed on a submission, through no fault of the candidate; it will be tried again."""

    kind: ClassVar[str] = "marking_failed"
    submission: str
    detail: str


@_event
class Noted(Event):
    """The candidate did something on a question: edit, run, inspect, restore, or saw a hint (`detail`: its step)."""

    kind: ClassVar[str] = "noted"
    number: int
    what: NoteKind
    detail: str = ""


@_event
class Finished(Event):
    """Nothing more is received. What was received is still graded."""

    kind: ClassVar[str] = "finished"
    reason: Literal["candidate", "time_up"]


@_event
class Settled(Event):
    """Everything received is graded: the result. The hash of this event is the receipt."""

    kind: ClassVar[str] = "settled"
    earned: int
    """Σ weight·marks"""
    possible: int
    """Σ weight·5"""
    passed: bool


_KINDS: dict[str, type[Event]] = {
    cls.kind: cls
    for cls in (
        Started, Opened, Closed, Ticked, ClockJumped, Received, ReceivedAgain, NotReceived, TrainingRecorded, Graded,
        Regraded,
        Diagnosed, GradingFailed, Noted, Finished, Settled,
    )
}  # fmt: skip


_FIELDS: dict[str, Callable[[Any], Any]] = {
    "at": lambda value: Reading(**value),
    "mode": Mode,
    "verdict": Verdict,
    "rules": lambda value: Rules(**{**value, "counts": Counts(value["counts"])}),
    "paper": lambda value: Paper(value["code"], tuple(PaperItem(**item) for item in value["items"])),
    "findings": tuple,
    "fits": fits_of,
    "class_report": report_of,
}
"""What gives nested fields their types back."""


def to_fields(event: Event) -> dict[str, Any]:
    """The event as JSON-ready fields."""
    fields = asdict(event)
    if fields.get("class_report", "") is None:
        del fields["class_report"]
    return fields


def from_fields(kind: str, values: dict[str, Any]) -> Event:
    """The event of this kind from its fields. Raises ValueError for an unknown kind, a missing or an unknown field."""
    if kind not in _KINDS:
        raise ValueError(f"unknown kind of event: {kind!r}")
    try:
        return _KINDS[kind](**{n: _FIELDS[n](v) if n in _FIELDS else v for n, v in values.items()})
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"event {kind!r} does not fit: {error}") from None
