"""What the pages of all attempts and of one attempt show, made ready for their templates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mockexam.errors import UserError
from mockexam.exam.attempt import Phase
from mockexam.exam.outcome import Outcome
from mockexam.exam.past_exams import of_exam
from mockexam.exam.policy import policy_of
from mockexam.review.detail import AttemptDetail, QuestionDetail, SubmissionDetail
from mockexam.review.html.axes import Axis
from mockexam.review.html.charts import category_cards, estimate_bar, totals_charts
from mockexam.review.html.drawings import BandScale, band_scale, timeline
from mockexam.review.readiness import Readiness
from mockexam.review.script_diff import DiffLine, diff_submission
from mockexam.review.selection import ExamProgress, TotalPoint, totals
from mockexam.store.summaries import AllAttempts
from mockexam.text import formats


def history_values(past: AllAttempts, progress: ExamProgress, readiness: Readiness | str) -> dict[str, Any]:
    """What the template of all attempts is filled with; `readiness`, or why there is none, in words."""
    known = None if isinstance(readiness, str) else readiness
    return {
        "outcomes": past.outcomes[::-1],
        "damaged": past.damaged,
        "exam": progress.exam,
        "others": progress.others,
        "facts": _facts(of_exam(past.outcomes, progress.exam), progress.totals),
        "charts": totals_charts(totals(past.outcomes)),
        "categories": category_cards(progress.standings),
        "readiness": known,
        "unknown": readiness,
        "bar": estimate_bar(known.estimate, known.pass_mark) if known else None,
    }


def _facts(outcomes: Sequence[Outcome], points: tuple[TotalPoint, ...]) -> tuple[tuple[str, str], ...]:
    retries = sum(not policy_of(o).has_verdict for o in outcomes)
    worked = sum(o.time_used for o in outcomes if o.phase is Phase.ENDED)
    best = max((p.percent for p in points), default=None)
    return (
        ("Exams sat", f"{len(points):,}"),
        ("Passed", f"{sum(p.passed for p in points):,}"),
        ("Best total", "–" if best is None else f"{best:g} %"),
        ("Newest total", f"{points[-1].percent:g} %" if points else "–"),
        ("Practised", formats.plural(retries, "time")),
        ("Time worked", formats.lasting(worked)),
    )


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


def attempt_values(detail: AttemptDetail) -> dict[str, Any]:
    """What the template of one attempt is filled with. `across` is the axis of the bars of time by question."""
    longest = max((max(q.seconds, q.item.minutes * 60) for q in detail.questions), default=0.0)
    return {
        "detail": detail,
        "title": _title(detail),
        "questions": [_question(q) for q in detail.questions],
        "timeline": timeline(detail),
        "across": Axis(0.0, max(1.0, longest)),
    }


def _title(detail: AttemptDetail) -> str:
    if policy_of(detail.outcome).single_question and detail.questions:
        return ", ".join(q.item.title for q in detail.questions)
    return detail.outcome.title


def _question(question: QuestionDetail) -> QuestionView:
    diff, no_diff = _diff(question)
    return QuestionView(
        detail=question,
        scale=band_scale(question),
        remarked=tuple(s for s in question.submissions if s.message or s.findings or s.regrades),
        diff=diff,
        no_diff=no_diff,
        versions=_versions(question),
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
    except UserError as error:
        return (), str(error)


def _versions(question: QuestionDetail) -> tuple[tuple[str, str], ...]:
    found: dict[str, dict[str, None]] = {}
    for submission in question.submissions:
        for name, version in submission.versions.items():
            found.setdefault(name, {})[version] = None
    return tuple((name, ", ".join(versions)) for name, versions in found.items())
