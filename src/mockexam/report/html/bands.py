"""The scale of a question's five bands, and where a metric lies on it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from mockexam.exam.marking import MARKS_PER_QUESTION, marks_for
from mockexam.report import formats
from mockexam.report.detail import QuestionDetail, SubmissionDetail

STEP = 100 / (MARKS_PER_QUESTION + 1)
"""Per cent of the scale that each number of marks takes: all equally wide, so that narrow bands stay legible."""


@dataclass(frozen=True, slots=True)
class Pin:
    """A submission on the scale."""

    x: float
    """Per cent from the left; better is further right."""
    told: str


@dataclass(frozen=True, slots=True)
class Distance:
    """The way to the next mark."""

    left: float
    right: float
    label: str


@dataclass(frozen=True, slots=True)
class BandScale:
    """Six steps, 0 to 5 marks, and what was reached."""

    steps: tuple[tuple[float, int], ...]
    """Left border in per cent, and the marks of this step."""
    edges: tuple[tuple[float, str], ...]
    """Where a band begins, and its value."""
    counted: Pin | None
    counted_label: str
    others: tuple[Pin, ...]
    distance: Distance | None
    described: str


def band_scale(question: QuestionDetail) -> BandScale | None:
    """The scale of a question; None where the bands can't be shown."""
    if len(question.bands) != MARKS_PER_QUESTION:
        return None
    measured = [s for s in question.submissions if s.value is not None and not math.isnan(s.value)]
    counted = next((s for s in measured if s.counts), None)
    return BandScale(
        steps=tuple((round(n * STEP, 2), n) for n in range(MARKS_PER_QUESTION + 1)),
        edges=tuple((round((n + 1) * STEP, 2), formats.number(edge)) for n, edge in enumerate(question.bands)),
        counted=_pin(counted, question) if counted else None,
        counted_label=_label(counted, question) if counted else "",
        others=tuple(_pin(s, question) for s in measured if s is not counted),
        distance=_distance(counted, question) if counted else None,
        described=_describe(question, counted),
    )


def place(value: float, bands: Sequence[float], *, larger_is_better: bool) -> float:
    """Per cent from the left for a metric's value that is a number.

    Between two bands in proportion. Below the first and above the last the step is open: the further away from it, the
    nearer to the border, and half a step away at a distance as large as the neighbouring band is wide.
    """
    reached = marks_for(value, bands, larger_is_better=larger_is_better)
    if reached == 0:
        away, width = abs(bands[0] - value), abs(bands[1] - bands[0])
        part = width / (width + away)
    elif reached == MARKS_PER_QUESTION:
        away, width = abs(value - bands[-1]), abs(bands[-1] - bands[-2])
        part = 1.0 if math.isinf(away) else away / (width + away)
    else:
        part = abs(value - bands[reached - 1]) / abs(bands[reached] - bands[reached - 1])
    return round((reached + part) * STEP, 2)


def _pin(submission: SubmissionDetail, question: QuestionDetail) -> Pin:
    assert submission.value is not None
    x = place(submission.value, question.bands, larger_is_better=question.larger_is_better)
    told = f"{formats.at(submission.elapsed)}: {formats.marks(submission.marks)}, {formats.number(submission.value)}"
    return Pin(x, told)


def _label(counted: SubmissionDetail, question: QuestionDetail) -> str:
    assert counted.value is not None
    reached = marks_for(counted.value, question.bands, larger_is_better=question.larger_is_better)
    if reached == MARKS_PER_QUESTION:
        return formats.number(counted.value)
    return formats.beside(counted.value, question.bands[reached])


def _distance(counted: SubmissionDetail, question: QuestionDetail) -> Distance | None:
    """From the metric to the edge of the next band. None with full marks."""
    assert counted.value is not None
    reached = marks_for(counted.value, question.bands, larger_is_better=question.larger_is_better)
    if reached == MARKS_PER_QUESTION:
        return None
    here = place(counted.value, question.bands, larger_is_better=question.larger_is_better)
    missing = abs(question.bands[reached] - counted.value)
    return Distance(
        here, round((reached + 1) * STEP, 2), f"{formats.number(missing, 2)} to {formats.plural(reached + 1, 'mark')}"
    )


def _describe(question: QuestionDetail, counted: SubmissionDetail | None) -> str:
    sense = "at least" if question.larger_is_better else "at most"
    edges = ", ".join(f"{n} from {formats.number(edge)}" for n, edge in enumerate(question.bands, 1))
    told = f"Marks by {formats.metric_at_length(question.metric)}, which must be {sense} the value: {edges}."
    if counted is None:
        return f"{told} No submission was measured."
    distance = _distance(counted, question)
    missing = f", {distance.label} missing" if distance else ""
    return f"{told} The submission that counts has {_label(counted, question)}{missing}."
