"""The small charts of marks over time, one a category on the same axis of time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from mockexam.exam.marking import MARKS_PER_QUESTION
from mockexam.exam.policy import policy_of
from mockexam.exam.standing import CategoryStanding, Meeting
from mockexam.report import formats
from mockexam.report.html.axes import Axis, Tick, date_ticks, mean_window, running_mean, time_axis

MANY = 100
"""With more meetings the points are drawn small."""
_HEIGHT = Axis(0, MARKS_PER_QUESTION)


@dataclass(frozen=True, slots=True)
class MarksPoint:
    """Marks reached on a question, or several times the same at almost the same time."""

    x: float
    y: float
    retry: bool
    told: str


@dataclass(frozen=True, slots=True)
class CategoryCards:
    """All categories, weakest first."""

    cards: tuple[CategoryCard, ...]
    window: int
    """Of how many meetings the running mean is, in every chart."""


@dataclass(frozen=True, slots=True)
class CategoryCard:
    """A category: figures and chart."""

    id: str
    title: str
    met: int
    best: int | None
    mean: float | None
    trend: float | None
    last: str
    """The newest marks and their date, in words."""
    described: str
    points: tuple[MarksPoint, ...]
    line: tuple[tuple[float, float], ...]
    """The running mean; empty under three meetings."""
    many: bool
    """Whether the points are drawn small."""
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]


def category_cards(standings: Iterable[CategoryStanding]) -> CategoryCards:
    """The cards in the order given: weakest first, as `standings` come."""
    found = tuple(standings)
    moments = [m.started for s in found for m in s.meetings]
    across = time_axis(min(moments), max(moments)) if moments else Axis(0, 1)
    ticks = date_ticks(across, most=3) if moments else ()
    window = mean_window(max((len(s.meetings) for s in found), default=0))
    return CategoryCards(tuple(_card(standing, across, ticks, window) for standing in found), window)


def _card(standing: CategoryStanding, across: Axis, ticks: tuple[Tick, ...], window: int) -> CategoryCard:
    met = standing.meetings
    means = running_mean([float(m.marks) for m in met], window)
    line = tuple((across.at(m.started), _HEIGHT.up(mean)) for m, mean in zip(met, means, strict=True))
    title = formats.category(standing.category)
    return CategoryCard(
        id=standing.category,
        title=title,
        met=len(met),
        best=standing.best,
        mean=standing.mean,
        trend=standing.trend,
        last=f"{formats.marks(met[-1].marks)} on {formats.day(met[-1].started)}" if met else "–",
        described=_describe(standing),
        points=_points(met, across),
        many=len(met) > MANY,
        line=line if len(met) > 2 else (),
        x_ticks=ticks,
        y_ticks=tuple(Tick(_HEIGHT.up(n), f"{n}") for n in range(MARKS_PER_QUESTION + 1)),
    )


def _describe(standing: CategoryStanding) -> str:
    if standing.mean is None:
        return "Never met."
    recent = ", ".join(str(m) for m in standing.recent)
    return f"Met {formats.plural(len(standing.meetings), 'time')}; the newest marks, oldest first: {recent}."


def _points(met: tuple[Meeting, ...], across: Axis) -> tuple[MarksPoint, ...]:
    """One point for what would be drawn in the same place: thousands of meetings stay a small drawing."""
    places: Counter[tuple[float, int, bool]] = Counter()
    newest: dict[tuple[float, int, bool], Meeting] = {}
    for meeting in met:
        place = (round(across.at(meeting.started) * 4) / 4, meeting.marks, not policy_of(meeting).has_verdict)
        places[place] += 1
        newest[place] = meeting
    return tuple(
        MarksPoint(x, _HEIGHT.up(marks), retry, _told(newest[x, marks, retry], count))
        for (x, marks, retry), count in places.items()
    )


def _told(meeting: Meeting, count: int) -> str:
    more = f" and {count - 1} more like it" if count > 1 else ""
    mode = formats.mode(meeting.mode)
    return f"{formats.day(meeting.started)}, {mode}: {meeting.marks}/5, {meeting.outcome.title}{more}"
