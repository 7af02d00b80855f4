"""What the review may show of a question: what the bank still knows, and nothing that helps a running attempt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from mockexam import paths
from mockexam.bank.loader import Bank
from mockexam.bank.metric import metric_of
from mockexam.bank.models import Question as BankQuestion
from mockexam.bank.rubric import Rubric
from mockexam.errors import UserError
from mockexam.exam.attempt import AttemptQuestion, Phase
from mockexam.exam.outcome import Outcome
from mockexam.exam.policy import policy_of
from mockexam.exam.scoring import Verdict, marks_for
from mockexam.store.journal import Journal

IN_USE = "This question is part of the running attempt."
CLOSED = "This question is part of the running attempt: bands, metric and reference are hidden until it ends."

ReadRubric = Callable[[BankQuestion], Rubric]
"""Reads the rubric of a question; raises UserError."""


class Standard(NamedTuple):
    """What the bank still says about a question of an attempt."""

    metric: str | None
    closed: str
    """Why bands or reference can't be shown; empty if they can."""
    not_regradable: str
    """Why today's question can't regrade it; empty if it can."""
    skills: tuple[str, ...] = ()
    """Ids."""
    bands: tuple[float, ...] = ()
    """Empty if they can't be shown."""
    reference: Path | None = None

    @property
    def larger_is_better(self) -> bool:
        """Of the metric; true if it is unknown."""
        return self.metric is None or metric_of(self.metric).larger_is_better


def standard_of(
    question: AttemptQuestion, bank: Bank, bank_version: str, read_rubric: ReadRubric, *, running: bool
) -> Standard:
    """Look a question up in the bank and in scoring. `running`: it is part of a running attempt."""
    metric = _recorded_metric(question)
    today = bank.questions.get(question.item.question)
    if today is None:
        gone = f"The question is no longer in the question bank (it was in version {bank_version})."
        return Standard(metric, gone, gone)
    skills = today.file.skills
    if running:
        return Standard(None, CLOSED, IN_USE, skills)
    try:
        rubric = read_rubric(today)
    except UserError as error:
        return Standard(metric, error.message, error.message, skills)
    closed = not_regradable = ""
    if not _gives_recorded_marks(question, rubric):
        closed = "The bands have changed since this was graded, so today's bands are not shown."
    if not today.is_edition(question.item.fingerprint):
        not_regradable = f"The question has changed since version {bank_version} of the bank and can't be regraded."
    bands = () if closed else rubric.bands
    reference = paths.scoring_of(today.folder) / "reference.py"
    known = reference if reference.is_file() else None
    return Standard(metric or rubric.metric, closed, not_regradable, skills, bands, known)


def _recorded_metric(question: AttemptQuestion) -> str | None:
    """The metric that its submissions were graded by."""
    known = [s.grading.metric for s in question.submissions if s.grading is not None and s.grading.metric]
    return known[-1] if known else None


def _gives_recorded_marks(question: AttemptQuestion, rubric: Rubric) -> bool:
    """Whether the rubric would give the marks on record."""
    graded = (s.grading for s in question.submissions if s.grading and s.grading.verdict is Verdict.GRADED)
    return all(
        g.metric == rubric.metric
        and marks_for(g.value, rubric.bands, larger_is_better=rubric.larger_is_better) == g.marks
        for g in graded
        if g.value is not None
    )


def closed_questions(journal: Journal) -> frozenset[str]:
    """The ids of the questions in a running attempt; none if no attempt runs."""
    running = journal.unsettled()
    if running is None:
        return frozenset()
    try:
        attempt = journal.attempt(running)
    except UserError:
        return frozenset()
    if policy_of(attempt).shows_reference(attempt.phase):
        return frozenset()
    return frozenset(item.question for item in attempt.paper.items)


def redact(outcome: Outcome, closed: frozenset[str]) -> Outcome:
    """The summary without the metrics that must stay hidden: of closed questions, and of a running exam.

    A running retry shows its own metrics.
    """
    shows = policy_of(outcome).shows_metric(outcome.phase)
    own = outcome.phase is Phase.RUNNING
    if shows and (own or closed.isdisjoint(q.question for q in outcome.questions)):
        return outcome
    questions = tuple(
        q if shows and q.question not in closed else replace(q, metric=None, value=None, next_at=None)
        for q in outcome.questions
    )
    return replace(outcome, questions=questions)
