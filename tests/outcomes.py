"""Made-up summaries of attempts for tests that only read summaries."""

from __future__ import annotations

from dataclasses import replace

from mockexam.exam.attempt import Phase
from mockexam.exam.outcome import Outcome, QuestionOutcome
from mockexam.exam.paper import Mode
from mockexam.exam.scoring import Verdict
from tests.factories import WALL


def question(category: str, marks: int | None, **changes: object) -> QuestionOutcome:
    """One question, submitted and graded unless told otherwise."""
    made = QuestionOutcome(
        number=1, question=f"{category}/made_up", category=category, title="Made up", weight=1, fingerprint="f" * 64,
        marks=marks, verdict=None if marks is None else Verdict.GRADED, submissions=0 if marks is None else 1,
        metric=None, value=None, next_at=None, hints=0, seconds=60.0,
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]  # names are checked by `replace`


def ended_exam(day: int, percent: float, *, exam: str = "tf_developer", pass_mark: int = 90) -> Outcome:
    """An ended exam of so many days later with this total."""
    earned = {"earned": round(percent * 10), "possible": 1000}
    return replace(outcome(day=day), exam=exam, pass_mark=pass_mark, passed=percent >= pass_mark, **earned)


def outcome(*questions: QuestionOutcome, day: int = 0, mode: Mode = Mode.EXAM, phase: Phase = Phase.ENDED) -> Outcome:
    """An attempt of so many days later."""
    return Outcome(
        attempt=f"a{day}", mode=mode, exam="tf_developer", title="", code="7K3Q-F2XM", bank_version="abc",
        started=WALL + 86_400 * day, duration=18_000.0, time_used=100.0, phase=phase, earned=0, possible=5,
        pass_mark=90, passed=False, receipt=None, jumps=0, submissions=1, questions=questions,
    )  # fmt: skip
