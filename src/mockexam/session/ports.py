"""What a user interface shows of attempts, and how it asks for one: plain data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

# The command line and the first frame need these forms before an attempt is read.
if TYPE_CHECKING:
    from mockexam.exam.attempt import Attempt, Phase
    from mockexam.exam.clock import Reading
    from mockexam.exam.paper import Mode, Paper, Rules


class Tone(StrEnum):
    """The importance of a line of activity."""

    INFO = "info"
    GOOD = "good"
    WARN = "warn"
    ERROR = "error"


@dataclass(frozen=True)
class Activity:
    """A line of activity."""

    wall: float
    """Seconds since 1970 UTC."""
    number: int | None
    """The question it concerns."""
    text: str
    tone: Tone = Tone.INFO


@dataclass(frozen=True)
class GraderState:
    """What the grader is doing."""

    state: str = "starting"
    """`starting`, `warm`, `marking`, `failed`."""
    isolation: str = ""
    detail: str = ""


@dataclass(frozen=True)
class Snapshot:
    """An attempt at one moment."""

    attempt: Attempt
    now: Reading
    remaining: float | None
    """Seconds left; None when untimed."""
    grader: GraderState
    grading: str | None = None
    """The submission that is being graded."""
    activity: tuple[Activity, ...] = ()
    """Oldest first."""
    missing: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    """By question number: what is missing from its folder and can be repaired, e.g. ('solution.py', 'data')."""
    diagnosing: int = 0
    """How many models are still to be diagnosed now."""

    unreceived: Mapping[int, str] = field(default_factory=dict)
    """By question number: why the newest model in its folder was not received."""

    @property
    def phase(self) -> Phase:
        return self.attempt.phase


ProgressCallback = Callable[[float, str], None]
"""Receives a fraction from 0 to 1 and what is being done."""


@dataclass(frozen=True, slots=True)
class AttemptPlan:
    """An attempt that can be started."""

    mode: Mode
    rules: Rules
    paper: Paper
    workspace: Path
    bank_version: str
    left_out: tuple[str, ...] = ()
    """Questions that were excluded, each with the reason: a fault, or data that can't be fetched now."""
    repeat: bool = False
    """An exam of a paper that was sat before."""
    to_download: str = ""
    """How much Prepare downloads, such as `161.1 MB`; empty if everything is on this computer."""


@dataclass(frozen=True, slots=True)
class Running:
    """The running attempt, or a finished one whose last marks are missing."""

    attempt: str
    title: str
    code: str
    remaining: float | None
    """Seconds; 0 when the time is up, None when untimed."""
    holder: int | None
    """Process id of another app that has it open."""


@dataclass(frozen=True, slots=True)
class RetryChoice:
    """What to retry; by default the weakest category."""

    category: str | None = None
    """A category's name, or any unambiguous beginning or word of it."""
    question: str | None = None
    """A question's id, or an unambiguous part of it; then `category` may be left out."""
    timed: bool = True
    exam: str | None = None
    """The name or `.toml` file of the exam whose weights and time count; None for the last one taken."""


@dataclass(frozen=True, slots=True)
class Hint:
    """One step of a question's hints."""

    step: int
    """From 1."""
    of: int
    """The number of steps."""
    text: str
    """Markdown."""


@dataclass(frozen=True, slots=True)
class QuestionRecord:
    """A question that can be retried, and its history."""

    id: str
    title: str
    summary: str
    minutes: int
    met: int
    """How many papers contained it."""
    marks: int | None
    """The latest marks (see `exam.standing`); None if there are none."""
    days_ago: float | None
    """Since the last attempt at it."""


@dataclass(frozen=True, slots=True)
class CategoryRecord:
    """A category that can be retried, and its history."""

    id: str
    title: str
    seconds: float
    """Time for a timed retry: the category's share of the exam."""
    best: int | None
    mean: float | None
    """Of the recent marks."""
    trend: float | None
    """Marks gained per attempt."""
    questions: tuple[QuestionRecord, ...]


@dataclass(frozen=True, slots=True)
class StartRequest:
    """An attempt to start."""

    exam: str | None = None
    """An exam's name, or the path of an exam file."""
    code: str | None = None
    workspace: Path | None = None
    retry: RetryChoice | None = None
    """What to retry instead of an exam; `exam` and `code` are then ignored."""


@dataclass(frozen=True, slots=True)
class ReviewRequest:
    """Attempts to review."""

    attempt: str | None = None
    """Its id, an unambiguous part of it, or `last`; None for all."""
