"""How the totals of the exams went over time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mockexam.exam.attempt import Phase
from mockexam.exam.outcome import Outcome
from mockexam.exam.policy import policy_of


@dataclass(frozen=True, slots=True)
class TotalPoint:
    """The total of one ended exam."""

    attempt: str
    exam: str
    """The exam file's name: totals of different exams can't be compared."""
    started: float
    """Seconds since 1970 UTC."""
    percent: float
    """Cut to one decimal, as everywhere."""
    pass_mark: int
    """Per cent, as it was then."""
    passed: bool


def totals(outcomes: Iterable[Outcome]) -> tuple[TotalPoint, ...]:
    """The totals of all ended exams, in the order given. A retry has marks of one question and no total to speak of."""
    return tuple(
        TotalPoint(o.attempt, o.exam, o.started, o.percent, o.pass_mark, bool(o.passed))
        for o in outcomes
        if policy_of(o).has_verdict and o.phase is Phase.ENDED
    )
