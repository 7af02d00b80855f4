"""Gets every received submission marked: the newest first, the rest when idle, none twice and none lost."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

from mockexam.errors import GraderFaultError, UserError
from mockexam.exam import events as ev
from mockexam.exam.attempt import MAX_FAULTS, Submission
from mockexam.exam.clock import Clock, Reading
from mockexam.exam.scoring import Verdict
from mockexam.session.event_log import EventLog

if TYPE_CHECKING:
    from mockexam.grading.protocol import ModelGraded

J = TypeVar("J", bound=ev.GradingResult)
_PAUSES = (1.0, 5.0, 15.0)
"""Seconds before a submission is tried again after the marker failed: long enough for a passing shortage."""


class GraderPort(Protocol):
    """Who judges a model."""

    async def grade(
        self, question: str, *, data_seed: str, holdout_seed: str, model: Path, format: ev.ModelFormat
    ) -> ModelGraded:
        """Judge a model. Raises GraderFaultError if the marker failed."""
        ...


def grading(kind: type[J], at: Reading, submission: str, reply: ModelGraded) -> J:
    """The marker's reply on a submission as an event of this kind."""
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
    """Marks what waits, one submission at a time."""

    def __init__(
        self,
        event_log: EventLog,
        grader: GraderPort,
        clock: Clock,
        store: Path,
        changed: Callable[[], None],
        idle: Callable[[], None] = lambda: None,
    ) -> None:
        """`store` is the folder that `Received.stored` is relative to; `changed` is called when a picture is due.

        `idle` is called whenever nothing waits to be marked, before the end.
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
        """The submission that is being marked."""

    def wake(self) -> None:
        """Something was received, or the attempt was finished."""
        self._wake.set()

    async def run(self) -> None:
        """Mark until the attempt is finished and nothing waits."""
        while True:
            self._wake.clear()
            # A model that makes the marker fail must not hold up the others: it is tried again after them.
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
        """Whether its pause is over. If not, waits for that or for news, whichever comes first."""
        pause = self._not_before.get(submission.id, 0.0) - time.monotonic()
        if pause <= 0:
            return True
        with suppress(TimeoutError):
            async with asyncio.timeout(pause):
                await self._wake.wait()
        return False

    async def _grade(self, submission: Submission) -> None:
        if submission.faults >= MAX_FAULTS:  # the app ended before it could say so
            await self._give_up(submission, submission.faults, "")
            return
        self.current = submission.id
        self._changed()
        try:
            reply = await self._ask(submission)
        except UserError as fault:
            await self._failed(submission, fault)
        else:
            await self._record(submission, reply)
        finally:
            self.current = None
            self._changed()

    async def _ask(self, submission: Submission) -> ModelGraded:
        state = self._event_log.state
        model = self._store / submission.received.stored
        try:
            there = model.exists()
        except OSError as error:
            raise GraderFaultError(
                f"The kept copy of the model can't be read: {error.strerror}.", location=str(model)
            ) from None
        if not there:
            raise GraderFaultError("The kept copy of the model is gone.", location=str(model))
        reply = await self._grader.grade(
            state.paper.item(submission.number).question,
            data_seed=state.paper.code,
            holdout_seed=self._event_log.holdout_seed,
            model=model,
            format=submission.received.format,
        )
        if reply.verdict is not Verdict.GRADED:
            await self._check_kept(submission, model)
        return reply

    async def _check_kept(self, submission: Submission, model: Path) -> None:
        """A refusal must not come from a copy that a failing disk has changed. Raises GraderFaultError."""
        from mockexam.workspace.receive import hash_of

        if await asyncio.to_thread(hash_of, model) != submission.received.sha256:
            raise GraderFaultError("The kept copy of the model is not what was received.", location=str(model))

    async def _record(self, submission: Submission, reply: ModelGraded) -> None:
        await self._event_log.append_surely(grading(ev.Graded, self._clock.read(), submission.id, reply))

    async def _failed(self, submission: Submission, fault: UserError) -> None:
        state = await self._event_log.append_surely(
            ev.GradingFailed(at=self._clock.read(), submission=submission.id, detail=str(fault))
        )
        self._changed()
        faults = state.submission(submission.id).faults
        if faults < MAX_FAULTS:
            self._not_before[submission.id] = time.monotonic() + _PAUSES[min(faults, len(_PAUSES)) - 1]
        else:
            await self._give_up(submission, faults, fault.message)

    async def _give_up(self, submission: Submission, faults: int, why: str) -> None:
        await self._event_log.append_surely(
            ev.Graded(
                at=self._clock.read(),
                submission=submission.id,
                verdict=Verdict.GRADER_ERROR,
                marks=None,
                metric=None,
                value=None,
                next_at=None,
                message=f"The marker failed {faults} times{': ' if why else '.'}{why}",
                remedy="Your model is kept. `mockexam doctor` tells what is wrong with the marker.",
                isolation="",
                versions={},
                seconds=0.0,
            )
        )
