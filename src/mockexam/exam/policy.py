"""What each mode of an attempt discloses and when: the one place that decides by the mode."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from mockexam.exam.attempt import Phase
from mockexam.exam.paper import Mode


@dataclass(frozen=True, slots=True)
class Policy:
    """The policy of one mode."""

    noun: str
    plural: str
    has_verdict: bool
    """It passes or fails by its weighted total, and can earn a certificate."""
    single_question: bool
    """It has one question, whose title it is called by."""
    shows_metric_at_once: bool
    """Metric and distance to the next mark are shown with the marks; otherwise in the review alone."""
    gives_hints: bool
    """Hints can be opened one by one; each is recorded."""
    diagnoses_at_once: bool
    """Every graded model is diagnosed; otherwise those that count, once the attempt has ended."""
    counts_unanswered: bool
    """A question without a submission counts as 0 marks."""
    guards_questions: bool
    """While it runs, no other command grades models for its questions."""

    @property
    def shows_weights(self) -> bool:
        return not self.single_question

    def shows_metric(self, phase: Phase) -> bool:
        return self.shows_metric_at_once or phase is not Phase.RUNNING

    def runs_diagnosis(self, phase: Phase) -> bool:
        """Whether models of an attempt in this phase may be diagnosed, and the diagnoses shown."""
        return self.diagnoses_at_once or phase is Phase.ENDED

    def shows_reference(self, phase: Phase) -> bool:
        """Whether anyone may see bands and reference solutions of the questions of an attempt in this phase."""
        return phase is not Phase.RUNNING


_POLICIES = {
    Mode.EXAM: Policy(
        noun="exam",
        plural="exams",
        has_verdict=True,
        single_question=False,
        shows_metric_at_once=False,
        gives_hints=False,
        diagnoses_at_once=False,
        counts_unanswered=True,
        guards_questions=True,
    ),
    Mode.RETRY: Policy(
        noun="retry",
        plural="retries",
        has_verdict=False,
        single_question=True,
        shows_metric_at_once=True,
        gives_hints=True,
        diagnoses_at_once=True,
        counts_unanswered=False,
        guards_questions=False,
    ),
}


class _HasMode(Protocol):
    @property
    def mode(self) -> Mode: ...


def policy_for(mode: Mode) -> Policy:
    """The policy of a mode."""
    return _POLICIES[mode]


def policy_of(attempt: _HasMode) -> Policy:
    """The policy of an attempt, its outcome, or a plan for one."""
    return _POLICIES[attempt.mode]
