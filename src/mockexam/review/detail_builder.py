"""Makes an attempt's detail from its events, the bank and what is kept on the disk."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from mockexam.bank.handbook import load_handbook
from mockexam.bank.loader import Bank
from mockexam.errors import UserError
from mockexam.exam import events as ev
from mockexam.exam.attempt import Attempt, AttemptQuestion, Phase, Submission
from mockexam.exam.clock import Reading
from mockexam.exam.outcome import QuestionOutcome, outcome_of
from mockexam.exam.policy import policy_of
from mockexam.review.detail import SHOWN_FROM, AttemptDetail, Jump, QuestionDetail, Regrade, SkillMark, SubmissionDetail
from mockexam.review.disclosure import ReadRubric, redact, standard_of
from mockexam.review.timeline import read_attempt, timeline
from mockexam.store.journal import Journal


@dataclass(frozen=True, slots=True, kw_only=True)
class DetailBuilder:
    """Makes the details of attempts, all as of the same moment."""

    journal: Journal
    submissions: Path
    """Where models and scripts are kept."""
    bank: Bank
    read_rubric: ReadRubric
    closed: frozenset[str]
    """The ids of the questions on the paper of a running attempt: of them no bands, reference or metric is told, in
    whichever attempt they stand; only a running retry tells its own metrics, as it did at once."""
    now: Reading

    def detail(self, identifier: str) -> AttemptDetail:
        """All that is on record of an attempt, as far as its events can be read.

        Raises UserError if the attempt is not known, its start can't be read, or what is on record makes no sense.
        """
        on_record = read_attempt(self.journal, identifier)
        attempt, broken = on_record.attempt, on_record.broken
        try:
            outcome = redact(outcome_of(attempt, self.now, self.journal.receipt(identifier)), self.closed)
        except (ArithmeticError, LookupError, TypeError, ValueError) as error:
            raise UserError(
                f"The record of this attempt makes no sense: {error}.", location=f"attempt {attempt.id}"
            ) from None
        told_at_once = attempt.phase is Phase.RUNNING and policy_of(attempt).shows_metric_at_once
        silent = frozenset(i.number for i in attempt.paper.items if i.question in self.closed and not told_at_once)
        titles = load_handbook().titles
        return AttemptDetail(
            outcome=outcome,
            workspace=attempt.workspace,
            events=on_record.events,
            broken_at=broken.seq if broken else None,
            broken_reason=broken.reason if broken else "",
            kept_bytes=_size(self.submissions / attempt.id),
            jumps=tuple(Jump(jump.at.wall, jump.seconds) for jump in attempt.jumps),
            questions=tuple(
                self._question(attempt, question, told, titles, silent=told.number in silent)
                for question, told in zip(attempt.questions, outcome.questions, strict=True)
            ),
            timeline=timeline(on_record.steps, silent),
        )

    def _question(
        self,
        attempt: Attempt,
        question: AttemptQuestion,
        outcome: QuestionOutcome,
        titles: dict[str, str],
        *,
        silent: bool,
    ) -> QuestionDetail:
        """One question with its submissions; `silent` without its metric."""
        runs = question.item.question in self.closed
        standard = standard_of(question, self.bank, attempt.bank_version, self.read_rubric, runs=runs)
        submissions = tuple(
            self._submission(s, counts=s is question.counted, silent=silent) for s in question.submissions
        )
        reason = standard.not_regradable or _not_regradable(attempt, submissions)
        shown = (question.marks or 0) >= SHOWN_FROM
        return QuestionDetail(
            item=question.item,
            edition=self.bank.edition(question.item.question, question.item.fingerprint),
            marks=question.marks,
            seconds=outcome.seconds,
            hints=outcome.hints,
            metric=None if silent else standard.metric or outcome.metric,
            larger_is_better=standard.larger_is_better,
            bands=standard.bands,
            skills=tuple(SkillMark(s, titles.get(s, s), shown) for s in standard.skills),
            reference=standard.reference,
            closed=standard.closed,
            regradable=not reason,
            not_regradable=reason,
            submissions=submissions,
        )

    def _submission(self, submission: Submission, *, counts: bool, silent: bool) -> SubmissionDetail:
        """One submission; `silent` without its metric and diagnosis."""
        received, grading = submission.received, submission.grading
        measured = None if silent else grading
        diagnosis = None if silent else submission.diagnosis
        value = measured.value if measured else None
        next_at = measured.next_at if measured else None
        return SubmissionDetail(
            id=submission.id,
            number=submission.number,
            wall=received.at.wall,
            elapsed=round(submission.elapsed, 1),
            name=received.name,
            format=received.format,
            size=received.size,
            sha256=received.sha256,
            swept=received.swept,
            counts=counts,
            verdict=grading.verdict if grading else None,
            marks=submission.marks,
            metric=measured.metric if measured else None,
            value=value,
            next_at=next_at,
            distance=None if value is None or next_at is None else abs(next_at - value),
            message=grading.message if grading else "",
            remedy=grading.remedy if grading else "",
            isolation=grading.isolation if grading else "",
            versions=dict(grading.versions) if grading else {},
            train_value=diagnosis.train_value if diagnosis else None,
            findings=diagnosis.findings if diagnosis else (),
            regrades=tuple(_regrade(r, silent=silent) for r in submission.regrades),
            model=self._kept(received.stored),
            scripts=self._kept(submission.scripts),
        )

    def _kept(self, relative: str) -> Path | None:
        """What is kept under this name, if it is there and inside the folder of submissions."""
        parts = PurePosixPath(relative).parts
        if not parts or parts[0] == "/" or ".." in parts:
            return None
        path = self.submissions.joinpath(*parts)
        return path if path.exists() else None


def _not_regradable(attempt: Attempt, submissions: tuple[SubmissionDetail, ...]) -> str:
    if attempt.phase is not Phase.ENDED:
        return "The attempt has not ended."
    if not submissions:
        return "Nothing was submitted."
    return "" if any(s.model for s in submissions) else "None of its models is kept any more."


def _regrade(regraded: ev.Regraded, *, silent: bool) -> Regrade:
    return Regrade(
        wall=regraded.at.wall,
        verdict=regraded.verdict,
        marks=regraded.marks,
        value=None if silent else regraded.value,
        versions=dict(regraded.versions),
    )


def _size(folder: Path) -> int:
    """Bytes of all files below a folder; 0 if there is none."""
    total = 0
    for path, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(path, name)).st_size
            except OSError:
                continue
    return total
