"""The charts of all attempts: exam totals and marks by category. Positions are per cent of the plot."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import groupby
from typing import NamedTuple

from mockexam.exam.outcome import Outcome
from mockexam.exam.scoring import MARKS_PER_QUESTION
from mockexam.exam.standing import CategoryStanding, QuestionResult
from mockexam.review.readiness import DAY
from mockexam.text import formats

MANY_TOTALS, MANY_MARKS = 150, 100
"""From so many points on they are drawn small."""
_MONTH = 30.4 * DAY
_TICK_DAYS, _TICK_MONTHS = (1, 2, 7, 14), (1, 2, 3, 6, 12, 24, 60, 120)
"""Distances between dates on an axis."""
_TICK_SECONDS = (10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1800.0, 3600.0, 7200.0, 14400.0, 28800.0, 86400.0)
"""Distances between times of an attempt on an axis."""
_LABEL_HEIGHT = 10
"""Per cent of the chart's height that a label above its point takes."""


class Tick(NamedTuple):
    """A labelled position on an axis, in per cent."""

    at: float
    label: str


class Axis(NamedTuple):
    """A range of numbers, drawn from left to right (or from the bottom up)."""

    low: float
    high: float

    def at(self, value: float) -> float:
        """Per cent from `low`; values outside lie on the border, and in the middle if the range is empty."""
        if self.high <= self.low:
            return 50.0
        return round(100.0 * min(1.0, max(0.0, (value - self.low) / (self.high - self.low))), 2)

    def up(self, value: float) -> float:
        """Per cent from the top, for an axis that grows upwards."""
        return round(100.0 - self.at(value), 2)


_PER_CENT = Axis(0, 100)
_MARKS = Axis(0, MARKS_PER_QUESTION)


def time_axis(first: float, last: float) -> Axis:
    """An axis over moments, at least four days long, with a little space at both ends."""
    span = last - first
    margin = max(0.03 * span, (4 * DAY - span) / 2)
    return Axis(first - margin, last + margin)


def date_ticks(axis: Axis, most: int = 6) -> tuple[Tick, ...]:
    """Round dates of the local calendar on this axis, `most` or one more."""
    span = axis.high - axis.low
    days = next((n for n in _TICK_DAYS if span / (n * DAY) <= most), 0)
    months = next((n for n in _TICK_MONTHS if span / (n * _MONTH) <= most), _TICK_MONTHS[-1])
    label = formats.short_day if days else formats.month if months < 12 else formats.year
    return tuple(Tick(axis.at(wall), label(wall)) for wall in _dates(axis, days, months))


def _dates(axis: Axis, days: int, months: int) -> Iterator[float]:
    """Every so many days, else every so many months, on the axis."""
    # Without a time zone, so that midnight stays midnight over a change to summer time.
    moment = formats.local(axis.low).replace(tzinfo=None, hour=0, minute=0, second=0, microsecond=0)
    if days >= 7:
        moment -= timedelta(days=moment.weekday())  # weeks start on Monday
    elif not days:
        count = moment.year * 12 + moment.month - 1
        moment = _first_of_month(max(12, count - count % months))
    with suppress(OverflowError, OSError, ValueError):  # a broken clock reaches beyond the calendar
        while (wall := moment.timestamp()) <= axis.high:
            if wall >= axis.low:
                yield wall
            next_month = moment.year * 12 + moment.month - 1 + months
            moment = moment + timedelta(days=days) if days else _first_of_month(next_month)


def _first_of_month(count: int) -> datetime:
    """`count`: months since year 0."""
    return datetime(count // 12, count % 12 + 1, 1)  # noqa: DTZ001  # local time, see `_dates`


def elapsed_ticks(axis: Axis, most: int = 6) -> tuple[Tick, ...]:
    """Round times of an attempt on this axis, in hours and minutes."""
    step = next((s for s in _TICK_SECONDS if axis.high / s <= most), axis.high / most)
    times = [i * step for i in range(int(axis.high / step) + 1)] if step > 0 else [0.0]
    return tuple(Tick(axis.at(t), formats.at(t)[: -3 if step >= 60 else None]) for t in times)


def mean_window(count: int) -> int:
    """The window of a running mean over so many values: five, or a 25th so that the curve stays readable."""
    return max(5, count // 25)


def running_mean(values: Sequence[float], window: int) -> list[float]:
    """The mean of each value and those before it, at most `window` values."""
    return [sum(values[max(0, n - window) : n]) / min(n, window) for n in range(1, len(values) + 1)]


class Point(NamedTuple):
    """An exam's total, or marks on a question; one point may stand for several equal marks at about the same time."""

    x: float
    """From the left."""
    y: float
    """From the top."""
    sign: str
    """`pass` or `fail`; `exam` or `retry`."""
    text: str
    label: str = ""
    """Written beside the best and the newest total."""
    below: bool = False
    """Whether the label stands below the point, where the pass mark would cross it above."""


class PassLine(NamedTuple):
    """A pass mark and the stretch of time it was in force."""

    y: float
    left: float
    right: float
    label: str


class Chart(NamedTuple):
    """Points over time with their running mean."""

    title: str
    description: str
    """What the chart says, in words."""
    points: tuple[Point, ...]
    mean: tuple[tuple[float, float], ...]
    """The running mean at each point; empty under three points."""
    window: int
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    many: bool
    """Whether the points are drawn small."""
    lines: tuple[PassLine, ...] = ()


class CategoryCard(NamedTuple):
    """A category: its standing, the chart, and the newest marks with their date in words."""

    standing: CategoryStanding
    chart: Chart
    last: str


def totals_charts(points: Iterable[Outcome]) -> tuple[Chart, ...]:
    """A chart per exam, since totals of different exams can't be compared; the one taken most often first."""
    exams: dict[str, list[Outcome]] = {}
    for point in points:
        exams.setdefault(point.exam, []).append(point)
    return tuple(_totals_chart(some) for some in sorted(exams.values(), key=len, reverse=True))


def _totals_chart(exams: Sequence[Outcome]) -> Chart:
    across = time_axis(min(p.started for p in exams), max(p.started for p in exams))
    xs = [across.at(p.started) for p in exams]
    window = mean_window(len(exams))
    labelled = {len(exams) - 1, max(range(len(exams)), key=lambda n: exams[n].percent)}
    return Chart(
        title=exams[-1].title,
        description=_description(exams),
        points=tuple(
            Point(
                x=x,
                y=_PER_CENT.up(p.percent),
                sign=_result(p),
                text=f"{formats.minute(p.started)}: {p.percent:g} %, {_result(p)}",
                label=f"{p.percent:g} %" if n in labelled else "",
                below=0 <= p.pass_mark - p.percent < _LABEL_HEIGHT,
            )
            for n, (x, p) in enumerate(zip(xs, exams, strict=True))
        ),
        mean=_mean(xs, [p.percent for p in exams], window, _PER_CENT),
        window=window,
        x_ticks=date_ticks(across),
        y_ticks=tuple(Tick(_PER_CENT.up(v), f"{v}") for v in range(0, 101, 20)),
        many=len(exams) >= MANY_TOTALS,
        lines=_pass_lines(exams, xs),
    )


def _result(point: Outcome) -> str:
    return "pass" if point.passed else "fail"


def _mean(xs: Sequence[float], values: Sequence[float], window: int, height: Axis) -> tuple[tuple[float, float], ...]:
    if len(values) < 3:
        return ()
    return tuple((x, height.up(mean)) for x, mean in zip(xs, running_mean(values, window), strict=True))


def _description(exams: Sequence[Outcome]) -> str:
    first, last, best = exams[0], exams[-1], max(p.percent for p in exams)
    passed = sum(p.passed is True for p in exams)
    text = f"{formats.plural(len(exams), 'exam')}, {passed} passed."
    if len(exams) > 1:
        text += f" First {first.percent:g} % on {formats.day(first.started)}, best {best:g} %."
    return f"{text} Latest {last.percent:g} % on {formats.day(last.started)}. Pass mark {last.pass_mark} %."


def _pass_lines(exams: Sequence[Outcome], xs: Sequence[float]) -> tuple[PassLine, ...]:
    """A line per run of exams with the same pass mark; the first and the last reach to the borders."""
    lines: list[PassLine] = []
    ends = iter([*xs[1:], 100.0])
    for mark, run in groupby(exams, key=lambda p: p.pass_mark):
        right = [next(ends) for _ in run][-1]
        left = lines[-1].right if lines else 0.0
        lines.append(PassLine(_PER_CENT.up(mark), left, right, f"pass {mark} %"))
    return tuple(lines)


def category_cards(standings: Iterable[CategoryStanding]) -> tuple[CategoryCard, ...]:
    """A card per category in the order given. All share one time axis."""
    found = tuple(standings)
    moments = [m.started for s in found for m in s.question_results]
    across = time_axis(min(moments), max(moments)) if moments else Axis(0, 1)
    ticks = date_ticks(across, most=3) if moments else ()
    window = mean_window(max((len(s.question_results) for s in found), default=0))
    return tuple(_card(standing, across, ticks, window) for standing in found)


def _card(standing: CategoryStanding, across: Axis, ticks: tuple[Tick, ...], window: int) -> CategoryCard:
    results = standing.question_results
    recent = ", ".join(map(str, standing.recent))
    chart = Chart(
        title=formats.category(standing.category),
        description=f"{formats.plural(len(results), 'result')}; the most recent marks, oldest first: {recent}.",
        points=_marks_points(results, across),
        mean=_mean([across.at(r.started) for r in results], [float(r.marks) for r in results], window, _MARKS),
        window=window,
        x_ticks=ticks,
        y_ticks=tuple(Tick(_MARKS.up(n), f"{n}") for n in range(MARKS_PER_QUESTION + 1)),
        many=len(results) > MANY_MARKS,
    )
    last = f"{formats.marks(results[-1].marks)} on {formats.day(results[-1].started)}" if results else "–"
    return CategoryCard(standing, chart, last)


def _marks_points(results: Sequence[QuestionResult], across: Axis) -> tuple[Point, ...]:
    """One point for all results that fall on the same place, so that thousands stay a small drawing."""
    places: dict[tuple[float, int, str], list[QuestionResult]] = {}
    for result in results:
        place = (round(across.at(result.started) * 4) / 4, result.marks, result.mode.value)
        places.setdefault(place, []).append(result)
    return tuple(Point(x, _MARKS.up(marks), mode, _point_text(same)) for (x, marks, mode), same in places.items())


def _point_text(same: Sequence[QuestionResult]) -> str:
    newest, more = same[-1], f" and {len(same) - 1} more like it" if len(same) > 1 else ""
    mode, marks = formats.mode(newest.mode), formats.marks(newest.marks)
    return f"{formats.day(newest.started)}, {mode}: {marks}, {newest.outcome.title}{more}"
