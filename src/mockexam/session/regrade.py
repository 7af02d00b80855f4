"""Marking the kept models of an ended attempt again, with today's versions.

Each verdict is recorded as it comes, beside the first one, which stands; only a marker's fault is mended by it. So it
can be interrupted at any time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from mockexam.errors import GraderFaultError, UserError
from mockexam.exam import events as ev
from mockexam.exam.attempt import Attempt, Phase, Submission
from mockexam.exam.clock import Clock
from mockexam.exam.scoring import Verdict
from mockexam.session.grading_queue import GraderPort, grading
from mockexam.session.ports import ProgressCallback
from mockexam.store.journal import Journal

if TYPE_CHECKING:
    from mockexam.bank.loader import Bank
    from mockexam.grading.protocol import ModelGraded

_GIVE_UP_AFTER = 2
"""After so many faults of the marker, one upon the other, the rest is not tried."""


@dataclass(frozen=True, slots=True)
class Versions:
    """One library that is another than it was."""

    name: str
    before: str
    """Empty if it is not known."""
    after: str


@dataclass(frozen=True, slots=True)
class RegradeChange:
    """What came of marking one submission again."""

    submission: str
    number: int
    """The question's."""
    name: str
    """Of the model."""
    before: Verdict | None
    """None if it was never marked."""
    marks_before: int | None
    value_before: float | None
    after: Verdict | None = None
    """None if it could not be marked again."""
    marks_after: int | None = None
    value_after: float | None = None
    metric: str | None = None
    mended: bool = False
    """The new verdict takes the place of a fault of the marker, and counts."""
    versions: tuple[Versions, ...] = ()
    """Those that differ."""
    left_out: str = ""
    """Why it could not be marked again, in a learner's words; empty if it was."""
    fault: bool = False
    """The marker failed on it, through no fault of the candidate."""

    @property
    def changed(self) -> bool:
        """Whether verdict or marks differ."""
        return self.after is not None and (self.after, self.marks_after) != (self.before, self.marks_before)


async def regrade(
    journal: Journal,
    grader: GraderPort,
    bank: Bank,
    clock: Clock,
    attempt: str,
    submissions: Path,
    told: ProgressCallback = lambda _, __: None,
) -> tuple[RegradeChange, ...]:
    """Mark what is kept of an ended attempt again; what came of each submission, in the order of the paper.

    If the total has changed, a new result is recorded, with its own receipt. Raises UserError where the attempt is
    unknown, altered or has not ended, or any attempt is under way, also one that begins meanwhile; what was marked by
    then is recorded. A fault of the marker is told in the change and not recorded.
    """
    state = journal.attempt(attempt)
    if state.phase is not Phase.ENDED:
        raise UserError("This attempt has not ended.", location=attempt, hint="End it with `mockexam finish`.")
    broken = journal.verify(attempt)
    if broken is not None:
        raise UserError(
            f"The record of this attempt is not intact ({broken.reason}): it is not marked again.",
            location=f"attempt {attempt}, event {broken.seq}",
        )
    work = _Regrade(journal, grader, bank, clock, state, submissions)
    every = [submission for question in state.questions for submission in question.submissions]
    changes: list[RegradeChange] = []
    try:
        for number, submission in enumerate(every):
            _refuse_during_attempt(journal)
            told(number / len(every), f"question {submission.number} · {submission.received.name}")
            changes.append(await work.one(submission))
    finally:
        work.settle()
    told(1.0, "marked again")
    return tuple(changes)


def _refuse_during_attempt(journal: Journal) -> None:
    """An exam needs the machine, and its questions may be among those that would be marked."""
    running = journal.unsettled()
    if running is not None:
        raise UserError(
            "An attempt is under way; nothing is marked again meanwhile.",
            location=f"attempt {running}",
            hint="Mark again when it has ended.",
        )


class _Regrade:
    """Marks the submissions of one attempt again."""

    def __init__(
        self, journal: Journal, grader: GraderPort, bank: Bank, clock: Clock, state: Attempt, submissions: Path
    ) -> None:
        self._journal = journal
        self._grader = grader
        self._bank = bank
        self._clock = clock
        self._state = state
        self._store = submissions
        self._holdout_seed = journal.holdout_seed(state.id)
        self._faults = 0
        self._recorded = False

    async def one(self, submission: Submission) -> RegradeChange:
        """Mark a submission again and record the verdict. Raises UserError if it can't be recorded."""
        hindrance = await self._hindrance(submission)
        if hindrance:
            return _left_out(submission, hindrance)
        try:
            reply = await self._grade(submission)
        except GraderFaultError as fault:
            self._faults += 1
            return _left_out(submission, f"The marker failed: {fault.message}", fault=True)
        self._faults, self._recorded = 0, True
        self._journal.append(self._state.id, grading(ev.Regraded, self._clock.read(), submission.id, reply))
        return _change(submission, reply)

    def settle(self) -> None:
        """Record a new result if the total is another now, also where an earlier regrade was cut short."""
        with suppress(UserError):  # the attempt was deleted meanwhile, or the record is out of reach: the next one does
            state = self._journal.attempt(self._state.id)
            before = state.settled
            if before is not None and (before.earned, before.passed) != (state.earned, state.passed):
                self._journal.append(
                    state.id,
                    ev.Settled(
                        at=self._clock.read(), earned=state.earned, possible=state.possible, passed=state.passed
                    ),
                )
            if self._recorded:
                self._journal.backup()

    async def _hindrance(self, submission: Submission) -> str:
        """Why a submission can't be marked again; empty if it can."""
        from mockexam.workspace.receive import hash_of

        if self._faults >= _GIVE_UP_AFTER:
            return "It was not tried: the marker failed on those before it."
        item = self._state.paper.item(submission.number)
        question = self._bank.questions.get(item.question)
        if question is None:
            return "Its question is not in the bank any more."
        if not question.is_edition(item.fingerprint):
            return "Its question has changed since: it would be marked on other data."
        model = self._store / submission.received.stored
        try:
            there = model.exists()
        except OSError as error:
            return f"Its kept copy can't be read: {error.strerror}."
        if not there:
            return "Its model is not kept any more."
        digest = await asyncio.to_thread(hash_of, model)
        if digest is None:
            return "Its kept copy can't be read."
        if digest != submission.received.sha256:
            return "Its kept copy was altered: it is not what was received."
        return ""

    async def _grade(self, submission: Submission) -> ModelGraded:
        """The new verdict. Raises GraderFaultError, also where the marker says itself that it failed."""
        reply = await self._grader.grade(
            self._state.paper.item(submission.number).question,
            data_seed=self._state.paper.code,
            holdout_seed=self._holdout_seed,
            model=self._store / submission.received.stored,
            format=submission.received.format,
        )
        if reply.verdict is Verdict.GRADER_ERROR:
            raise GraderFaultError(reply.message or "it gave no reason")
        return reply


def _change(submission: Submission, reply: ModelGraded) -> RegradeChange:
    before = submission.grading
    return replace(
        _left_out(submission, ""),
        after=reply.verdict,
        marks_after=reply.marks,
        value_after=reply.value,
        metric=reply.metric or (before.metric if before else None),
        mended=before is None or before.verdict is Verdict.GRADER_ERROR,
        versions=_differing(before.versions if before else {}, reply.versions),
    )


def _left_out(submission: Submission, why: str, *, fault: bool = False) -> RegradeChange:
    before = submission.grading
    return RegradeChange(
        submission=submission.id,
        number=submission.number,
        name=submission.received.name,
        before=before.verdict if before else None,
        marks_before=before.marks if before else None,
        value_before=before.value if before else None,
        metric=before.metric if before else None,
        left_out=why,
        fault=fault,
    )


def _differing(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[Versions, ...]:
    names = sorted(before.keys() | after.keys())
    return tuple(
        Versions(name, before.get(name, ""), after.get(name, ""))
        for name in names
        if before.get(name) != after.get(name)
    )
