"""What the review must not tell while an attempt runs."""

from __future__ import annotations

from dataclasses import replace

from mockexam.errors import ToldError
from mockexam.exam.attempt import Phase
from mockexam.exam.outcome import Outcome, QuestionOutcome
from mockexam.exam.paper import Mode
from mockexam.records.journal import Journal


def closed_questions(journal: Journal) -> frozenset[str]:
    """The ids of the questions on the paper of a running attempt; none if nothing runs."""
    running = journal.unsettled()
    if running is None:
        return frozenset()
    try:
        attempt = journal.attempt(running)
    except ToldError:
        return frozenset()
    return frozenset(item.question for item in attempt.paper.items) if attempt.finished is None else frozenset()


def redact(outcome: Outcome, closed: frozenset[str]) -> Outcome:
    """The summary without the metrics that must not be told: of closed questions, and of an exam that runs.

    A running retry has told its own metrics already.
    """
    runs = outcome.phase is Phase.RUNNING
    if runs and outcome.mode is Mode.RETRY:
        return outcome
    if not runs and closed.isdisjoint(q.question for q in outcome.questions):
        return outcome
    return replace(
        outcome, questions=tuple(_silent(q) if runs or q.question in closed else q for q in outcome.questions)
    )


def _silent(question: QuestionOutcome) -> QuestionOutcome:
    return replace(question, metric=None, value=None, next_at=None)
