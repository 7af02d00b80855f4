"""The drawing of an attempt's time: a lane a question, every submission in its place, and what else happened."""

from __future__ import annotations

from dataclasses import dataclass

from mockexam.exam.marking import Verdict
from mockexam.report import formats
from mockexam.report.detail import AttemptDetail, QuestionDetail, SubmissionDetail, TimelineLine
from mockexam.report.html.axes import Axis, Tick, elapsed_ticks

LANE = 30
"""Height of a lane in pixels."""
_ACROSS = ("clock_jumped", "finished")
"""Events drawn as a line over all lanes."""


@dataclass(frozen=True, slots=True)
class Stop:
    """One submission in its lane."""

    x: float
    shape: str
    """`marked`, `refused`, `fault` or `waiting`."""
    label: str
    """The marks; empty if there are none."""
    counts: bool
    told: str


@dataclass(frozen=True, slots=True)
class Lane:
    """One question."""

    y: int
    """Pixels from the top to its middle."""
    name: str
    work: tuple[float, ...]
    """Signs of work: edits, runs, looks."""
    stops: tuple[Stop, ...]


@dataclass(frozen=True, slots=True)
class Timeline:
    """The whole drawing."""

    height: int
    """Pixels."""
    lanes: tuple[Lane, ...]
    marks: tuple[Tick, ...]
    """Lines over all lanes: clock jumps and the end."""
    x_ticks: tuple[Tick, ...]
    described: str


def timeline(detail: AttemptDetail) -> Timeline:
    """The drawing of an attempt."""
    latest = max((line.elapsed for line in detail.timeline), default=0.0)
    last = max([detail.outcome.time_used, *(s.elapsed for q in detail.questions for s in q.submissions)])
    across = Axis(0.0, max(1.0, last, min(latest, detail.outcome.duration or 0.0)))
    return Timeline(
        height=LANE * len(detail.questions),
        lanes=tuple(_lane(q, row, detail.timeline, across) for row, q in enumerate(detail.questions)),
        marks=tuple(Tick(across.at(line.elapsed), line.text) for line in detail.timeline if line.kind in _ACROSS),
        x_ticks=elapsed_ticks(across),
        described=_describe(detail),
    )


def _lane(question: QuestionDetail, row: int, lines: tuple[TimelineLine, ...], across: Axis) -> Lane:
    number = question.item.number
    work = {round(across.at(line.elapsed), 1) for line in lines if line.number == number and line.kind == "noted"}
    return Lane(
        y=LANE * row + LANE // 2,
        name=f"Q{number}",
        work=tuple(sorted(work)),
        # The one that counts is drawn last, above its neighbours.
        stops=tuple(_stop(s, across) for s in sorted(question.submissions, key=lambda s: s.counts)),
    )


def _stop(submission: SubmissionDetail, across: Axis) -> Stop:
    shape = {
        None: "waiting",
        Verdict.GRADED: "marked",
        Verdict.INVALID_MODEL: "refused",
        Verdict.LIMIT_EXCEEDED: "refused",
        Verdict.GRADER_ERROR: "fault",
    }[submission.verdict]
    label = "" if submission.marks is None else str(submission.marks)
    told = f"{formats.at(submission.elapsed)} {submission.name}: " + (
        formats.marks(submission.marks) if label else formats.verdict(submission.verdict)
    )
    return Stop(across.at(submission.elapsed), shape, label, submission.counts, told)


def _describe(detail: AttemptDetail) -> str:
    return " ".join(
        f"Question {q.item.number}: {formats.plural(len(q.submissions), 'submission')}, {formats.marks(q.marks)}."
        for q in detail.questions
    )
