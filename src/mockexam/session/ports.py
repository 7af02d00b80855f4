"""What a user interface may ask of attempts, and what it shows of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from mockexam.exam.attempt import Attempt, Phase
from mockexam.exam.clock import Reading
from mockexam.exam.paper import Mode, Paper, Rules

if TYPE_CHECKING:
    from mockexam.grading.protocol import ModelInspected
    from mockexam.workspace.scripts import ScriptFile


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
    """Questions that were excluded because of a fault, each with that fault."""


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


class ExamSessionPort(Protocol):
    """A running attempt that this app holds."""

    @property
    def snapshot(self) -> Snapshot:
        """The newest snapshot."""

    def subscribe(self, callback: Callable[[Snapshot], None]) -> None:
        """Call back with each new snapshot, in the event loop: at every change and once a second."""

    async def run(self) -> None:
        """Work until the attempt has ended and everything is graded, or `close` is called."""

    async def finish(self) -> None:
        """Finish early: nothing more is received; what was received is still graded."""

    async def close(self) -> None:
        """Give up the attempt. The clock runs on."""

    async def repair(self, number: int, *, over: bool = False) -> tuple[str, ...]:
        """Repair a question's folder as `question_files.repair`; returns what was put back. Raises UserError."""

    async def restore_submission(self, number: int, submission: str) -> tuple[str, ...]:
        """Restore an earlier submission (its id) as `workspace.restore_submission`; returns the names of the new files.

        A different file in the way is moved aside. Raises UserError.
        """

    def scripts(self, number: int, submission: str | None = None) -> tuple[ScriptFile, ...]:
        """A question's scripts now, or as stored with a submission (its id). Reads files. Raises UserError."""

    async def inspect(self, number: int) -> ModelInspected:
        """Inspect the newest model in a question's folder. Raises UserError if there is none."""

    def note(self, number: int, what: Literal["edit", "run", "run_ended"], detail: str = "") -> None:
        """Record that the candidate worked on a question."""

    def brief(self, number: int) -> str:
        """A question's brief as Markdown."""

    def hints(self, number: int) -> tuple[Hint, ...]:
        """The hints of a question shown so far, in order; none in an exam."""

    def next_hint(self, number: int) -> Hint | None:
        """The next hint, which is recorded; None if all were shown. Raises UserError in an exam."""

    def folder(self, number: int) -> Path:
        """A question's folder in the workspace."""


class SessionManagerPort(Protocol):
    """Plans, starts and opens attempts."""

    def running(self) -> Running | None:
        """The running attempt, if any. Quick: it reads the record only."""

    def exams(self) -> tuple[tuple[str, str], ...]:
        """Names and titles of the shipped exams. Slow the first time: call it in a thread."""

    def plan(self, exam: str | None, code: str | None, workspace: Path | None) -> AttemptPlan:
        """Draw a paper, a new one unless a code is given. Slow at first: call it in a thread. Raises UserError."""

    def retry_options(self, exam: str | None = None) -> tuple[CategoryRecord, ...]:
        """What can be retried of an exam, weakest category first. Call it in a thread. Raises UserError."""

    def plan_retry(self, choice: RetryChoice, workspace: Path | None) -> AttemptPlan:
        """Choose a question and its data. Slow at first: call it in a thread. Raises UserError."""

    async def prepare(self, plan: AttemptPlan, progress: ProgressCallback) -> None:
        """Make the workspace and its data; the clock does not run. Raises UserError."""

    def start(self, plan: AttemptPlan) -> str:
        """Start the clock; returns the attempt's id. Raises UserError if another attempt runs."""

    def open(self, attempt: str) -> ExamSessionPort:
        """Open an attempt. Raises UserError if another app has it open."""

    async def close(self) -> None:
        """End the grader's processes."""
