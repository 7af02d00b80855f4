"""Training data against unseen data: learned by heart, or not learned enough."""

from __future__ import annotations

from mockexam.exam.scoring import MARKS_PER_QUESTION
from mockexam.grading.examiner.diagnosis.case import Case, Part, figure

SURE = 2.0
"""Standard errors from which a difference is no luck: chance alone makes it 1 time in 20."""
ALIKE = 1 / 3
"""A gap to the training data below this share of what full marks ask for is not where the marks are lost."""
POOR = 2
"""With so many marks or fewer on the very training data, more than the fit may be wrong."""


def full_marks(case: Case) -> str:
    """That there is nothing to find."""
    unseen = f"Full marks: {case.told(case.held.value)} on unseen data"
    if case.train is None:
        return f"{unseen}."
    return f"{unseen}, {figure(case.train.value, 4)} on the training data. It holds."


def overfitting(case: Case) -> str:
    """The training data would have earned a mark more at least, by more than luck."""
    if case.train is None or not _overfits(case, case.train):
        return ""
    return (
        f"Overfitting: {_both(case, case.train)} Part of what the model has learned holds for its training samples "
        "alone. Look at its size, at how long it trains, and at what keeps it from learning by heart."
    )


def underfitting(case: Case) -> str:
    """Neither is good enough, and they are alike, or far from it without a mark between them."""
    train = case.train
    if train is None or case.marks(train.value) == MARKS_PER_QUESTION or _overfits(case, train):
        return ""
    both = _both(case, train)
    gap = case.better_by(train.value, case.held.value)
    if gap > max(SURE * _error(case, train), ALIKE * abs(case.rubric.bands[-1] - case.held.value)):
        return (
            f"Some of both, under- and overfitting: {both} A part is learned by heart, and even so the training data "
            "would earn no more. Look at what the inputs could tell and the model does not get, or can't express."
        )
    found = (
        f"Underfitting: {both} The model has not learned what its training data could teach. Does the loss still fall? "
        "If not, look at what the model can express and at the form in which it gets its inputs."
    )
    if case.marks(train.value) <= POOR:
        found += " Does your own script see far better figures? Then part of it is missing in the saved model."
    return found


def _both(case: Case, train: Part) -> str:
    return f"{case.told(train.value)} on the training data, {figure(case.held.value, 4)} on unseen data."


def _overfits(case: Case, train: Part) -> bool:
    gap = case.better_by(train.value, case.held.value)
    more = case.marks(train.value) - case.marks(case.held.value)
    return more >= 1 and gap > SURE * _error(case, train)


def _error(case: Case, train: Part) -> float:
    """One standard error of the difference."""
    return float((case.standard_error(train) ** 2 + case.standard_error(case.held) ** 2) ** 0.5)
