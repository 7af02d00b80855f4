"""The charts of all attempts: exam totals, marks by category, and the estimate. Positions are per cent of the plot."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from mockexam.exam.scoring import MARKS_PER_QUESTION
from mockexam.exam.standing import CategoryStanding, Meeting
from mockexam.review.estimate import PassEstimate
from mockexam.review.html.axes import Axis, Tick, date_ticks, mean_window, per_cent_ticks, running_mean, time_axis
from mockexam.review.selection import TotalPoint
from mockexam.text import formats

MANY_TOTALS, MANY_MARKS = 150, 100
"""With so many points, or more, they are drawn small."""
_PER_CENT = Axis(0, 100)
_MARKS = Axis(0, MARKS_PER_QUESTION)
_LABEL = 10
"""Per cent of the chart's height that a label above its point takes."""


@dataclass(frozen=True, slots=True)
class Point:
    """An exam's total; or marks on a question, which may stand for the same several times at almost the same time."""

    x: float
    """From the left."""
    y: float
    """From the top."""
    sign: str
    """`pass` or `fail`; `exam` or `retry`."""
    told: str
    label: str = ""
    """Written beside the best and the newest total."""
    below: bool = False
    """Whether it stands below the point: above, the line of the pass mark would cross it."""


@dataclass(frozen=True, slots=True)
class PassLine:
    """A pass mark and the stretch of time it was in force."""

    y: float
    left: float
    right: float
    label: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Points over time with their running mean."""

    title: str
    described: str
    """What the chart says, in words."""
    points: tuple[Point, ...]
    mean: tuple[tuple[float, float], ...]
    """The mean of the last `window`, a corner a value; empty under three."""
    window: int
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    many: bool
    """Whether the points are drawn small."""
    lines: tuple[PassLine, ...] = ()


@dataclass(frozen=True, slots=True)
class CategoryCard:
    """A category: its standing, the chart, and the newest marks with their date in words."""

    standing: CategoryStanding
    chart: Chart
    last: str


def totals_charts(points: Iterable[TotalPoint]) -> tuple[Chart, ...]:
    """A chart an exam, as totals of different exams can't be compared; the one sat most often first."""
    exams: dict[str, list[TotalPoint]] = {}
    for point in points:
        exams.setdefault(point.exam, []).append(point)
    return tuple(_totals_chart(sat) for sat in sorted(exams.values(), key=len, reverse=True))


def _totals_chart(sat: Sequence[TotalPoint]) -> Chart:
    across = time_axis(min(p.started for p in sat), max(p.started for p in sat))
    xs = [across.at(p.started) for p in sat]
    window = mean_window(len(sat))
    labelled = {len(sat) - 1, max(range(len(sat)), key=lambda n: sat[n].percent)}
    return Chart(
        title=sat[0].exam,
        described=_describe(sat),
        points=tuple(
            Point(
                x=x,
                y=_PER_CENT.up(p.percent),
                sign=_result(p),
                told=f"{formats.minute(p.started)}: {p.percent:g} %, {_result(p)}",
                label=f"{p.percent:g} %" if n in labelled else "",
                below=0 <= p.pass_mark - p.percent < _LABEL,
            )
            for n, (x, p) in enumerate(zip(xs, sat, strict=True))
        ),
        mean=_mean(xs, [p.percent for p in sat], window, _PER_CENT),
        window=window,
        x_ticks=date_ticks(across),
        y_ticks=tuple(Tick(100.0 - tick.at, tick.label) for tick in per_cent_ticks()),
        many=len(sat) >= MANY_TOTALS,
        lines=_pass_lines(sat, xs),
    )


def _result(point: TotalPoint) -> str:
    return "pass" if point.passed else "fail"


def _mean(xs: Sequence[float], values: Sequence[float], window: int, height: Axis) -> tuple[tuple[float, float], ...]:
    if len(values) < 3:
        return ()
    return tuple((x, height.up(mean)) for x, mean in zip(xs, running_mean(values, window), strict=True))


def _describe(sat: Sequence[TotalPoint]) -> str:
    first, last, best = sat[0], sat[-1], max(p.percent for p in sat)
    passed = sum(p.passed for p in sat)
    told = f"{formats.plural(len(sat), 'exam')}, {passed} passed."
    if len(sat) > 1:
        told += f" First {first.percent:g} % on {formats.day(first.started)}, best {best:g} %."
    return f"{told} Newest {last.percent:g} % on {formats.day(last.started)}. Pass mark {last.pass_mark} %."


def _pass_lines(sat: Sequence[TotalPoint], xs: Sequence[float]) -> tuple[PassLine, ...]:
    """A line a run of exams with the same pass mark; the first and the last reach to the borders."""
    lines: list[PassLine] = []
    ends = iter([*xs[1:], 100.0])
    for mark, run in groupby(sat, key=lambda p: p.pass_mark):
        right = [next(ends) for _ in run][-1]
        left = lines[-1].right if lines else 0.0
        lines.append(PassLine(_PER_CENT.up(mark), left, right, f"pass {mark} %"))
    return tuple(lines)


def category_cards(standings: Iterable[CategoryStanding]) -> tuple[CategoryCard, ...]:
    """A card a category in the order given: weakest first, as `standings` come. All share one axis of time."""
    found = tuple(standings)
    moments = [m.started for s in found for m in s.meetings]
    across = time_axis(min(moments), max(moments)) if moments else Axis(0, 1)
    ticks = date_ticks(across, most=3) if moments else ()
    window = mean_window(max((len(s.meetings) for s in found), default=0))
    return tuple(_card(standing, across, ticks, window) for standing in found)


def _card(standing: CategoryStanding, across: Axis, ticks: tuple[Tick, ...], window: int) -> CategoryCard:
    met = standing.meetings
    recent = ", ".join(map(str, standing.recent))
    chart = Chart(
        title=formats.category(standing.category),
        described=f"Met {formats.plural(len(met), 'time')}; the newest marks, oldest first: {recent}.",
        points=_marks_points(met, across),
        mean=_mean([across.at(m.started) for m in met], [float(m.marks) for m in met], window, _MARKS),
        window=window,
        x_ticks=ticks,
        y_ticks=tuple(Tick(_MARKS.up(n), f"{n}") for n in range(MARKS_PER_QUESTION + 1)),
        many=len(met) > MANY_MARKS,
    )
    return CategoryCard(
        standing, chart, f"{formats.marks(met[-1].marks)} on {formats.day(met[-1].started)}" if met else "–"
    )


def _marks_points(met: Sequence[Meeting], across: Axis) -> tuple[Point, ...]:
    """One point for what would be drawn in the same place: thousands of meetings stay a small drawing."""
    places: dict[tuple[float, int, str], list[Meeting]] = {}
    for meeting in met:
        place = (round(across.at(meeting.started) * 4) / 4, meeting.marks, meeting.mode.value)
        places.setdefault(place, []).append(meeting)
    return tuple(Point(x, _MARKS.up(marks), mode, _told(same)) for (x, marks, mode), same in places.items())


def _told(same: Sequence[Meeting]) -> str:
    newest, more = same[-1], f" and {len(same) - 1} more like it" if len(same) > 1 else ""
    mode = formats.mode(newest.mode)
    return f"{formats.day(newest.started)}, {mode}: {newest.marks}/5, {newest.outcome.title}{more}"


@dataclass(frozen=True, slots=True)
class EstimateBar:
    """The expected total with its interval, against the pass mark; positions from the left."""

    low: float
    width: float
    expected: float
    pass_mark: Tick
    ticks: tuple[Tick, ...]
    described: str
    rests_on: int
    """So many marks."""


def estimate_bar(estimate: PassEstimate, pass_mark: int) -> EstimateBar:
    """The bar, beside a pass mark in per cent."""
    low, high = _PER_CENT.at(estimate.low), _PER_CENT.at(estimate.high)
    return EstimateBar(
        low=low,
        width=round(high - low, 2),
        expected=_PER_CENT.at(estimate.expected),
        pass_mark=Tick(_PER_CENT.at(pass_mark), f"pass {pass_mark} %"),
        ticks=per_cent_ticks(),
        described=(
            f"Expected total {estimate.expected:.0f} %; with 80 % probability it lies between"
            f" {estimate.low:.0f} and {estimate.high:.0f} %; the pass mark is {pass_mark} %."
        ),
        rests_on=sum(count for _, count in estimate.evidence),
    )
