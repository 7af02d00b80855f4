"""The review's documents, made of what the review tells."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from mockexam.exam.standing import CategoryStanding
from mockexam.records.history import Damaged
from mockexam.report import review_data as data
from mockexam.report import review_data_attempt as whole
from mockexam.report.detail import AttemptDetail, QuestionDetail
from mockexam.report.readiness import PassEstimate, Readiness
from mockexam.report.review_data_base import AttemptSummary

if TYPE_CHECKING:
    from mockexam.exam.outcome import Outcome
    from mockexam.records.kept import DiskUse
    from mockexam.report.compare import Comparison, QuestionPair
    from mockexam.report.diff import DiffLine

Write = Callable[[str], object]


class HistoryWriter:
    """Writes the document of all attempts piece by piece, so that none is held longer than it takes to write it."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self._attempts = 0

    def attempt(self, outcome: Outcome) -> None:
        """One more attempt."""
        self._write(",\n" if self._attempts else '{"attempts":[\n')
        self._write(AttemptSummary.model_validate(outcome).model_dump_json())
        self._attempts += 1

    def end(
        self,
        *,
        wall: float,
        on_record: int,
        damaged: Sequence[Damaged],
        exam: str,
        exams: Sequence[str],
        standings: Sequence[CategoryStanding],
        estimate: PassEstimate,
        disk: DiskUse,
    ) -> None:
        """What follows the attempts. `wall` is now, in seconds since 1970 UTC."""
        tail = data.HistoryTail(
            made=datetime.fromtimestamp(wall, UTC),
            on_record=on_record,
            damaged=tuple(data.DamagedAttempt.model_validate(one) for one in damaged),
            exam=exam,
            exams=tuple(exams),
            standings=tuple(_standing(one) for one in standings),
            estimate=_estimate(estimate),
            disk=data.DiskUse.model_validate(disk),
        )
        self._write("" if self._attempts else '{"attempts":[')
        self._write("],\n" + tail.model_dump_json().removeprefix("{") + "\n")


def _standing(standing: CategoryStanding) -> data.CategoryStanding:
    return data.CategoryStanding(
        category=standing.category,
        met=len(standing.meetings),
        best=standing.best,
        recent=standing.recent,
        mean=standing.mean,
        trend=standing.trend,
    )


def _estimate(estimate: PassEstimate) -> data.PassEstimate:
    return data.PassEstimate(
        probability=estimate.probability,
        low_percent=estimate.low,
        high_percent=estimate.high,
        expected_percent=estimate.expected,
        evidence=tuple(data.CategoryEvidence(category=c, marks=marks) for c, marks in estimate.evidence),
        method=estimate.method,
    )


def readiness_document(readiness: Readiness) -> data.ReadinessDocument:
    """The document of `--readiness`."""
    return data.ReadinessDocument(
        exam=readiness.exam,
        estimate=_estimate(readiness.estimate),
        skills=tuple(data.SkillEvidence.model_validate(skill) for skill in readiness.skills),
        plan=tuple(
            data.SectionPlan(
                id=plan.id,
                title=plan.title,
                categories=plan.categories,
                study=plan.study,
                weakest=tuple(skill.id for skill in plan.weakest),
                advice=plan.advice,
            )
            for plan in readiness.plan
        ),
    )


def attempt_document(detail: AttemptDetail) -> whole.AttemptDocument:
    """The document of one attempt."""
    return whole.AttemptDocument(
        summary=AttemptSummary.model_validate(detail.outcome),
        workspace=detail.workspace,
        events=detail.events,
        intact=detail.broken_at is None,
        broken_at=detail.broken_at,
        broken_reason=detail.broken_reason,
        kept_bytes=detail.kept_bytes,
        jumps=tuple(whole.Jump.model_validate(jump) for jump in detail.jumps),
        questions=tuple(_question(question) for question in detail.questions),
        timeline=tuple(whole.TimelineLine.model_validate(line) for line in detail.timeline),
    )


def _question(question: QuestionDetail) -> whole.Question:
    item = question.item
    return whole.Question(
        number=item.number,
        question=item.question,
        category=item.category,
        title=item.title,
        weight=item.weight,
        minutes=item.minutes,
        marks=question.marks,
        seconds=question.seconds,
        hints=question.hints,
        metric=question.metric,
        larger_is_better=question.larger_is_better,
        bands=question.bands,
        skills=tuple(whole.SkillMark.model_validate(skill) for skill in question.skills),
        reference=None if question.reference is None else str(question.reference),
        closed=question.closed,
        regradable=question.regradable,
        not_regradable=question.not_regradable,
        submissions=tuple(whole.Submission.model_validate(one) for one in question.submissions),
    )


def comparison_document(comparison: Comparison) -> data.ComparisonDocument:
    """The document of `--compare`."""
    return data.ComparisonDocument(
        left=AttemptSummary.model_validate(comparison.left),
        right=AttemptSummary.model_validate(comparison.right),
        percent_change=comparison.percent_change,
        seconds_change=comparison.seconds_change,
        questions=tuple(_pair(pair) for pair in comparison.questions),
        categories=tuple(data.CategoryPair.model_validate(pair) for pair in comparison.categories),
        versions=tuple(data.VersionChange.model_validate(change) for change in comparison.versions),
        remarks=comparison.remarks,
    )


def _pair(pair: QuestionPair) -> data.QuestionPair:
    return data.QuestionPair(
        category=pair.category,
        left=pair.left.item.number if pair.left else None,
        right=pair.right.item.number if pair.right else None,
        same_question=pair.same_question,
        same_edition=pair.same_edition,
        marks_change=pair.marks_change,
        value_change=pair.value_change,
        value_better=pair.value_better,
        seconds_change=pair.seconds_change,
        submissions_change=pair.submissions_change,
    )


def diff_document(attempt: str, old: str, new: str, lines: Sequence[DiffLine]) -> data.DiffDocument:
    """The document of `--diff`."""
    shown = tuple(data.DiffLine.model_validate(line) for line in lines)
    return data.DiffDocument(attempt=attempt, old=old, new=new, lines=shown)
