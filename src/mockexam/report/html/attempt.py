"""What the page of one attempt shows, made ready for its template."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mockexam.errors import ToldError
from mockexam.exam.policy import policy_of
from mockexam.report.detail import AttemptDetail, QuestionDetail, SubmissionDetail
from mockexam.report.html.axes import Axis
from mockexam.report.html.bands import BandScale, band_scale
from mockexam.report.html.timeline import Timeline, timeline

if TYPE_CHECKING:
    from mockexam.report.diff import DiffLine
    from mockexam.report.review import Review

Diffs = Mapping[int, "tuple[DiffLine, ...] | str"]
"""By the question's number: the script that counts against the reference, or why there is none, in words."""


@dataclass(frozen=True, slots=True)
class QuestionView:
    """One question's section."""

    detail: QuestionDetail
    scale: BandScale | None
    remarked: tuple[SubmissionDetail, ...]
    """Submissions of which something was said: a refusal, a diagnosis, another marking."""
    diff: tuple[DiffLine, ...]
    no_diff: str
    versions: tuple[tuple[str, str], ...]
    """What marked its submissions: name and version, several versions joined."""
    bar: float
    """Its time in per cent of the longest bar."""
    planned: float
    """The time that a prepared candidate needs, likewise."""


@dataclass(frozen=True, slots=True)
class AttemptView:
    """The page's content."""

    detail: AttemptDetail
    title: str
    """The exam's, or that of the question practised."""
    questions: tuple[QuestionView, ...]
    timeline: Timeline
    seconds: float
    """Worked on all questions."""


def attempt_view(detail: AttemptDetail, diffs: Diffs) -> AttemptView:
    """Everything for the page."""
    longest = max((max(q.seconds, q.item.minutes * 60) for q in detail.questions), default=0.0)
    across = Axis(0.0, max(1.0, longest))
    return AttemptView(
        detail=detail,
        title=_title(detail),
        questions=tuple(_question(q, diffs.get(q.item.number, ""), across) for q in detail.questions),
        timeline=timeline(detail),
        seconds=sum(q.seconds for q in detail.questions),
    )


def _title(detail: AttemptDetail) -> str:
    if policy_of(detail.outcome).single_question and detail.questions:
        return ", ".join(q.item.title for q in detail.questions)
    return detail.outcome.title


def diffs_of(review: Review, detail: AttemptDetail) -> Diffs:
    """Each question's counted script against the reference, where both can be shown."""
    return {q.item.number: _diff(review, detail, q) for q in detail.questions}


def _diff(review: Review, detail: AttemptDetail, question: QuestionDetail) -> tuple[DiffLine, ...] | str:
    if question.reference is None:
        return question.closed or "The question's reference is gone."
    counted = _counted(question)
    if counted is None:
        return "No submission counts here."
    if counted.scripts is None:
        return "No script was kept with the submission that counts."
    try:
        return review.diff(detail.outcome.attempt, counted.id, None)
    except ToldError as error:
        return str(error)


def _question(question: QuestionDetail, diff: tuple[DiffLine, ...] | str, across: Axis) -> QuestionView:
    return QuestionView(
        detail=question,
        scale=band_scale(question),
        remarked=tuple(s for s in question.submissions if s.message or s.findings or s.regrades),
        diff=() if isinstance(diff, str) else diff,
        no_diff=diff if isinstance(diff, str) else "",
        versions=_versions(question),
        bar=across.at(question.seconds),
        planned=across.at(question.item.minutes * 60),
    )


def _counted(question: QuestionDetail) -> SubmissionDetail | None:
    return next((s for s in question.submissions if s.counts), None)


def _versions(question: QuestionDetail) -> tuple[tuple[str, str], ...]:
    found: dict[str, dict[str, None]] = {}
    for submission in question.submissions:
        for name, version in submission.versions.items():
            found.setdefault(name, {})[version] = None
    return tuple((name, ", ".join(versions)) for name, versions in found.items())
