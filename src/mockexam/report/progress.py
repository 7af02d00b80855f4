"""How one exam went so far: its totals over time and the standing in its categories."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mockexam.exam.outcome import Outcome
from mockexam.exam.past_exams import current_exam, ended_exams, exam_names, newest_attempt, of_exam
from mockexam.exam.standing import CategoryStanding, standings


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
        TotalPoint(o.attempt, o.exam, o.started, o.percent, o.pass_mark, bool(o.passed)) for o in ended_exams(outcomes)
    )


@dataclass(frozen=True, slots=True)
class ExamProgress:
    """What the attempts at one exam, and the retries for it, come to."""

    exam: str
    """The exam's name."""
    others: tuple[str, ...]
    """The other exams on record, the newest first."""
    totals: tuple[TotalPoint, ...]
    standings: tuple[CategoryStanding, ...]
    """Weakest category first."""


def exam_progress(
    outcomes: Sequence[Outcome], exam: str | None = None, categories: Sequence[str] | None = None
) -> ExamProgress:
    """The progress in this exam, or in the one that was taken last; `outcomes` come oldest first.

    `categories`: the exam's, if they are at hand; else those of its newest paper.
    """
    from mockexam.bank.category import CATEGORIES

    name = exam or current_exam(outcomes)
    newest, of_it = newest_attempt(outcomes, name), of_exam(outcomes, name)
    if categories is None:
        categories = tuple(dict.fromkeys(q.category for q in newest.questions)) if newest else tuple(CATEGORIES)
    return ExamProgress(
        exam=name,
        others=tuple(other for other in exam_names(outcomes) if other != name),
        totals=totals(of_it),
        standings=standings(of_it, categories),
    )
