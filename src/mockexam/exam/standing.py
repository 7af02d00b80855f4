"""Which exams were taken, and which of them retries and the review use unless another is named."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mockexam.exam.attempt import Phase
from mockexam.exam.outcome import Outcome, QuestionOutcome
from mockexam.exam.paper import Mode
from mockexam.exam.policy import policy_of
from mockexam.exam.scoring import Verdict

if TYPE_CHECKING:
    import random


DEFAULT_EXAM = "tf_developer"


def ended_exams(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """The attempts at a whole exam that have ended, in the order given."""
    return [o for o in outcomes if policy_of(o).has_verdict and o.phase is Phase.ENDED]


def exam_names(outcomes: Iterable[Outcome]) -> tuple[str, ...]:
    """The exams that were taken to the end, the newest first; `outcomes` come oldest first."""
    return tuple(dict.fromkeys(o.exam for o in reversed(ended_exams(outcomes))))


def current_exam(outcomes: Iterable[Outcome]) -> str:
    """The exam of the newest ended exam attempt; the default one if there is none."""
    return next(iter(exam_names(outcomes)), DEFAULT_EXAM)


def newest_attempt(outcomes: Iterable[Outcome], exam: str) -> Outcome | None:
    """The newest ended attempt at this exam; None if there is none."""
    return next((o for o in reversed(ended_exams(outcomes)) if o.exam == exam), None)


def of_exam(outcomes: Iterable[Outcome], exam: str) -> Sequence[Outcome]:
    """The attempts that were of this exam, its retries too."""
    return tuple(o for o in outcomes if o.exam == exam)


RECENT = 5
"""So many of the newest marks show the present standing."""


@dataclass(frozen=True, slots=True)
class QuestionResult:
    """The marks of one question in one ended attempt."""

    attempt: str
    exam: str
    mode: Mode
    started: float
    """Seconds since 1970 UTC."""
    outcome: QuestionOutcome
    marks: int
    """0 to 5; 0 for a question of an exam without a graded model."""


@dataclass(frozen=True, slots=True)
class CategoryStanding:
    """The standing in a category."""

    category: str
    question_results: tuple[QuestionResult, ...]
    """Oldest first."""

    @property
    def recent(self) -> tuple[int, ...]:
        """The newest marks, oldest first, at most RECENT."""
        return tuple(m.marks for m in self.question_results[-RECENT:])

    @property
    def best(self) -> int | None:
        """The most marks ever; None without any."""
        return max((m.marks for m in self.question_results), default=None)

    @property
    def mean(self) -> float | None:
        """The mean of the recent marks; None without any."""
        return sum(self.recent) / len(self.recent) if self.recent else None

    @property
    def trend(self) -> float | None:
        """Marks gained from one result to the next: the slope through the recent marks; None under three."""
        from statistics import linear_regression  # slow to import

        marks = self.recent
        return linear_regression(range(len(marks)), marks).slope if len(marks) >= 3 else None


def question_results(outcomes: Iterable[Outcome]) -> tuple[QuestionResult, ...]:
    """The marks in ended attempts, in order; no grader faults, repeated papers, or retries without a submission."""
    return tuple(
        QuestionResult(o.attempt, o.exam, o.mode, o.started, q, q.marks or 0)
        for o in outcomes
        if o.phase is Phase.ENDED and not o.repeat
        for q in o.questions
        if q.verdict is not Verdict.GRADER_ERROR and (q.submissions or policy_of(o).counts_unanswered)
    )


def standings(outcomes: Iterable[Outcome], categories: Iterable[str]) -> tuple[CategoryStanding, ...]:
    """The standing in each category, weakest recent mean first (none is weakest). `outcomes` come oldest first."""
    return standings_of(question_results(outcomes), categories)


def standings_of(results: Sequence[QuestionResult], categories: Iterable[str]) -> tuple[CategoryStanding, ...]:
    """The same from results, oldest first."""
    found = [CategoryStanding(c, tuple(r for r in results if r.outcome.category == c)) for c in categories]
    return tuple(sorted(found, key=lambda s: -1.0 if s.mean is None else s.mean))


@dataclass(frozen=True, slots=True)
class QuestionHistory:
    """A question's past."""

    times_seen: int
    """How often it was on a paper."""
    last_seen: int
    """The newest attempt with it, counted over all attempts from the oldest."""
    started: float
    """When that attempt started: seconds since 1970 UTC."""
    marks: int | None
    """0 to 5, of its newest result (see `question_results`); None without any."""


def question_histories(outcomes: Iterable[Outcome]) -> dict[str, QuestionHistory]:
    """The past of every question that was ever on a paper, by its id; `outcomes` come oldest first."""
    known = tuple(outcomes)
    marks = {result.outcome.question: result.marks for result in question_results(known)}
    found: dict[str, QuestionHistory] = {}
    for index, outcome in enumerate(known):
        for name in (question.question for question in outcome.questions):
            seen = found[name].times_seen + 1 if name in found else 1
            found[name] = QuestionHistory(seen, index, outcome.started, marks.get(name))
    return found


def choose(questions: Sequence[str], histories: Mapping[str, QuestionHistory], rng: random.Random) -> str:
    """The id of the question to retry next.

    A question that was never on a paper comes first, at random among several. Else the one with the fewest marks in
    its newest result (none counts as 0), and among equals the one seen longest ago. Only the newest result counts, so
    that a mastered question makes room for the next. The order of the attempts decides what is newest, since a
    computer's date can be wrong. Raises ValueError if there is no question.
    """
    if not questions:
        raise ValueError("there is no question to choose from")
    unseen = [question for question in questions if question not in histories]
    if unseen:
        return rng.choice(unseen)
    return min(questions, key=lambda question: (histories[question].marks or 0, histories[question].last_seen))
