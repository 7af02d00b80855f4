"""What a user interface draws: a frozen picture of a sitting at one moment."""

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
    """How a line of activity is meant."""

    INFO = "info"
    GOOD = "good"
    WARN = "warn"
    ERROR = "error"


@dataclass(frozen=True)
class Activity:
    """One line of what happened."""

    wall: float
    """Seconds since 1970 UTC."""
    number: int | None
    """The question it concerns."""
    text: str
    tone: Tone = Tone.INFO


@dataclass(frozen=True)
class GraderState:
    """What the marker is doing."""

    state: str = "starting"
    """`starting`, `warm`, `marking`, `failed`."""
    isolation: str = ""
    detail: str = ""


@dataclass(frozen=True)
class Snapshot:
    """A sitting at one moment."""

    attempt: Attempt
    now: Reading
    remaining: float | None
    """Seconds left; None when untimed."""
    grader: GraderState
    grading: str | None = None
    """The submission that is being marked."""
    activity: tuple[Activity, ...] = ()
    """Oldest first."""
    missing: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    """By question number: what is missing from its folder and can be restored, e.g. ('solution.py', 'data')."""

    @property
    def phase(self) -> Phase:
        """Running, marking or ended."""
        return self.attempt.phase


ProgressCallback = Callable[[float, str], None]
"""Told a fraction from 0 to 1 and what is being done."""


@dataclass(frozen=True, slots=True)
class AttemptPlan:
    """An attempt that could be started: what it is about and where it will be worked on."""

    mode: Mode
    rules: Rules
    paper: Paper
    workspace: Path
    bank_version: str
    left_out: tuple[str, ...] = ()
    """Questions that were not drawn from because they have a fault, each told with it."""


@dataclass(frozen=True, slots=True)
class Running:
    """The attempt that is under way (or whose last marks are missing)."""

    attempt: str
    title: str
    code: str
    remaining: float | None
    """Seconds; 0 when the time is up and it has to be closed, None when untimed."""
    holder: int | None
    """Process id of another app that has it open."""


@dataclass(frozen=True, slots=True)
class RetryChoice:
    """What somebody wants to practise; nothing named: the weakest category."""

    category: str | None = None
    """A category's name, or any unambiguous beginning or word of it."""
    question: str | None = None
    """A question's id, or an unambiguous part of it; then `category` may be left out."""
    timed: bool = True
    exam: str | None = None
    """The name or `.toml` file of the exam whose weights and time count; None for the one that was taken last."""


@dataclass(frozen=True, slots=True)
class Hint:
    """One step of a question's help."""

    step: int
    """From 1."""
    of: int
    """How many steps there are."""
    text: str
    """Markdown."""


@dataclass(frozen=True, slots=True)
class QuestionRecord:
    """A question that can be practised, and how it went so far."""

    id: str
    title: str
    summary: str
    minutes: int
    met: int
    """How often it stood on a paper."""
    marks: int | None
    """At the newest meeting that says something (see `exam.standing.meetings`); None if there is none."""
    days_ago: float | None
    """Since the last meeting."""


@dataclass(frozen=True, slots=True)
class CategoryRecord:
    """A category that can be practised, and how it went so far."""

    id: str
    title: str
    seconds: float
    """Time for a timed retry: the category's share of the exam."""
    best: int | None
    mean: float | None
    """Of the recent marks."""
    trend: float | None
    """Marks gained a meeting."""
    questions: tuple[QuestionRecord, ...]


class ExamSessionPort(Protocol):
    """An attempt that this app has charge of."""

    @property
    def snapshot(self) -> Snapshot:
        """The newest picture."""
        ...

    def subscribe(self, callback: Callable[[Snapshot], None]) -> None:
        """Call back with each new picture, in the event loop. Pictures come on every change and once a second."""
        ...

    async def run(self) -> None:
        """Keep the clock, receive and mark until the attempt has ended and all is marked, or `close` is called."""
        ...

    async def finish(self) -> None:
        """Finish early: nothing more is received; what was received is still marked."""
        ...

    async def close(self) -> None:
        """Let go of the attempt. The clock runs on."""
        ...

    async def restore(self, number: int, *, over: bool = False) -> tuple[str, ...]:
        """Put back what is missing from a question's folder (with `over` also a fresh stub, the old one kept as .bak).

        Returns what was put back. Raises UserError.
        """
        ...

    async def put_back(self, number: int, submission: str) -> tuple[str, ...]:
        """Put the model and the scripts of an earlier submission (its id) into the question's folder again.

        Nothing is overwritten: what differs is moved aside before. Returns the names that were put back, none when all
        of it lay there already. Raises UserError.
        """
        ...

    def scripts(self, number: int, submission: str | None = None) -> tuple[ScriptFile, ...]:
        """A question's scripts: as they lie in its folder now, or as they were kept with a submission (its id).

        None if there are none. Reads files: call it in a thread. Raises UserError.
        """
        ...

    async def inspect(self, number: int) -> ModelInspected:
        """Look at the newest model file in a question's folder. Raises UserError if there is none."""
        ...

    def note(self, number: int, what: Literal["edit", "run", "run_ended"], detail: str = "") -> None:
        """Record that the candidate did something on a question."""
        ...

    def brief(self, number: int) -> str:
        """A question's task as Markdown."""
        ...

    def hints(self, number: int) -> tuple[Hint, ...]:
        """The hints of a question that were seen so far, in order; none in an exam."""
        ...

    def next_hint(self, number: int) -> Hint | None:
        """The next hint, whose use is recorded; None if all were seen. Raises UserError in an exam."""
        ...

    def folder(self, number: int) -> Path:
        """A question's folder in the workspace."""
        ...


class SessionManagerPort(Protocol):
    """Where attempts are planned, started and opened."""

    def running(self) -> Running | None:
        """The attempt under way, if any; quick, reads the record only."""
        ...

    def exams(self) -> tuple[tuple[str, str], ...]:
        """Names and titles of the shipped exams. Slow the first time: call it in a thread."""
        ...

    def plan(self, exam: str | None, code: str | None, workspace: Path | None) -> AttemptPlan:
        """Draw a paper, a new one unless a code is given. Slow at first: call it in a thread. Raises UserError."""
        ...

    def practice(self, exam: str | None = None) -> tuple[CategoryRecord, ...]:
        """What can be retried of an exam, weakest category first; None for the exam taken last. Slow at first: call it in a thread. Raises UserError."""
        ...

    def plan_retry(self, choice: RetryChoice, workspace: Path | None) -> AttemptPlan:
        """Choose a question and its numbers. Slow at first: call it in a thread. Raises UserError."""
        ...

    async def prepare(self, plan: AttemptPlan, progress: ProgressCallback) -> None:
        """Make the workspace and its data; the clock does not run. Raises UserError."""
        ...

    def start(self, plan: AttemptPlan) -> str:
        """Start the clock; returns the attempt's id. Raises UserError if another attempt runs."""
        ...

    def open(self, attempt: str) -> ExamSessionPort:
        """Take charge of an attempt. Raises UserError if another app has it."""
        ...

    async def close(self) -> None:
        """End the marker's processes."""
        ...
