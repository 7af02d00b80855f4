"""The exam that attempts on record were of, also where its file has changed, moved or gone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mockexam.bank.loader import Bank, NamedExam
from mockexam.bank.models import Exam, ExamSlot
from mockexam.exam.outcome import Outcome
from mockexam.exam.past_exams import current_exam, newest_attempt


def find_exam(bank: Bank, outcomes: Sequence[Outcome], name: str | None = None) -> NamedExam:
    """The exam of this name or `.toml` file; without one the exam of the newest ended exam attempt.

    An exam of somebody's own is on record by its name alone, so it is made of its newest paper. `outcomes` come oldest
    first. Raises UserError for a name that is neither in the bank nor on record.
    """
    wanted = name or current_exam(outcomes)
    if wanted in bank.exams or (wanted.endswith(".toml") and Path(wanted).is_file()):
        return bank.exam(wanted)
    newest = newest_attempt(outcomes, wanted)
    return _recorded(newest) if newest and newest.duration else bank.exam(wanted)


def _recorded(outcome: Outcome) -> NamedExam:
    """The exam as its attempt tells it; unchecked, since it was checked when it was taken."""
    exam = Exam.model_construct(
        title=outcome.title,
        duration_minutes=(outcome.duration or 0.0) / 60,
        pass_mark=outcome.pass_mark,
        counts=outcome.counts,
        questions=tuple(
            ExamSlot.model_construct(category=q.category, weight=q.weight, count=1, only=()) for q in outcome.questions
        ),
    )
    return NamedExam(name=outcome.exam, path=Path(f"{outcome.exam}.toml"), exam=exam)
