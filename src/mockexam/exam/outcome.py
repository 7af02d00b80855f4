"""What came of an attempt, small enough to hold thousands of them: a summary, derived from the folded attempt."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Any

from mockexam.exam.attempt import Attempt, AttemptQuestion, Phase
from mockexam.exam.clock import Reading
from mockexam.exam.paper import Counts, Mode
from mockexam.exam.scoring import Verdict
from mockexam.exam.time_spent import time_spent


@dataclass(frozen=True, slots=True)
class QuestionOutcome:
    """What came of one question of an attempt."""

    number: int
    question: str
    category: str
    title: str
    weight: int
    fingerprint: str
    marks: int | None
    """The marks that count; None if nothing was graded."""
    verdict: Verdict | None
    """Of the submission that counts, else of the newest; None if nothing was submitted."""
    submissions: int
    metric: str | None
    """Of the submission that counts, as are `value` and `next_at`."""
    value: float | None
    next_at: float | None
    hints: int
    """How many hints were seen."""
    seconds: float
    """Worked on it; see `time_spent`."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an attempt."""

    attempt: str
    mode: Mode
    exam: str
    title: str
    code: str
    bank_version: str
    started: float
    """Seconds since 1970 UTC."""
    duration: float | None
    """Seconds; None if untimed."""
    time_used: float
    """Seconds."""
    phase: Phase
    earned: int
    """Σ weight·marks"""
    possible: int
    """Σ weight·5"""
    pass_mark: int
    """Per cent."""
    passed: bool | None
    """None until the result stands."""
    receipt: str | None
    jumps: int
    """How often the computer's clock was moved."""
    submissions: int
    questions: tuple[QuestionOutcome, ...]
    counts: Counts = Counts.BEST
    """Which submission of a question counts."""

    @property
    def total(self) -> Fraction:
        """The weighted total from 0 to 1."""
        return Fraction(self.earned, self.possible)

    @property
    def percent(self) -> float:
        """The weighted total in per cent, cut (not rounded up) to one decimal, so that 89.96 never reads as 90."""
        return int(self.total * 1000) / 10


def outcome_of(attempt: Attempt, now: Reading, receipt: str | None) -> Outcome:
    """The summary of an attempt as it stands; `now` matters only while it runs."""
    spent = time_spent(attempt.signs, attempt.time_used(now))
    return Outcome(
        attempt=attempt.id,
        mode=attempt.mode,
        exam=attempt.rules.exam,
        title=attempt.rules.title,
        code=attempt.paper.code,
        bank_version=attempt.bank_version,
        started=attempt.clock.started.wall,
        duration=attempt.rules.duration,
        time_used=round(attempt.time_used(now), 1),
        phase=attempt.phase,
        earned=attempt.earned,
        possible=attempt.possible,
        pass_mark=attempt.rules.pass_mark,
        passed=attempt.settled.passed if attempt.settled else None,
        receipt=receipt,
        jumps=len(attempt.jumps),
        submissions=len(attempt.submissions),
        questions=tuple(
            _question(q, attempt.hints(q.item.number), spent.get(q.item.number, 0.0)) for q in attempt.questions
        ),
        counts=attempt.rules.counts,
    )


def _question(question: AttemptQuestion, hints: int, seconds: float) -> QuestionOutcome:
    item = question.item
    grading = [s.grading for s in question.submissions if s.grading is not None]
    telling = question.counted.grading if question.counted else (grading[-1] if grading else None)
    return QuestionOutcome(
        number=item.number,
        question=item.question,
        category=item.category,
        title=item.title,
        weight=item.weight,
        fingerprint=item.fingerprint,
        marks=question.marks,
        verdict=telling.verdict if telling else None,
        submissions=len(question.submissions),
        metric=telling.metric if telling else None,
        value=telling.value if telling else None,
        next_at=telling.next_at if telling else None,
        hints=hints,
        seconds=round(seconds, 1),
    )


def to_fields(outcome: Outcome) -> dict[str, Any]:
    """The summary as JSON-ready fields."""
    return asdict(outcome)


def from_fields(values: dict[str, Any]) -> Outcome:
    """The summary from its fields. Raises ValueError if they do not fit."""
    try:
        questions = tuple(
            QuestionOutcome(**{**q, "verdict": Verdict(q["verdict"]) if q["verdict"] else None})
            for q in values["questions"]
        )
        known = {"mode": Mode(values["mode"]), "phase": Phase(values["phase"]), "counts": Counts(values["counts"])}
        return Outcome(**{**values, **known, "questions": questions})
    except (KeyError, TypeError) as error:
        raise ValueError(f"a summary does not fit: {error}") from None
