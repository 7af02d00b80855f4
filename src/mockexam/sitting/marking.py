"""Gets every received submission marked: the newest first, the rest when idle, none twice and none lost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

from mockexam.errors import GraderFaultError, ToldError
from mockexam.exam import events as ev
from mockexam.exam.attempt import MAX_FAULTS, Submission
from mockexam.exam.clock import Clock, Reading
from mockexam.exam.marking import Verdict
from mockexam.sitting.logbook import Logbook

if TYPE_CHECKING:
    from mockexam.grading.protocol import ModelMarked

J = TypeVar("J", bound=ev.Judged)
_PAUSES = (1.0, 5.0, 15.0)
"""Seconds before a submission is tried again after the marker failed: long enough for a passing shortage."""


class MarkerPort(Protocol):
    """Who judges a model."""

    async def mark(self, question: str, *, world: str, secret: str, model: Path, format: ev.ModelFormat) -> ModelMarked:
        """Judge a model. Raises GraderFaultError if the marker failed."""
        ...


def judged(kind: type[J], at: Reading, submission: str, reply: ModelMarked) -> J:
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


class MarkingLoop:
    """Marks what waits, one submission at a time."""

    def __init__(
        self,
        logbook: Logbook,
        marker: MarkerPort,
        clock: Clock,
        store: Path,
        changed: Callable[[], None],
        idle: Callable[[], None] = lambda: None,
    ) -> None:
        """`store` is the folder that `Received.stored` is relative to; `changed` is called when a picture is due.

        `idle` is called whenever nothing waits to be marked, before the end.
        """
        self._logbook = logbook
        self._marker = marker
        self._clock = clock
        self._store = store
        self._changed = changed
        self._idle = idle
        self._wake = asyncio.Event()
        self.current: str | None = None
        """The submission that is being marked."""

    def wake(self) -> None:
        """Something was received, or the attempt was finished."""
        self._wake.set()

    async def run(self) -> None:
        """Mark until the attempt is finished and nothing waits."""
        while True:
            self._wake.clear()
            waiting = self._logbook.state.waiting
            if waiting:
                await self._mark(waiting[0])
            elif self._logbook.state.finished is not None:
                return
            else:
                self._idle()
                await self._wake.wait()

    async def _mark(self, submission: Submission) -> None:
        self.current = submission.id
        self._changed()
        try:
            reply = await self._ask(submission)
        except ToldError as fault:
            await self._failed(submission, fault)
        else:
            await self._record(submission, reply)
        finally:
            self.current = None
            self._changed()

    async def _ask(self, submission: Submission) -> ModelMarked:
        state = self._logbook.state
        model = self._store / submission.received.stored
        if not model.exists():
            raise GraderFaultError("the kept copy of the model is gone", where=str(model))
        return await self._marker.mark(
            state.paper.item(submission.number).question,
            world=state.paper.code,
            secret=self._logbook.secret,
            model=model,
            format=submission.received.format,
        )

    async def _record(self, submission: Submission, reply: ModelMarked) -> None:
        await self._logbook.append_surely(judged(ev.Marked, self._clock.read(), submission.id, reply))

    async def _failed(self, submission: Submission, fault: ToldError) -> None:
        state = await self._logbook.append_surely(
            ev.MarkingFailed(at=self._clock.read(), submission=submission.id, detail=str(fault))
        )
        self._changed()
        faults = state.submission(submission.id).faults
        if faults < MAX_FAULTS:
            await asyncio.sleep(_PAUSES[min(faults, len(_PAUSES)) - 1])
            return
        await self._logbook.append_surely(
            ev.Marked(
                at=self._clock.read(),
                submission=submission.id,
                verdict=Verdict.GRADER_ERROR,
                marks=None,
                metric=None,
                value=None,
                next_at=None,
                message=f"The marker failed {faults} times: {fault.what}",
                remedy="Your model is kept. `mockexam doctor` tells what is wrong with the marker.",
                isolation="",
                versions={},
                seconds=0.0,
            )
        )
