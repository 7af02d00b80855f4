"""Regrades the stored models of an ended attempt with today's versions.

Each verdict is recorded at once, so it can be interrupted at any time. The first verdict stands; only a grader's fault
is replaced.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from mockexam.errors import GraderFaultError, UserError
from mockexam.exam import events as ev
from mockexam.exam.attempt import Attempt, Phase, Submission
from mockexam.exam.clock import Clock
from mockexam.exam.scoring import Verdict
from mockexam.session.grading_queue import grading
from mockexam.session.ports import ProgressCallback
from mockexam.store.journal import Journal

if TYPE_CHECKING:
    from mockexam.bank.loader import Bank
    from mockexam.grading.client import Grader
    from mockexam.grading.protocol import ModelGraded

_GIVE_UP_AFTER = 2
"""After this many faults of the grader in a row, the rest is not tried."""


@dataclass(frozen=True, slots=True)
class Versions:
    """A library whose version has changed."""

    name: str
    before: str
    """Empty if it is not known."""
    after: str


@dataclass(frozen=True, slots=True)
class RegradeChange:
    """The result of regrading one submission."""

    submission: str
    number: int
    """The question's."""
    name: str
    """Of the model."""
    before: Verdict | None
    """None if it was never graded."""
    marks_before: int | None
    value_before: float | None
    after: Verdict | None = None
    """None if it could not be regraded."""
    marks_after: int | None = None
    value_after: float | None = None
    metric: str | None = None
    mended: bool = False
    """The new verdict replaces a fault of the grader, and counts."""
    versions: tuple[Versions, ...] = ()
    """The versions that differ."""
    left_out: str = ""
    """Why it could not be regraded, shown to the learner; empty if it was."""
    fault: bool = False
    """The grader failed, through no fault of the candidate."""

    @property
    def changed(self) -> bool:
        """Whether verdict or marks differ."""
        return self.after is not None and (self.after, self.marks_after) != (self.before, self.marks_before)


async def regrade(
    journal: Journal,
    grader: Grader,
    bank: Bank,
    clock: Clock,
    attempt: str,
    submissions: Path,
    progress: ProgressCallback = lambda _, __: None,
) -> tuple[RegradeChange, ...]:
    """Regrade the stored models of an ended attempt; returns one change per submission, in the order of the paper.

    If the total has changed, a new result is recorded, with its own receipt. Raises UserError if the attempt is
    unknown, altered or has not ended, or if another attempt runs or begins meanwhile; the verdicts until then are
    recorded. A fault of the grader is reported in the change and not recorded.
    """
    state = journal.attempt(attempt)
    if state.phase is not Phase.ENDED:
        raise UserError("This attempt has not ended.", location=attempt, hint="End it with `mockexam finish`.")
    broken = journal.verify(attempt)
    if broken is not None:
        raise UserError(
            f"The record of this attempt is not intact ({broken.reason}): it is not regraded.",
            location=f"attempt {attempt}, event {broken.seq}",
        )
    regrader = _Regrader(journal, grader, bank, clock, state, submissions)
    every = [submission for question in state.questions for submission in question.submissions]
    changes: list[RegradeChange] = []
    try:
        for number, submission in enumerate(every):
            # An exam needs the machine, and its questions may be among those to regrade.
            journal.refuse_during_attempt(
                "An attempt is running; nothing is regraded meanwhile.", "Regrade when it has ended."
            )
            progress(number / len(every), f"question {submission.number} · {submission.received.name}")
            changes.append(await regrader.regrade(submission))
    finally:
        regrader.settle()
    progress(1.0, "regraded")
    return tuple(changes)


class _Regrader:
    """Regrades the submissions of one attempt."""

    def __init__(
        self, journal: Journal, grader: Grader, bank: Bank, clock: Clock, state: Attempt, submissions: Path
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

    async def regrade(self, submission: Submission) -> RegradeChange:
        """Regrade a submission and record the verdict. Raises UserError if it can't be recorded."""
        obstacle = await self._obstacle(submission)
        if obstacle:
            return _change(submission, None, left_out=obstacle)
        try:
            reply = await self._grade(submission)
        except GraderFaultError as fault:
            self._faults += 1
            return _change(submission, None, left_out=f"The grader failed: {fault.message}", fault=True)
        self._faults, self._recorded = 0, True
        self._journal.append(self._state.id, grading(ev.Regraded, self._clock.read(), submission.id, reply))
        return _change(submission, reply)

    def settle(self) -> None:
        """Record a new result if the total has changed, also after an earlier regrade that was interrupted."""
        with suppress(UserError):  # deleted meanwhile, or out of reach: the next regrade does it
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

    async def _obstacle(self, submission: Submission) -> str:
        """Why a submission can't be regraded; empty if it can."""
        from mockexam.workspace.receive import hash_of

        if self._faults >= _GIVE_UP_AFTER:
            return "It was not tried: the grader failed on the submissions before it."
        item = self._state.paper.item(submission.number)
        question = self._bank.questions.get(item.question)
        if question is None:
            return "Its question is no longer in the bank."
        if not question.is_edition(item.fingerprint):
            return "Its question has changed since: it would be graded on other data."
        model = self._store / submission.received.stored
        try:
            exists = model.exists()
        except OSError as error:
            return f"Its stored copy can't be read: {error.strerror}."
        if not exists:
            return "Its model is no longer stored."
        digest = await asyncio.to_thread(hash_of, model)
        if digest is None:
            return "Its stored copy can't be read."
        if digest != submission.received.sha256:
            return "Its stored copy was altered: it is not what was received."
        return ""

    async def _grade(self, submission: Submission) -> ModelGraded:
        """The new verdict. Raises GraderFaultError, also if the grader itself reports that it failed."""
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


def _change(
    submission: Submission, reply: ModelGraded | None, *, left_out: str = "", fault: bool = False
) -> RegradeChange:
    before = submission.grading
    change = RegradeChange(
        submission=submission.id,
        number=submission.number,
        name=submission.received.name,
        before=before.verdict if before else None,
        marks_before=before.marks if before else None,
        value_before=before.value if before else None,
        metric=before.metric if before else None,
        left_out=left_out,
        fault=fault,
    )
    if reply is None:
        return change
    old, new = before.versions if before else {}, reply.versions
    differing = sorted(name for name in old.keys() | new.keys() if old.get(name, "") != new.get(name, ""))
    return replace(
        change,
        after=reply.verdict,
        marks_after=reply.marks,
        value_after=reply.value,
        metric=reply.metric or change.metric,
        mended=before is None or before.verdict is Verdict.GRADER_ERROR,
        versions=tuple(Versions(name, old.get(name, ""), new.get(name, "")) for name in differing),
    )
