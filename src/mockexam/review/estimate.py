"""Would I pass today? From the marks on record, by exact arithmetic over all results that the exam can have.

For each category the marks 0 to 5 of its next question get the mean of a Dirichlet posterior: the counts of marks met,
each weighted, over a prior of one pseudo-observation spread evenly
(https://en.wikipedia.org/wiki/Dirichlet-multinomial_distribution). The questions are taken as independent, so the
weighted total's distribution is the convolution of theirs.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from mockexam.exam.scoring import MARKS_PER_QUESTION
from mockexam.exam.standing import Meeting

if TYPE_CHECKING:
    from mockexam.bank.loader import NamedExam

PRIOR = 1.0
"""So many made-up marks, spread evenly over 0 to 5, stand for what is not known."""
HALF_LIFE_DAYS = 60.0
"""After so long a mark counts half. An assumption: practice fades, and who practises gets better."""
WITH_HINTS = 0.5
"""What a mark counts that hints helped to."""
TAIL = 0.1
"""Left out on each side of the interval."""
DAY = 86400.0

METHOD = (
    "Every mark on record counts for its category; after 60 days it counts half, and half where hints were seen. One "
    "made-up mark, spread evenly over 0 to 5, stands for what is not known, so few marks give no certainty. From the "
    "chances of 0 to 5 marks in each category the chance of every total is computed exactly, taking the questions as "
    "independent. Weights and pass mark are mockexam's assumptions; the real exam's were never published."
)


class CategoryEvidence(NamedTuple):
    """How many marks of a category the estimate rests on."""

    category: str
    marks: int


@dataclass(frozen=True, slots=True)
class PassEstimate:
    """The chance to pass the exam today, and how sure that is."""

    probability: float
    """0 to 1."""
    low: float
    high: float
    """The total, in per cent, lies between these with 80 % probability."""
    expected: float
    """The expected total in per cent."""
    evidence: tuple[CategoryEvidence, ...]
    method: str
    """How it is computed, in plain words."""


def estimate(met: Sequence[Meeting], exam: NamedExam, wall: float) -> PassEstimate:
    """The chance to pass this exam at `wall` (seconds since 1970 UTC), from all meetings."""
    slots = [(slot.category, slot.weight, slot.count) for slot in exam.exam.questions]
    categories = tuple(dict.fromkeys(category for category, _, _ in slots))
    of_category = {c: [m for m in met if m.outcome.category == c] for c in categories}
    chances = {c: marks_chances(found, wall) for c, found in of_category.items()}
    totals = total_chances((weight, chances[category]) for category, weight, count in slots for _ in range(count))
    possible = max(totals)
    return PassEstimate(
        probability=_at_least(totals, exam.exam.pass_mark, possible),
        low=100 * _quantile(totals, TAIL) / possible,
        high=100 * _quantile(totals, 1 - TAIL) / possible,
        expected=100 * sum(total * chance for total, chance in totals.items()) / possible,
        evidence=tuple(CategoryEvidence(c, len(of_category[c])) for c in categories),
        method=METHOD,
    )


def marks_chances(met: Iterable[Meeting], wall: float) -> tuple[float, ...]:
    """The chances of 0 to 5 marks at the next question of a category; they add up to 1."""
    counts = [PRIOR / (MARKS_PER_QUESTION + 1)] * (MARKS_PER_QUESTION + 1)
    for meeting in met:
        counts[meeting.marks] += _weight(meeting, wall)
    total = sum(counts)
    return tuple(count / total for count in counts)


def _weight(meeting: Meeting, wall: float) -> float:
    # A clock that was set back must not make a mark count for more than one.
    days = max(0.0, wall - meeting.started) / DAY
    return math.pow(0.5, days / HALF_LIFE_DAYS) * (WITH_HINTS if meeting.outcome.hints else 1.0)


def total_chances(questions: Iterable[tuple[int, Sequence[float]]]) -> Mapping[int, float]:
    """The chance of each weighted total, from the weight of each question and the chances of its marks."""
    totals = {0: 1.0}
    for weight, chances in questions:
        longer: dict[int, float] = {}
        for total, chance in totals.items():
            for marks, part in enumerate(chances):
                reached = total + weight * marks
                longer[reached] = longer.get(reached, 0.0) + chance * part
        totals = longer
    return totals


def _at_least(totals: Mapping[int, float], pass_mark: int, possible: int) -> float:
    passing = sum(chance for total, chance in totals.items() if total * 100 >= pass_mark * possible)
    return min(1.0, passing)


def _quantile(totals: Mapping[int, float], share: float) -> int:
    """The smallest total that is not exceeded with at least this chance."""
    below = 0.0
    for total in sorted(totals):
        below += totals[total]
        if below >= share:
            return total
    return max(totals)
