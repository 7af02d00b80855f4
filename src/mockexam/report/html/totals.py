"""The chart of exam totals over time: where its points, lines and labels lie."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from mockexam.report import formats
from mockexam.report.html.axes import Axis, Tick, date_ticks, mean_window, per_cent_ticks, running_mean, time_axis
from mockexam.report.selection import TotalPoint

_HEIGHT = Axis(0, 100)
_LABEL = 10
"""Per cent of the chart's height that a label above its point takes."""
MANY = 150
"""From so many exams on the points are drawn small."""


@dataclass(frozen=True, slots=True)
class Point:
    """One exam."""

    x: float
    """Per cent from the left."""
    y: float
    """Per cent from the top."""
    passed: bool
    told: str
    label: str
    """Written beside the best and the newest; empty else."""
    below: bool
    """Whether it stands below the point: above, the line of the pass mark would cross it."""


@dataclass(frozen=True, slots=True)
class PassLine:
    """A pass mark and the stretch of time it was in force."""

    y: float
    left: float
    right: float
    label: str


@dataclass(frozen=True, slots=True)
class TotalsChart:
    """Totals of one exam over time; all positions in per cent of the plot."""

    exam: str
    """The exam file's name."""
    described: str
    """What the chart says, in words."""
    points: tuple[Point, ...]
    mean: tuple[tuple[float, float], ...]
    """The mean of the last `window`, a corner an exam; empty under three exams."""
    window: int
    lines: tuple[PassLine, ...]
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    many: bool


def totals_charts(points: Iterable[TotalPoint]) -> tuple[TotalsChart, ...]:
    """A chart an exam, as totals of different exams can't be compared; the one sat most often first."""
    exams: dict[str, list[TotalPoint]] = {}
    for point in points:
        exams.setdefault(point.exam, []).append(point)
    return tuple(_chart(sat) for sat in sorted(exams.values(), key=len, reverse=True))


def _chart(sat: Sequence[TotalPoint]) -> TotalsChart:
    across = time_axis(min(p.started for p in sat), max(p.started for p in sat))
    xs = [across.at(p.started) for p in sat]
    window = mean_window(len(sat))
    means = running_mean([p.percent for p in sat], window)
    return TotalsChart(
        exam=sat[0].exam,
        described=_describe(sat),
        points=_points(sat, xs),
        mean=tuple((x, _HEIGHT.up(m)) for x, m in zip(xs, means, strict=True)) if len(sat) > 2 else (),
        window=window,
        lines=_pass_lines(sat, xs),
        x_ticks=date_ticks(across),
        y_ticks=tuple(Tick(100.0 - tick.at, tick.label) for tick in per_cent_ticks()),
        many=len(sat) >= MANY,
    )


def _points(sat: Sequence[TotalPoint], xs: Sequence[float]) -> tuple[Point, ...]:
    labelled = {len(sat) - 1, max(range(len(sat)), key=lambda n: sat[n].percent)}
    return tuple(
        Point(
            x=xs[n],
            y=_HEIGHT.up(p.percent),
            passed=p.passed,
            told=_told(p),
            label=f"{p.percent:g} %" if n in labelled else "",
            below=0 <= p.pass_mark - p.percent < _LABEL,
        )
        for n, p in enumerate(sat)
    )


def _told(point: TotalPoint) -> str:
    return f"{formats.minute(point.started)}: {point.percent:g} %, {'pass' if point.passed else 'fail'}"


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
        lines.append(PassLine(_HEIGHT.up(mark), left, right, f"pass {mark} %"))
    return tuple(lines)
