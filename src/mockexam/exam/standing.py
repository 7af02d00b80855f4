"""How somebody stands in each category, from what came of the attempts."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from mockexam.exam.attempt import Phase
from mockexam.exam.outcome import Outcome, QuestionOutcome
from mockexam.exam.paper import Mode
from mockexam.exam.policy import policy_of
from mockexam.exam.scoring import Verdict

RECENT = 5
"""So many of the newest marks tell how somebody stands now."""


@dataclass(frozen=True, slots=True)
class Meeting:
    """One question met in one ended attempt, with marks that say something."""

    attempt: str
    exam: str
    """The name of the exam that the attempt was of."""
    mode: Mode
    started: float
    """When the attempt started: seconds since 1970 UTC."""
    outcome: QuestionOutcome
    marks: int
    """0 to 5; 0 for a question of an exam that was left out or whose models were refused."""


@dataclass(frozen=True, slots=True)
class CategoryStanding:
    """How somebody stands in a category."""

    category: str
    meetings: tuple[Meeting, ...]
    """Oldest first."""

    @property
    def recent(self) -> tuple[int, ...]:
        """The newest marks, oldest first, at most RECENT."""
        return tuple(m.marks for m in self.meetings[-RECENT:])

    @property
    def best(self) -> int | None:
        """The most marks ever; None if the category was never met."""
        return max((m.marks for m in self.meetings), default=None)

    @property
    def mean(self) -> float | None:
        """The mean of the recent marks; None if the category was never met."""
        return sum(self.recent) / len(self.recent) if self.recent else None

    @property
    def trend(self) -> float | None:
        """Marks gained a meeting over the recent ones: the slope of the least-squares line; None under three."""
        marks = self.recent
        n = len(marks)
        if n < 3:
            return None
        middle, mean = (n - 1) / 2, sum(marks) / n
        return sum((i - middle) * (m - mean) for i, m in enumerate(marks)) / sum((i - middle) ** 2 for i in range(n))


def meetings(outcomes: Iterable[Outcome]) -> tuple[Meeting, ...]:
    """Every question met in an ended attempt, in the order of the attempts given.

    Left out: what only a fault of the marker kept from marks, and a retry that was ended without a submission.
    """
    return tuple(
        Meeting(o.attempt, o.exam, o.mode, o.started, q, q.marks or 0)
        for o in outcomes
        if o.phase is Phase.ENDED
        for q in o.questions
        if q.verdict is not Verdict.GRADER_ERROR and (q.submissions or policy_of(o).counts_unanswered)
    )


def standings(outcomes: Iterable[Outcome], categories: Iterable[str]) -> tuple[CategoryStanding, ...]:
    """The standing in each category, weakest first: the lowest recent mean; what was never met counts as weakest.

    `outcomes` come oldest first. Equal means stay in the order of `categories`.
    """
    return standings_of(meetings(outcomes), categories)


def standings_of(met: Sequence[Meeting], categories: Iterable[str]) -> tuple[CategoryStanding, ...]:
    """The same from meetings, oldest first."""
    found = [CategoryStanding(c, tuple(m for m in met if m.outcome.category == c)) for c in categories]
    return tuple(sorted(found, key=lambda s: -1.0 if s.mean is None else s.mean))


@dataclass(frozen=True, slots=True)
class QuestionHistory:
    """How a question went so far."""

    met: int
    """How often it stood on a paper."""
    place: int
    """Of the newest attempt with it, counted over all attempts from the oldest."""
    started: float
    """When that attempt started: seconds since 1970 UTC."""
    marks: int | None
    """0 to 5, of the newest meeting that says something (see `standing.meetings`); None if there is none."""


def question_histories(outcomes: Iterable[Outcome]) -> dict[str, QuestionHistory]:
    """By id, how each question went that was ever met; `outcomes` come oldest first."""
    known = tuple(outcomes)
    marks = {meeting.outcome.question: meeting.marks for meeting in meetings(known)}
    found: dict[str, QuestionHistory] = {}
    for place, outcome in enumerate(known):
        for question in outcome.questions:
            name = question.question
            met = found[name].met + 1 if name in found else 1
            found[name] = QuestionHistory(met=met, place=place, started=outcome.started, marks=marks.get(name))
    return found


def choose(questions: Sequence[str], before: Mapping[str, QuestionHistory], chance: random.Random) -> str:
    """The id of the question to practise next, out of at least one.

    A question that never stood on a paper comes first, by chance among several. Else the one with the fewest marks at
    its newest meeting that says something (no such meeting counts as 0), and among equals the one that was met longest
    ago. Marks of long ago do not bind: a question that has been mastered makes room for the next. Recency goes by the
    order of the attempts, since a computer's date can be wrong. Raises ValueError if there is no question.
    """
    if not questions:
        raise ValueError("there is no question to choose from")
    unseen = [question for question in questions if question not in before]
    if unseen:
        return chance.choice(unseen)
    return min(questions, key=lambda question: (before[question].marks or 0, before[question].place))
