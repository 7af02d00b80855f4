"""Makes an attempt's detail from its events, the bank and what is kept on the disk."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from mockexam.bank.loader import Bank
from mockexam.bank.skills import load_handbook
from mockexam.errors import ToldError
from mockexam.exam import events as ev
from mockexam.exam.attempt import Attempt, Phase, Question, Submission
from mockexam.exam.clock import Reading
from mockexam.exam.outcome import Outcome, QuestionOutcome, outcome_of
from mockexam.exam.policy import policy_of
from mockexam.report.detail import AttemptDetail, Jump, QuestionDetail, Regrade, SkillMark, SubmissionDetail
from mockexam.report.on_record import OnRecord
from mockexam.report.redact import redact
from mockexam.report.standard import Standard, standard_of
from mockexam.report.timeline import timeline

SHOWN_FROM = 4
"""With so many marks on a question, its skills count as shown."""


def detail_of(
    on_record: OnRecord, receipt: str | None, *, submissions: Path, bank: Bank, closed: frozenset[str], now: Reading
) -> AttemptDetail:
    """See `detail.attempt_detail`. Raises ToldError if what is on record makes no sense."""
    attempt = on_record.attempt
    try:
        outcome = redact(outcome_of(attempt, now, receipt), closed)
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        raise ToldError(f"The record of this attempt makes no sense: {error}.", where=f"attempt {attempt.id}") from None
    told_at_once = attempt.phase is Phase.RUNNING and policy_of(attempt).shows_metric_at_once
    silent = frozenset() if told_at_once else frozenset(_numbers(attempt, closed))
    made = _Maker(on_record, outcome, submissions, silent)
    return AttemptDetail(
        outcome=outcome,
        workspace=attempt.workspace,
        broken_at=on_record.broken.seq if on_record.broken else None,
        broken_reason=on_record.broken.reason if on_record.broken else "",
        events=on_record.events,
        questions=tuple(
            made.question(
                q,
                standard_of(q, bank, attempt.bank_version, runs=q.item.question in closed),
                bank.edition(q.item.question, q.item.fingerprint),
            )
            for q in attempt.questions
        ),
        timeline=timeline(on_record.steps, silent),
        jumps=tuple(Jump(jump.at.wall, jump.seconds) for jump in attempt.jumps),
        kept_bytes=_size(submissions / attempt.id),
    )


def _numbers(attempt: Attempt, closed: frozenset[str]) -> list[int]:
    return [item.number for item in attempt.paper.items if item.question in closed]


class _Maker:
    """Makes the parts of one attempt's detail."""

    def __init__(self, on_record: OnRecord, outcome: Outcome, submissions: Path, silent: frozenset[int]) -> None:
        self._attempt = on_record.attempt
        self._root = submissions
        self._silent = silent
        self._titles = load_handbook().titles
        self._outcomes: Mapping[int, QuestionOutcome] = {q.number: q for q in outcome.questions}

    def question(self, question: Question, standard: Standard, edition: str) -> QuestionDetail:
        """One question with its submissions."""
        number = question.item.number
        outcome = self._outcomes[number]
        made = tuple(self.submission(s, counts=s is question.counted) for s in question.submissions)
        reason = standard.not_regradable or self._not_regradable(made)
        shown = (question.marks or 0) >= SHOWN_FROM
        return QuestionDetail(
            item=question.item,
            edition=edition,
            marks=question.marks,
            seconds=outcome.seconds,
            hints=outcome.hints,
            metric=None if number in self._silent else standard.metric or outcome.metric,
            larger_is_better=standard.larger_is_better,
            bands=standard.bands,
            skills=tuple(SkillMark(s, self._titles.get(s, s), shown) for s in standard.skills),
            submissions=made,
            reference=standard.reference,
            closed=standard.closed,
            regradable=not reason,
            not_regradable=reason,
        )

    def submission(self, submission: Submission, *, counts: bool) -> SubmissionDetail:
        """One submission; of a closed question without its metric and diagnosis."""
        received, judged, diagnosis = submission.received, submission.marking, submission.diagnosis
        silent = submission.number in self._silent
        value = judged.value if judged and not silent else None
        next_at = judged.next_at if judged and not silent else None
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
            verdict=judged.verdict if judged else None,
            marks=submission.marks,
            metric=judged.metric if judged and not silent else None,
            value=value,
            next_at=next_at,
            distance=None if value is None or next_at is None else abs(next_at - value),
            message=judged.message if judged else "",
            remedy=judged.remedy if judged else "",
            isolation=judged.isolation if judged else "",
            versions=dict(judged.versions) if judged else {},
            train_value=diagnosis.train_value if diagnosis and not silent else None,
            findings=diagnosis.findings if diagnosis and not silent else (),
            regrades=tuple(_regrade(r, silent=silent) for r in submission.regrades),
            model=self._kept(received.stored),
            scripts=self._kept(submission.scripts),
        )

    def _not_regradable(self, made: tuple[SubmissionDetail, ...]) -> str:
        if self._attempt.phase is not Phase.ENDED:
            return "The attempt has not ended."
        if not made:
            return "Nothing was submitted."
        return "" if any(s.model for s in made) else "None of its models is kept any more."

    def _kept(self, relative: str) -> Path | None:
        """What is kept under this name, if it is there and inside the folder of submissions."""
        parts = PurePosixPath(relative).parts
        if not parts or parts[0] == "/" or ".." in parts:
            return None
        path = self._root.joinpath(*parts)
        return path if path.exists() else None


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
