"""The drawings of one attempt: bands with metrics, curves of trainings, and a lane per question over the time."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from mockexam.exam.scoring import MARKS_PER_QUESTION, Verdict, marks_for
from mockexam.exam.training_history import FitHistory, main_fit
from mockexam.review.detail import AttemptDetail, QuestionDetail, SubmissionDetail
from mockexam.review.html.charts import Axis, Tick, elapsed_ticks
from mockexam.text import formats

STEP = 100 / (MARKS_PER_QUESTION + 1)
"""Per cent of the scale for each number of marks: all equally wide, so that narrow bands stay legible."""
LANE = 30
"""Height of a lane in pixels."""
_ACROSS = ("clock_jumped", "finished")
"""Events drawn as a line over all lanes."""
_SHAPES = {
    None: "waiting",
    Verdict.GRADED: "graded",
    Verdict.INVALID_MODEL: "refused",
    Verdict.LIMIT_EXCEEDED: "refused",
    Verdict.GRADER_ERROR: "fault",
}


class Pin(NamedTuple):
    """A submission on the scale."""

    x: float
    """Per cent from the left; better is further right."""
    text: str


class Distance(NamedTuple):
    """The way to the next mark."""

    left: float
    right: float
    label: str


class BandScale(NamedTuple):
    """The submissions on a scale of six steps, 0 to 5 marks."""

    counted: Pin | None
    counted_label: str
    others: tuple[Pin, ...]
    distance: Distance | None
    """None with full marks, or where no submission counts."""
    description: str


def band_scale(question: QuestionDetail) -> BandScale | None:
    """The scale of a question; None where the bands can't be shown."""
    if len(question.bands) != MARKS_PER_QUESTION:
        return None
    pins = {
        s.id: Pin(
            place(s.value, question.bands, larger_is_better=question.larger_is_better),
            f"{formats.at(s.elapsed)}: {formats.marks(s.marks)}, {formats.number(s.value)}",
        )
        for s in question.submissions
        if s.value is not None and not math.isnan(s.value)
    }
    best = question.counted
    counted = pins.pop(best.id, None) if best else None
    label, distance = _reached(best.value, counted.x, question) if best and counted else ("", None)
    return BandScale(
        counted=counted,
        counted_label=label,
        others=tuple(pins.values()),
        distance=distance,
        description=_description(question, label, distance),
    )


def place(value: float, bands: Sequence[float], *, larger_is_better: bool) -> float:
    """The position of a metric's value (not NaN), in per cent from the left.

    Between two bands in proportion. Below the first and above the last the step is open: a distance as large as the
    neighbouring band is half a step, and larger ones approach the border.
    """
    reached = marks_for(value, bands, larger_is_better=larger_is_better)
    if reached == 0:
        distance, width = abs(bands[0] - value), abs(bands[1] - bands[0])
        part = width / (width + distance)
    elif reached == MARKS_PER_QUESTION:
        distance, width = abs(value - bands[-1]), abs(bands[-1] - bands[-2])
        part = 1.0 if math.isinf(distance) else distance / (width + distance)
    else:
        part = abs(value - bands[reached - 1]) / abs(bands[reached] - bands[reached - 1])
    return round((reached + part) * STEP, 2)


def _reached(value: float | None, x: float, question: QuestionDetail) -> tuple[str, Distance | None]:
    """The label of the metric that counts, and the way from it to the edge of the next band."""
    assert value is not None
    reached = marks_for(value, question.bands, larger_is_better=question.larger_is_better)
    if reached == MARKS_PER_QUESTION:
        return formats.number(value), None
    edge = question.bands[reached]
    words = f"{formats.number(abs(edge - value), 2)} to {formats.plural(reached + 1, 'mark')}"
    return formats.beside(value, edge), Distance(x, round((reached + 1) * STEP, 2), words)


def _description(question: QuestionDetail, label: str, distance: Distance | None) -> str:
    bound = "at least" if question.larger_is_better else "at most"
    edges = ", ".join(f"{n} from {formats.number(edge)}" for n, edge in enumerate(question.bands, 1))
    text = f"Marks by {formats.metric_at_length(question.metric)}, which must be {bound} the value: {edges}."
    if not label:
        return f"{text} No submission has a metric."
    missing = f", {distance.label} missing" if distance else ""
    return f"{text} The submission that counts has {label}{missing}."


class Curve(NamedTuple):
    """One series of a training."""

    name: str
    style: str
    """`train` or `validation`."""
    parts: tuple[tuple[tuple[float, float], ...], ...]
    """Its corners, from left and top; a new part begins after an epoch without a value."""


class TrainingChart(NamedTuple):
    """A value and its `val_` twin by epoch."""

    title: str
    curves: tuple[Curve, ...]
    best: Pin | None
    """The best epoch, on the chart of what it is judged by."""
    gap: float | None
    """Where overfitting begins."""
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    description: str


def training_charts(question: QuestionDetail) -> tuple[TrainingChart, ...]:
    """Loss and main metric of the last fit behind the submission that counts, else behind the newest with a curve."""
    seen = [s for s in question.submissions if s.training]
    shown = next((s for s in seen if s.counts), seen[-1] if seen else None)
    if shown is None:
        return ()
    fit = shown.training[main_fit(shown.training)]
    charts = (
        _training_chart(fit, name, formats.training(shown.training)) for name in ("loss", fit.main_metric) if name
    )
    return tuple(chart for chart in charts if chart is not None)


def _training_chart(fit: FitHistory, name: str, summary: str) -> TrainingChart | None:
    series = {n: fit.series[n] for n in (name, f"val_{name}") if n in fit.series}
    values = [value for some in series.values() for value in some if value is not None]
    if not values:
        return None
    low, high = min(values), max(values)
    across, up = Axis(fit.epochs[0], fit.epochs[-1]), Axis(low, high)
    places = [across.at(epoch) for epoch in fit.epochs]
    best = None
    if fit.judged_by in series and fit.best_epoch is not None and fit.best_value is not None:
        best = Pin(
            across.at(fit.best_epoch), f"best {fit.judged_by} {formats.number(fit.best_value)}, epoch {fit.best_epoch}"
        )
    return TrainingChart(
        title=name,
        curves=tuple(
            Curve(n, "train" if n == name else "validation", tuple(_parts(places, some, up)))
            for n, some in series.items()
        ),
        best=best,
        gap=None if fit.gap_opens is None else across.at(fit.gap_opens),
        x_ticks=tuple(Tick(across.at(e), f"{e}") for e in _epoch_ticks(fit)),
        y_ticks=tuple(Tick(up.up(v), formats.number(v, 3)) for v in dict.fromkeys((low, (low + high) / 2, high))),
        description=f"{' and '.join(series)} by epoch: {summary}.",
    )


def _parts(
    places: Sequence[float], values: Sequence[float | None], up: Axis
) -> Iterator[tuple[tuple[float, float], ...]]:
    known = zip(places, values, strict=True)
    for there, run in groupby(known, key=lambda pair: pair[1] is not None):
        if there:
            yield tuple((x, up.up(value)) for x, value in run if value is not None)


def _epoch_ticks(fit: FitHistory, most: int = 6) -> tuple[int, ...]:
    first, last = fit.epochs[0], fit.epochs[-1]
    step = max(1, math.ceil((last - first) / most))
    return tuple(range(first, last + 1, step))


class Stop(NamedTuple):
    """One submission in its lane."""

    x: float
    shape: str
    """`graded`, `refused`, `fault` or `waiting`."""
    label: str
    """The marks; empty if there are none."""
    counts: bool
    text: str


class Lane(NamedTuple):
    """One question."""

    y: int
    """Pixels from the top to its middle."""
    name: str
    work: tuple[float, ...]
    """Signs of work: edits, runs, inspections."""
    stops: tuple[Stop, ...]


class Timeline(NamedTuple):
    """Submissions and signs of work over the attempt's time."""

    height: int
    """Pixels."""
    lanes: tuple[Lane, ...]
    across: tuple[Tick, ...]
    """Lines over all lanes: clock jumps and the end."""
    x_ticks: tuple[Tick, ...]
    description: str


def timeline(detail: AttemptDetail) -> Timeline:
    """The timeline of an attempt."""
    latest = max((line.elapsed for line in detail.timeline), default=0.0)
    last = max([detail.outcome.time_used, *(s.elapsed for s in detail.submissions)])
    axis = Axis(0.0, max(1.0, last, min(latest, detail.outcome.duration or 0.0)))
    return Timeline(
        height=LANE * len(detail.questions),
        lanes=tuple(_lane(q, row, detail, axis) for row, q in enumerate(detail.questions)),
        across=tuple(Tick(axis.at(line.elapsed), line.text) for line in detail.timeline if line.kind in _ACROSS),
        x_ticks=elapsed_ticks(axis),
        description=" ".join(
            f"Question {q.item.number}: {formats.plural(len(q.submissions), 'submission')}, {formats.marks(q.marks)}."
            for q in detail.questions
        ),
    )


def _lane(question: QuestionDetail, row: int, detail: AttemptDetail, axis: Axis) -> Lane:
    number = question.item.number
    notes = (line for line in detail.timeline if line.number == number and line.kind == "noted")
    return Lane(
        y=LANE * row + LANE // 2,
        name=f"Q{number}",
        work=tuple(sorted({round(axis.at(note.elapsed), 1) for note in notes})),
        # The one that counts is drawn last, above its neighbours.
        stops=tuple(_stop(s, axis) for s in sorted(question.submissions, key=lambda s: s.counts)),
    )


def _stop(submission: SubmissionDetail, axis: Axis) -> Stop:
    label = "" if submission.marks is None else str(submission.marks)
    result = formats.marks(submission.marks) if label else formats.verdict(submission.verdict)
    text = f"{formats.at(submission.elapsed)} {submission.name}: {result}"
    return Stop(axis.at(submission.elapsed), _SHAPES[submission.verdict], label, submission.counts, text)
