"""Has each graded submission of a retry diagnosed, when nothing waits to be marked. No mark ever hangs on it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from mockexam.errors import UserError
from mockexam.exam import events as ev
from mockexam.exam.attempt import Submission
from mockexam.exam.clock import Clock
from mockexam.exam.policy import policy_of
from mockexam.exam.scoring import Verdict
from mockexam.session.event_log import EventLog

if TYPE_CHECKING:
    from mockexam.grading.protocol import ModelDiagnosed

LAST_SECONDS = 15.0
"""How long a finished attempt, its result recorded, is kept for diagnoses that are still to come."""


class DiagnoserPort(Protocol):
    """Who looks into a graded model."""

    async def diagnose(
        self, question: str, *, data_seed: str, holdout_seed: str, model: Path, format: ev.ModelFormat
    ) -> ModelDiagnosed:
        """Find out why it has no more marks. Raises GraderFaultError if that can't be told; it is in the log then."""
        ...


class Diagnosing:
    """Looks into what is graded and not diagnosed, the newest first, each once while the app is open."""

    def __init__(self, event_log: EventLog, diagnoser: DiagnoserPort, clock: Clock, store: Path) -> None:
        """`store` is the folder that `Received.stored` is relative to."""
        self._event_log = event_log
        self._diagnoser = diagnoser
        self._clock = clock
        self._store = store
        self._tried: set[str] = set()
        self._wake = asyncio.Event()
        self._rests = asyncio.Event()
        self._over = False

    def wake(self) -> None:
        """Nothing waits to be marked: look whether there is something to do."""
        if not self._over and self._next() is not None:
            self._rests.clear()
            self._wake.set()

    async def run(self) -> None:
        """Diagnose whenever woken, until cancelled."""
        try:
            while True:
                while (submission := self._next()) is not None:
                    await self._diagnose(submission)
                self._rests.set()
                await self._wake.wait()
                self._wake.clear()
        finally:
            self._over = True
            self._rests.set()

    async def finish(self) -> None:
        """Wait until nothing is left to diagnose, but not for ever. To be called once the result stands."""
        self.wake()
        with suppress(TimeoutError):
            async with asyncio.timeout(LAST_SECONDS):
                await self._rests.wait()

    def _next(self) -> Submission | None:
        """What is to be diagnosed now. Nothing while something waits: marks come first."""
        state = self._event_log.state
        if not policy_of(state).runs_diagnosis or state.waiting:
            return None
        due = [s for s in state.submissions if s.diagnosis is None and s.id not in self._tried and _graded(s)]
        return max(due, key=lambda s: s.order, default=None)

    async def _diagnose(self, submission: Submission) -> None:
        self._tried.add(submission.id)
        state = self._event_log.state
        # A candidate can do nothing about a diagnosis that fails; the marker has written it to its log.
        with suppress(UserError):
            reply = await self._diagnoser.diagnose(
                state.paper.item(submission.number).question,
                data_seed=state.paper.code,
                holdout_seed=self._event_log.holdout_seed,
                model=self._store / submission.received.stored,
                format=submission.received.format,
            )
            await self._event_log.append_surely(
                ev.Diagnosed(
                    at=self._clock.read(),
                    submission=submission.id,
                    train_value=reply.train_value,
                    findings=tuple(reply.findings),
                )
            )


def _graded(submission: Submission) -> bool:
    return submission.grading is not None and submission.grading.verdict is Verdict.GRADED
