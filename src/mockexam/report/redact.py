"""What the review must not tell while an attempt runs."""

from __future__ import annotations

from dataclasses import replace

from mockexam.errors import ToldError
from mockexam.exam.attempt import Phase
from mockexam.exam.outcome import Outcome, QuestionOutcome
from mockexam.exam.policy import policy_of
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
    if policy_of(attempt).shows_reference(attempt.phase):
        return frozenset()
    return frozenset(item.question for item in attempt.paper.items)


def redact(outcome: Outcome, closed: frozenset[str]) -> Outcome:
    """The summary without the metrics that must not be told: of closed questions, and of an exam that runs.

    A running retry has told its own metrics already.
    """
    runs = outcome.phase is Phase.RUNNING
    shows = policy_of(outcome).shows_metric(outcome.phase)
    if shows and (runs or closed.isdisjoint(q.question for q in outcome.questions)):
        return outcome
    return replace(
        outcome, questions=tuple(q if shows and q.question not in closed else _silent(q) for q in outcome.questions)
    )


def _silent(question: QuestionOutcome) -> QuestionOutcome:
    return replace(question, metric=None, value=None, next_at=None)
