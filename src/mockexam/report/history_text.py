"""All attempts as text of 80 columns: how one stands, then a line an attempt."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from mockexam.exam.attempt import Phase
from mockexam.exam.marking import MARKS_PER_QUESTION
from mockexam.exam.outcome import Outcome
from mockexam.exam.paper import Mode
from mockexam.exam.standing import CategoryStanding
from mockexam.records.history import Damaged, Past
from mockexam.report import formats
from mockexam.report.chart_text import chart_lines
from mockexam.report.readiness import Readiness
from mockexam.report.readiness_text import estimate_lines
from mockexam.report.selection import totals
from mockexam.wording import size_text, time_text

if TYPE_CHECKING:
    from mockexam.records.kept import DiskUse

COLUMNS = 80
NOTHING = (
    "Nothing is on record yet. Start with `mockexam`, sit an exam with `mockexam sit`, or practise one question with "
    "`mockexam retry`."
)
_SHORT = {"learning_dataset": "dataset", "image_classification": "images", "text_classification": "text"}
_PLANS = 3
"""So many sections of the study plan are named."""


def overview_lines(past: Past, standings: Sequence[CategoryStanding], readiness: Readiness) -> Iterator[str]:
    """What all attempts come to: totals, categories, the estimate and what to study."""
    yield counts_text(past.outcomes)
    points = totals(past.outcomes)
    if points:
        yield ""
        yield "Exam totals"
        yield from chart_lines(points) or [f"  {points[0].percent:g} % in the only exam so far"]
    yield ""
    yield f"{'Categories, weakest first':<32}{'best':>6}{'mean of last 5':>17}{'met':>6}  trend"
    yield from (_standing_line(one) for one in standings)
    yield ""
    yield from estimate_lines(readiness.estimate)
    if readiness.plan:
        yield ""
        yield "Study next (all of it: mockexam review --readiness)"
        for number, plan in enumerate(readiness.plan[:_PLANS], 1):
            yield from wrapped(f"{number}  {plan.title}: {plan.advice}", 2, 5)
    if past.damaged:
        yield ""
        yield from (line for one in past.damaged for line in damaged_lines(one))


def counts_text(outcomes: Sequence[Outcome]) -> str:
    """`30 attempts: 11 exams, 2 of them passed, and 19 retries`."""
    exams = [o for o in outcomes if o.mode is Mode.EXAM]
    passed = sum(o.passed is True for o in exams)
    retries = len(outcomes) - len(exams)
    retried = "1 retry" if retries == 1 else f"{retries:,} retries"
    return (
        f"{formats.plural(len(outcomes), 'attempt')}: {formats.plural(len(exams), 'exam')}, {passed:,} of them passed, "
        f"and {retried}"
    )


def attempts_lines(outcomes: Iterable[Outcome]) -> Iterator[str]:
    """A heading, then a line an attempt."""
    yield f"{'Attempt':<18}{'Date':<17}{'Mode':<6}{'Paper':<10}{'Total':>7}  {'Result':<12}{'Used':>8}"
    yield from map(attempt_line, outcomes)


def attempt_line(outcome: Outcome) -> str:
    """One attempt in 80 columns, unless its id is longer than usual."""
    return (
        f"{outcome.attempt:<17} {formats.local(outcome.started):%Y-%m-%d %H:%M} {outcome.mode.value:<6}"
        f"{outcome.code:<10}{total_text(outcome):>7}  {result_word(outcome):<12}{time_text(outcome.time_used):>8}"
    )


def total_text(outcome: Outcome) -> str:
    """`56.0 %` of an exam, `3/5` of a retry of one question."""
    if outcome.mode is Mode.RETRY and len(outcome.questions) == 1:
        return formats.marks(outcome.questions[0].marks)
    return f"{outcome.percent:.1f} %"


def result_word(outcome: Outcome) -> str:
    """How it ended, or that it has not; a retry neither passes nor fails: what it was about."""
    if outcome.phase is not Phase.ENDED:
        return outcome.phase.value
    if outcome.mode is Mode.RETRY:
        category = outcome.questions[0].category
        return _SHORT.get(category, formats.category(category))
    return "pass" if outcome.passed else "fail"


def damaged_lines(damaged: Damaged) -> list[str]:
    """An attempt that can't be read."""
    return wrapped(f"{damaged.attempt} can't be read whole: {damaged.reason}", 0, 2)


def disk_text(disk: DiskUse) -> str:
    """What all of it takes on the disk."""
    parts = [f"record {size_text(disk.database)}", f"models {size_text(disk.models)}"]
    parts.append(f"scripts {size_text(disk.scripts)}")
    if disk.strays:
        parts.append(f"left over {size_text(disk.strays)}")
    return f"On the disk: {', '.join(parts)}"


def _standing_line(standing: CategoryStanding) -> str:
    name = f"  {formats.category(standing.category)}"
    if standing.mean is None:
        return f"{name:<32}{'–':>6}{'not met yet':>17}{0:>6}"
    best = f"{standing.best}/{MARKS_PER_QUESTION}"
    return f"{name:<32}{best:>6}{standing.mean:>17.1f}{len(standing.meetings):>6}  {trend_text(standing.trend)}"


def trend_text(trend: float | None) -> str:
    """Where the recent marks are heading."""
    return "too few" if trend is None else f"{formats.signed(trend)} a time"


def wrapped(text: str, first: int, rest: int, columns: int = COLUMNS) -> list[str]:
    """The text in lines; indented by so many spaces, the first and the rest of them."""
    return textwrap.wrap(
        text,
        columns,
        initial_indent=" " * first,
        subsequent_indent=" " * rest,
        break_long_words=False,
        break_on_hyphens=False,
    )
