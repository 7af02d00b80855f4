"""Which exams were taken, and which of them retries and the review use unless another is named."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mockexam.exam.attempt import Phase
from mockexam.exam.outcome import Outcome
from mockexam.exam.policy import policy_of

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
