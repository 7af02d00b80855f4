"""What may be told of a question on record: what the bank still knows, less what must stay closed while one runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from mockexam import paths
from mockexam.bank.loader import Bank
from mockexam.bank.metric import metric_of
from mockexam.bank.models import Question as BankQuestion
from mockexam.bank.rubric import Rubric
from mockexam.errors import UserError
from mockexam.exam.attempt import AttemptQuestion, Phase
from mockexam.exam.outcome import Outcome, QuestionOutcome
from mockexam.exam.policy import policy_of
from mockexam.exam.scoring import Verdict, marks_for
from mockexam.store.journal import Journal

ON_PAPER = "The question is on the paper of the attempt under way."
RUNS = f"{ON_PAPER[:-1]}; bands, metric and reference are shown after its end."

ReadRubric = Callable[[BankQuestion], Rubric]
"""Reads the rubric of a question; raises UserError."""


@dataclass(frozen=True, slots=True)
class Standard:
    """What a question of an attempt can still be held against."""

    metric: str | None
    larger_is_better: bool
    bands: tuple[float, ...]
    """Empty if they can't be shown."""
    skills: tuple[str, ...]
    """Ids."""
    reference: Path | None
    closed: str
    """Why bands or reference can't be shown; empty if they can."""
    not_regradable: str
    """Why today's question can't mark it again; empty if it can."""


def standard_of(
    question: AttemptQuestion, bank: Bank, bank_version: str, read_rubric: ReadRubric, *, runs: bool
) -> Standard:
    """Look a question up in the bank and in scoring. `runs`: it stands on the paper of a running attempt."""
    item = question.item
    told = _told_metric(question)
    today = bank.questions.get(item.question)
    if today is None:
        gone = f"The question is no longer in the question bank (it was in version {bank_version})."
        return _without(told, closed=gone, not_regradable=gone)
    changed = (
        f"The question has changed since (it was in version {bank_version} of the bank): its data can't be made again."
        if not today.is_edition(item.fingerprint)
        else ""
    )
    if runs:
        return _without(None, skills=today.file.skills, closed=RUNS, not_regradable=ON_PAPER)
    try:
        rubric = read_rubric(today)
    except UserError as error:
        return _without(told, skills=today.file.skills, closed=error.message, not_regradable=error.message)
    reference = paths.scoring_of(today.folder) / "reference.py"
    fits = _fits(question, rubric.metric, rubric.bands, larger_is_better=rubric.larger_is_better)
    return Standard(
        metric=told or rubric.metric,
        larger_is_better=metric_of(told).larger_is_better if told else rubric.larger_is_better,
        bands=rubric.bands if fits else (),
        skills=today.file.skills,
        reference=reference if reference.is_file() else None,
        closed="" if fits else "The bands have changed since; those of today are not the ones that it was marked by.",
        not_regradable=changed,
    )


def _without(metric: str | None, *, closed: str, not_regradable: str, skills: tuple[str, ...] = ()) -> Standard:
    larger = metric is None or metric_of(metric).larger_is_better
    return Standard(metric, larger, (), skills, None, closed, not_regradable)


def _told_metric(question: AttemptQuestion) -> str | None:
    """The metric that its submissions were marked by."""
    known = [s.grading.metric for s in question.submissions if s.grading is not None and s.grading.metric]
    return known[-1] if known else None


def _fits(question: AttemptQuestion, metric: str, bands: tuple[float, ...], *, larger_is_better: bool) -> bool:
    """Whether these bands would give the marks that are on record."""
    for submission in question.submissions:
        grading = submission.grading
        if grading is None or grading.verdict is not Verdict.GRADED or grading.value is None:
            continue
        if (
            grading.metric != metric
            or marks_for(grading.value, bands, larger_is_better=larger_is_better) != grading.marks
        ):
            return False
    return True


def closed_questions(journal: Journal) -> frozenset[str]:
    """The ids of the questions on the paper of a running attempt; none if nothing runs."""
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
