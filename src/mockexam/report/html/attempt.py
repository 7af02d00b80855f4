"""What the page of one attempt shows, made ready for its template."""

from __future__ import annotations

from dataclasses import dataclass

from mockexam.errors import ToldError
from mockexam.exam.paper import Mode
from mockexam.report.detail import AttemptDetail, QuestionDetail, SubmissionDetail
from mockexam.report.diff import DiffLine, diff_submission
from mockexam.report.html.axes import Axis
from mockexam.report.html.bands import BandScale, band_scale
from mockexam.report.html.timeline import Timeline, timeline


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


def attempt_view(detail: AttemptDetail) -> AttemptView:
    """Everything for the page."""
    longest = max((max(q.seconds, q.item.minutes * 60) for q in detail.questions), default=0.0)
    across = Axis(0.0, max(1.0, longest))
    return AttemptView(
        detail=detail,
        title=_title(detail),
        questions=tuple(_question(q, across) for q in detail.questions),
        timeline=timeline(detail),
        seconds=sum(q.seconds for q in detail.questions),
    )


def _title(detail: AttemptDetail) -> str:
    if detail.outcome.mode is Mode.RETRY and detail.questions:
        return ", ".join(q.item.title for q in detail.questions)
    return detail.outcome.title


def _question(question: QuestionDetail, across: Axis) -> QuestionView:
    diff, no_diff = _diff(question)
    return QuestionView(
        detail=question,
        scale=band_scale(question),
        remarked=tuple(s for s in question.submissions if s.message or s.findings or s.regrades),
        diff=diff,
        no_diff=no_diff,
        versions=_versions(question),
        bar=across.at(question.seconds),
        planned=across.at(question.item.minutes * 60),
    )


def _diff(question: QuestionDetail) -> tuple[tuple[DiffLine, ...], str]:
    """The counted script against the reference, or why they can't be shown beside each other, in words."""
    if question.reference is None:
        return (), question.closed or "The question's reference is gone."
    if question.counted is None:
        return (), "No submission counts here."
    if question.counted.scripts is None:
        return (), "No script was kept with the submission that counts."
    try:
        return diff_submission(question, question.counted), ""
    except ToldError as error:
        return (), str(error)


def _versions(question: QuestionDetail) -> tuple[tuple[str, str], ...]:
    found: dict[str, dict[str, None]] = {}
    for submission in question.submissions:
        for name, version in submission.versions.items():
            found.setdefault(name, {})[version] = None
    return tuple((name, ", ".join(versions)) for name, versions in found.items())
