"""Gets every submission graded, the newest first, none twice and none lost, and then diagnosed when it may be."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from mockexam.errors import GraderFaultError, UserError
from mockexam.exam import events as ev
from mockexam.exam.attempt import MAX_FAULTS, Attempt, Submission
from mockexam.exam.clock import Clock, Reading
from mockexam.exam.policy import policy_of
from mockexam.exam.scoring import Verdict
from mockexam.session.event_log import EventLog

if TYPE_CHECKING:
    from mockexam.grading.client import Grader
    from mockexam.grading.protocol import ModelGraded
    from mockexam.store.journal import Journal

G = TypeVar("G", bound=ev.GradingResult)
_LATE = "diagnose-"
_PAUSES = (1.0, 5.0, 15.0)
"""Seconds before each new try after the grader failed: long enough for a passing shortage."""
LAST_SECONDS = 15.0
"""How long a finished attempt waits for each diagnosis that is left once its result is recorded."""


def grading(kind: type[G], at: Reading, submission: str, reply: ModelGraded) -> G:
    """The grader's reply for a submission, as an event of this kind."""
    return kind(
        at=at,
        submission=submission,
        verdict=reply.verdict,
        marks=reply.marks,
        metric=reply.metric,
        value=reply.value,
        next_at=reply.next_at,
        message=reply.message,
        remedy=reply.remedy,
        isolation=reply.isolation,
        versions=reply.versions,
        seconds=round(reply.seconds, 4),
    )


class GradingQueue:
    """Grades what is waiting, one submission at a time."""

    def __init__(
        self,
        event_log: EventLog,
        grader: Grader,
        clock: Clock,
        store: Path,
        changed: Callable[[], None],
        idle: Callable[[], None] = lambda: None,
    ) -> None:
        """`store` is the folder that `Received.stored` is relative to; `changed` is called at every visible change.

        `idle` is called whenever nothing is waiting, before the end.
        """
        self._event_log = event_log
        self._grader = grader
        self._clock = clock
        self._store = store
        self._changed = changed
        self._idle = idle
        self._wake = asyncio.Event()
        self._not_before: dict[str, float] = {}
        """When a submission may be tried again, in monotonic seconds."""
        self.current: str | None = None
        """The submission that is being graded."""

    def wake(self) -> None:
        """Something was received, or the attempt was finished."""
        self._wake.set()

    async def run(self) -> None:
        """Grade until the attempt is finished and nothing is waiting."""
        while True:
            self._wake.clear()
            # A model that makes the grader fail must not hold up the others: it is tried again after them.
            submission = min(self._event_log.state.waiting, key=lambda s: s.faults, default=None)
            if submission is not None:
                if await self._is_due(submission):
                    await self._grade(submission)
            elif self._event_log.state.finished is not None:
                return
            else:
                self._idle()
                await self._wake.wait()

    async def _is_due(self, submission: Submission) -> bool:
        """Whether its pause is over. If not, wait for that or for news, whichever comes first."""
        pause = self._not_before.get(submission.id, 0.0) - time.monotonic()
        if pause <= 0:
            return True
        with suppress(TimeoutError):
            async with asyncio.timeout(pause):
                await self._wake.wait()
        return False

    async def _grade(self, submission: Submission) -> None:
        if submission.faults >= MAX_FAULTS:  # the app ended before it could record that it gives up
            await self._give_up(submission, submission.faults, "")
            return
        self.current = submission.id
        self._changed()
        try:
            reply = await self._ask(submission)
        except UserError as fault:
            await self._record_fault(submission, fault)
        else:
            await self._event_log.append_with_retry(grading(ev.Graded, self._clock.read(), submission.id, reply))
        finally:
            self.current = None
            self._changed()

    async def _ask(self, submission: Submission) -> ModelGraded:
        state = self._event_log.state
        model = self._store / submission.received.stored
        try:
            exists = model.exists()
        except OSError as error:
            raise GraderFaultError(
                f"The stored copy of the model can't be read: {error.strerror}.", location=str(model)
            ) from None
        if not exists:
            raise GraderFaultError("The stored copy of the model is missing.", location=str(model))
        reply = await self._grader.grade(
            state.paper.item(submission.number).question,
            data_seed=state.paper.code,
            holdout_seed=self._event_log.holdout_seed,
            model=model,
            format=submission.received.format,
        )
        if reply.verdict is not Verdict.GRADED:
            await self._check_copy(submission, model)
        return reply

    async def _check_copy(self, submission: Submission, model: Path) -> None:
        """A copy that a failing disk has changed must not be refused. Raises GraderFaultError."""
        from mockexam.workspace.receive import hash_of

        if await asyncio.to_thread(hash_of, model) != submission.received.sha256:
            raise GraderFaultError("The stored copy of the model differs from what was received.", location=str(model))

    async def _record_fault(self, submission: Submission, fault: UserError) -> None:
        state = await self._event_log.append_with_retry(
            ev.GradingFailed(at=self._clock.read(), submission=submission.id, detail=str(fault))
        )
        self._changed()
        faults = state.submission(submission.id).faults
        if faults < MAX_FAULTS:
            self._not_before[submission.id] = time.monotonic() + _PAUSES[min(faults, len(_PAUSES)) - 1]
        else:
            await self._give_up(submission, faults, fault.message)

    async def _give_up(self, submission: Submission, faults: int, why: str) -> None:
        await self._event_log.append_with_retry(
            ev.Graded(
                at=self._clock.read(),
                submission=submission.id,
                verdict=Verdict.GRADER_ERROR,
                marks=None,
                metric=None,
                value=None,
                next_at=None,
                message=f"The grader failed {faults} times{': ' if why else '.'}{why}",
                remedy="Your model is stored. Run `mockexam doctor` to find out what is wrong with the grader.",
                isolation="",
                versions={},
                seconds=0.0,
            )
        )


class LateDiagnoses:
    """Which ended attempts are still to be diagnosed: an empty file beside the lock for each."""

    def __init__(self, folder: Path) -> None:
        """`folder` is the folder of locks."""
        self._folder = folder

    def add(self, attempt: str) -> None:
        with suppress(OSError):  # then it is not resumed
            (self._folder / f"{_LATE}{attempt}").touch()

    def remove(self, attempt: str) -> None:
        with suppress(OSError):
            (self._folder / f"{_LATE}{attempt}").unlink(missing_ok=True)

    def attempts(self) -> list[str]:
        return sorted(path.name.removeprefix(_LATE) for path in self._folder.glob(f"{_LATE}*"))


class DiagnosisQueue:
    """Diagnoses what is graded, the newest first, each once while the app is open. It never affects a mark.

    A retry's models at once; an exam's, those that count alone, when it has ended.
    """

    def __init__(
        self, event_log: EventLog, diagnoser: Grader, clock: Clock, store: Path, late: LateDiagnoses | None = None
    ) -> None:
        """`store` is the folder that `Received.stored` is relative to; `late` notes what is left for another time."""
        self._event_log = event_log
        self._late = late
        self._diagnoser = diagnoser
        self._clock = clock
        self._store = store
        self._tried: set[str] = set()
        self._current: str | None = None
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._over = False

    @property
    def pending(self) -> int:
        """How many models are still to be diagnosed; 0 when nothing is diagnosed any more."""
        return 0 if self._over else len(self._due()) + (self._current is not None)

    def wake(self) -> None:
        """Nothing waits to be graded: check whether there is something to diagnose."""
        if not self._over and self._due():
            self._idle.clear()
            self._wake.set()

    async def run(self) -> None:
        """Diagnose whenever woken, until cancelled."""
        try:
            while True:
                while due := self._due():
                    await self._diagnose(max(due, key=lambda s: s.order))
                self._idle.set()
                await self._wake.wait()
                self._wake.clear()
        finally:
            self._over = True
            self._idle.set()

    async def finish(self) -> None:
        """Wait until nothing is left to diagnose, LAST_SECONDS for each. Call it once the result is recorded."""
        if self._late and undiagnosed(self._event_log.state):
            self._late.add(self._event_log.id)
        self.wake()
        with suppress(TimeoutError):
            async with asyncio.timeout(LAST_SECONDS * max(1, self.pending)):
                await self._idle.wait()
                if self._late and not self._due():
                    self._late.remove(self._event_log.id)

    async def catch_up(self, goes_on: Callable[[], bool]) -> None:
        """Diagnose what is due while `goes_on`."""
        while goes_on() and (due := self._due()):
            await self._diagnose(due[0])

    def _due(self) -> list[Submission]:
        """What to diagnose now; nothing while a submission waits for its marks."""
        return [s for s in undiagnosed(self._event_log.state) if s.id not in self._tried]

    async def _diagnose(self, submission: Submission) -> None:
        self._tried.add(submission.id)
        self._current = submission.id
        try:
            await self._ask(submission)
        finally:
            self._current = None

    async def _ask(self, submission: Submission) -> None:
        state = self._event_log.state
        # A candidate can do nothing about a failed diagnosis; the grader has logged the cause.
        with suppress(UserError):
            reply = await self._diagnoser.diagnose(
                state.paper.item(submission.number).question,
                data_seed=state.paper.code,
                holdout_seed=self._event_log.holdout_seed,
                model=self._store / submission.received.stored,
                format=submission.received.format,
            )
            await self._event_log.append_with_retry(
                ev.Diagnosed(
                    at=self._clock.read(),
                    submission=submission.id,
                    train_value=reply.train_value,
                    findings=tuple(reply.findings),
                    class_report=reply.class_report,
                )
            )


async def catch_up(
    journal: Journal, new_grader: Callable[[], Grader], clock: Clock, store: Path, late: LateDiagnoses
) -> None:
    """Make the diagnoses that were left when the app was closed, with a grader of its own. Stops for an attempt."""
    for attempt in late.attempts():
        with suppress(UserError):  # deleted meanwhile, or out of reach
            event_log = EventLog(journal, attempt)
            if undiagnosed(event_log.state):
                async with new_grader() as grader:
                    queue = DiagnosisQueue(event_log, grader, clock, store)
                    await queue.catch_up(lambda: journal.unsettled() is None)
        if journal.unsettled() is not None:
            return
        late.remove(attempt)


def undiagnosed(attempt: Attempt) -> list[Submission]:
    """The submissions that may be diagnosed now and were not; none while one waits for its marks."""
    policy = policy_of(attempt)
    if attempt.waiting or not policy.runs_diagnosis(attempt.phase):
        return []
    counted = [q.counted for q in attempt.questions if q.counted]
    some = attempt.submissions if policy.diagnoses_at_once else counted
    return [s for s in some if s.diagnosis is None and s.grading is not None and s.grading.verdict is Verdict.GRADED]
