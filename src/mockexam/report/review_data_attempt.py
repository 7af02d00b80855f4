"""What `mockexam review ATTEMPT --json` writes."""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime, Field

from mockexam.exam.marking import Verdict
from mockexam.report.review_data_base import AttemptSummary, Data, PathText, Version


class Regrade(Data):
    """A verdict given again after the end."""

    at: AwareDatetime = Field(validation_alias="wall")
    verdict: Verdict
    marks: int | None
    value: float | None
    versions: dict[str, str]


class Submission(Data):
    """One submission."""

    id: str
    received: AwareDatetime = Field(validation_alias="wall")
    elapsed_seconds: float = Field(validation_alias="elapsed")
    """On the attempt's clock."""
    name: str
    format: str
    bytes: int = Field(validation_alias="size")
    sha256: str
    swept: bool
    """Received after the time was up, but saved before."""
    counts: bool
    """Whether its marks are the question's."""
    verdict: Verdict | None
    """Null while it waits."""
    marks: int | None
    metric: str | None
    value: float | None
    next_at: float | None
    distance: float | None
    """From the next mark, in the metric's unit."""
    message: str
    remedy: str
    isolation: str
    versions: dict[str, str]
    train_value: float | None
    """The metric on the training data."""
    findings: tuple[str, ...]
    """The diagnosis."""
    regrades: tuple[Regrade, ...]
    model: PathText
    """Path of the kept copy; null if it is not kept any more."""
    scripts: PathText
    """Path of the folder of kept scripts."""


class SkillMark(Data):
    """A skill that a question shows."""

    id: str
    title: str
    shown: bool


class Question(Data):
    """One question of an attempt with its submissions."""

    number: int
    question: str
    category: str
    title: str
    weight: int
    minutes: int
    """What a prepared candidate needs."""
    marks: int | None
    seconds: float
    hints: int
    metric: str | None
    larger_is_better: bool
    bands: tuple[float, ...]
    """Where each of the five marks begins; empty if that can't be shown."""
    skills: tuple[SkillMark, ...]
    reference: PathText
    """Path of the walk-through."""
    closed: str
    """Why bands or reference can't be shown."""
    regradable: bool
    not_regradable: str
    submissions: tuple[Submission, ...]


class TimelineLine(Data):
    """Something that happened."""

    at: AwareDatetime = Field(validation_alias="wall")
    elapsed_seconds: float = Field(validation_alias="elapsed")
    kind: str
    number: int | None
    """The question it concerns."""
    text: str


class Jump(Data):
    """The computer's clock was moved."""

    at: AwareDatetime = Field(validation_alias="wall")
    seconds: float
    """Positive: forward."""


class AttemptDocument(Data):
    """`mockexam review ATTEMPT --json`: all that is on record of an attempt."""

    kind: Literal["attempt"] = "attempt"
    version: Version = 1
    summary: AttemptSummary = Field(validation_alias="outcome")
    workspace: str
    events: int
    intact: bool
    """Whether the chain of events is unbroken."""
    broken_at: int | None
    """The first event that was altered, is missing or can't be read."""
    broken_reason: str
    kept_bytes: int
    jumps: tuple[Jump, ...]
    questions: tuple[Question, ...]
    timeline: tuple[TimelineLine, ...]
