"""What the screens say about an attempt: pure functions from a snapshot to words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mockexam.bank.category import category_of
from mockexam.exam import events as ev
from mockexam.exam.attempt import AttemptQuestion, Submission
from mockexam.exam.policy import policy_of
from mockexam.exam.scoring import MARKS_PER_QUESTION, Verdict
from mockexam.session.ports import Snapshot


class State(StrEnum):
    """Where the newest submission of a question stands, as it is shown."""

    NONE = ""
    RECEIVED = "received"
    GRADING = "marking…"
    GRADED = "marked"
    INVALID = "refused"
    LIMIT = "over limit"
    FAULT = "marker fault"


STATES = {
    Verdict.GRADED: State.GRADED,
    Verdict.INVALID_MODEL: State.INVALID,
    Verdict.LIMIT_EXCEEDED: State.LIMIT,
    Verdict.GRADER_ERROR: State.FAULT,
}
"""How a verdict is shown."""


@dataclass(frozen=True, slots=True)
class QuestionView:
    """One row of the question table."""

    number: int
    title: str
    category: str
    weight: int | None
    """None where it says nothing: there is only one question."""
    marks: int | None
    state: State
    missing: bool = False
    running: bool = False


def category_word(category: str) -> str:
    """A category in one or two short words."""
    return category_of(category).short


def marks_text(marks: int | None) -> str:
    """`4/5`, or `–/5` when nothing was graded yet."""
    return f"{'–' if marks is None else marks}/{MARKS_PER_QUESTION}"


def state_of(question: AttemptQuestion, grading: str | None) -> State:
    """Where the newest submission stands; `marking` is the id of the one being marked now."""
    if any(s.id == grading for s in question.submissions if s.waiting):
        return State.GRADING
    if question.waiting:
        return State.RECEIVED
    if not question.submissions:
        return State.NONE
    graded = question.submissions[-1].grading
    assert graded is not None
    return STATES[graded.verdict]


def question_views(snapshot: Snapshot, running: int | None = None) -> tuple[QuestionView, ...]:
    """All rows; `running` is the question whose script runs."""
    return tuple(
        QuestionView(
            number=q.item.number,
            title=q.item.title,
            category=category_word(q.item.category),
            weight=q.item.weight if policy_of(snapshot.attempt).shows_weights else None,
            marks=q.marks,
            state=state_of(q, snapshot.grading),
            missing=q.item.number in snapshot.missing,
            running=q.item.number == running,
        )
        for q in snapshot.attempt.questions
    )


def refusal(question: AttemptQuestion) -> ev.GradingResult | None:
    """The newest verdict if it carries no marks: what to tell, with its remedy, until something better comes."""
    newest = last_graded(question)
    if newest is None or newest.grading is None or newest.grading.verdict is Verdict.GRADED:
        return None
    return newest.grading


def last_graded(question: AttemptQuestion) -> Submission | None:
    """The newest submission that has a verdict."""
    return next((s for s in reversed(question.submissions) if s.grading is not None), None)


def still_open(snapshot: Snapshot) -> tuple[str, ...]:
    """What a candidate should know before finishing: questions without a model, and models without marks."""
    questions = snapshot.attempt.questions
    bare = [str(q.item.number) for q in questions if not q.submissions]
    waiting = sum(q.waiting for q in questions)
    lines = []
    if bare:
        lines.append(f"Nothing was received for question {', '.join(bare)}.")
    unmarked = [str(q.item.number) for q in questions if q.submissions and q.marks is None and not q.waiting]
    if unmarked:
        lines.append(f"Question {', '.join(unmarked)} has no marks: no model of it could be marked.")
    if waiting:
        lines.append(f"{waiting} received {'model is' if waiting == 1 else 'models are'} not marked yet; that goes on.")
    return tuple(lines)


def minutes_text(seconds: float | None) -> str:
    """A length for reading: `5 hours`, `90 minutes`, `no time limit`."""
    if seconds is None:
        return "no time limit"
    hours, rest = divmod(round(seconds), 3600)
    if not rest and hours:
        return f"{hours} hour{'s' if hours > 1 else ''}"
    minutes, odd = divmod(round(seconds), 60)
    if odd:
        return f"{seconds:g} seconds" if minutes < 2 else f"{seconds / 60:.1f} minutes"
    return f"{minutes} minute{'s' if minutes != 1 else ''}"


def no_picture() -> Snapshot:
    """Stands where a screen's first snapshot is set before anything reads it. Raises LookupError."""
    raise LookupError("a screen of a sitting is made with its first snapshot")
