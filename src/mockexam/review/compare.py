"""Two attempts side by side: question by question, category by category."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mockexam.exam.attempt import Phase
from mockexam.exam.outcome import Outcome
from mockexam.exam.policy import policy_of
from mockexam.exam.scoring import MARKS_PER_QUESTION
from mockexam.review.detail import AttemptDetail, QuestionDetail, SubmissionDetail


@dataclass(frozen=True, slots=True)
class QuestionPair:
    """A question of one attempt and its counterpart in the other. Changes are right minus left."""

    category: str
    left: QuestionDetail | None
    """None if this attempt has no counterpart."""
    right: QuestionDetail | None
    same_question: bool
    """Whether both are the same question of the bank; else they only share the category."""
    same_edition: bool
    """Whether the question had the same data and contract both times."""
    marks_change: int | None
    """No marks count as 0; None if one side is missing."""
    value_change: float | None
    """Of the metric of the submissions that count; None unless question and metric are the same."""
    value_better: bool | None
    """Whether that change is an improvement; None if nothing changed or can be compared."""
    seconds_change: float | None
    submissions_change: int | None


@dataclass(frozen=True, slots=True)
class CategoryPair:
    """The marks in a category in both attempts."""

    category: str
    left: int | None
    """Marks of all its questions; None if the attempt has no question of this category."""
    left_of: int
    right: int | None
    right_of: int


@dataclass(frozen=True, slots=True)
class VersionChange:
    """A part of the grader whose version differs."""

    name: str
    left: str
    """Empty if it was not recorded."""
    right: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two attempts side by side. Changes are right minus left."""

    left: Outcome
    right: Outcome
    percent_change: float | None
    """Percentage points of the weighted total; None between an exam and a retry, or two different exams."""
    seconds_change: float
    """Of the time used."""
    questions: tuple[QuestionPair, ...]
    categories: tuple[CategoryPair, ...]
    versions: tuple[VersionChange, ...]
    """The versions that differ, of the grader's parts and of the question bank."""
    remarks: tuple[str, ...]
    """What limits the comparison."""


def compare(a: AttemptDetail, b: AttemptDetail) -> Comparison:
    """Compare `a` (left) with `b` (right)."""
    left, right = a.outcome, b.outcome
    return Comparison(
        left=left,
        right=right,
        percent_change=float((right.total - left.total) * 100) if _comparable(left, right) else None,
        seconds_change=right.time_used - left.time_used,
        questions=tuple(_pair(one, other) for one, other in _pairs(a.questions, b.questions)),
        categories=tuple(_categories(a.questions, b.questions)),
        versions=tuple(_versions(a, b)),
        remarks=tuple(_remarks(a, b)),
    )


def _comparable(left: Outcome, right: Outcome) -> bool:
    """Whether the totals mean the same."""
    return policy_of(left) == policy_of(right) and left.exam == right.exam


def _pairs(
    left: Sequence[QuestionDetail], right: Sequence[QuestionDetail]
) -> list[tuple[QuestionDetail | None, QuestionDetail | None]]:
    """Each question with the same question, else with one of the same category, else alone."""
    others = list(right)
    found: dict[int, QuestionDetail] = {}
    for key in ("question", "category"):
        for one in left:
            match = next((o for o in others if getattr(o.item, key) == getattr(one.item, key)), None)
            if one.item.number not in found and match is not None:
                found[one.item.number] = match
                others.remove(match)
    return [*((one, found.get(one.item.number)) for one in left), *((None, other) for other in others)]


def _pair(left: QuestionDetail | None, right: QuestionDetail | None) -> QuestionPair:
    some = left or right
    assert some is not None
    if left is None or right is None:
        return QuestionPair(some.item.category, left, right, False, False, None, None, None, None, None)
    same = left.item.question == right.item.question
    change = _value_change(left.counted, right.counted) if same else None
    return QuestionPair(
        category=some.item.category,
        left=left,
        right=right,
        same_question=same,
        same_edition=same and left.edition == right.edition,
        marks_change=(right.marks or 0) - (left.marks or 0),
        value_change=change,
        value_better=(change > 0) == right.larger_is_better if change else None,
        seconds_change=right.seconds - left.seconds,
        submissions_change=len(right.submissions) - len(left.submissions),
    )


def _value_change(left: SubmissionDetail | None, right: SubmissionDetail | None) -> float | None:
    if left is None or right is None or left.value is None or right.value is None or left.metric != right.metric:
        return None
    return right.value - left.value


def _categories(left: Sequence[QuestionDetail], right: Sequence[QuestionDetail]) -> Iterator[CategoryPair]:
    for category in dict.fromkeys(q.item.category for q in (*left, *right)):
        yield CategoryPair(category, *_marks(left, category), *_marks(right, category))


def _marks(questions: Sequence[QuestionDetail], category: str) -> tuple[int | None, int]:
    """The marks in a category, and the most that its questions can give."""
    marks = [q.marks or 0 for q in questions if q.item.category == category]
    return sum(marks) if marks else None, len(marks) * MARKS_PER_QUESTION


def _versions(a: AttemptDetail, b: AttemptDetail) -> Iterator[VersionChange]:
    left, right = _graded_with(a), _graded_with(b)
    for name in dict.fromkeys((*left, *right)):
        one, other = left.get(name, ""), right.get(name, "")
        if one != other:
            yield VersionChange(name, one, other)


def _graded_with(detail: AttemptDetail) -> dict[str, str]:
    """The versions of the bank and the grader's parts, from the newest verdict that names them."""
    found = {"question bank": detail.outcome.bank_version}
    for submission in sorted(detail.submissions, key=lambda s: s.wall):
        found.update(submission.versions)
    return found


def _remarks(a: AttemptDetail, b: AttemptDetail) -> Iterator[str]:
    left, right = a.outcome, b.outcome
    if policy_of(left) != policy_of(right):
        yield "One is an exam and one is a retry, so their totals can't be compared."
    elif left.exam != right.exam:
        yield "These are different exams, so their totals can't be compared."
    for outcome in (left, right):
        if outcome.phase is not Phase.ENDED:
            yield f"{outcome.attempt} has not ended: its marks may still change."
    for detail in (a, b):
        if detail.broken_at is not None:
            yield f"The record of {detail.outcome.attempt} was altered at event {detail.broken_at}."
