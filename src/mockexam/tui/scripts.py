"""The one script that may run at a time: started, followed and stopped here, shown elsewhere."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

from textual.app import App

from mockexam.errors import ToldError
from mockexam.exam.attempt import Attempt
from mockexam.exam.clock import Clock
from mockexam.sitting.ports import SittingPort
from mockexam.tui.messages import ScriptChanged, ScriptOutput
from mockexam.tui.services import ScriptPort, Services
from mockexam.wording import time_text

_FLUSH_SECONDS = 0.1
"""What a script prints is shown in bundles, so that a chatty one costs no more than a quiet one."""


@dataclass(frozen=True, slots=True)
class RunView:
    """A run as shown."""

    number: int
    started: float
    """Wall seconds since 1970 UTC."""
    receipts: int
    """How many models the attempt had received when it started."""
    ended: float | None = None
    status: str = ""

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self.ended is None

    def told(self, now: float, attempt: Attempt) -> str:
        """Its state in words, and whether a model of this question came in since it started."""
        length = time_text(max(0, int((now if self.ended is None else self.ended) - self.started))).removeprefix("0:")
        came = any(s.number == self.number and s.order >= self.receipts for s in attempt.submissions)
        model = "model received" if came else ("" if self.running else "no model received")
        state = f"running {length}" if self.running else f"{self.status} after {length}"
        return " · ".join(part for part in (f"Q{self.number}", state, model) if part)


class Scripts:
    """Runs scripts for an app, which hears of them through ScriptOutput and ScriptChanged."""

    def __init__(self, app: App[int], services: Services, clock: Clock) -> None:
        self._app = app
        self._services = services
        self._clock = clock
        self._run: ScriptPort | None = None
        self._over = True
        self._pending: list[tuple[str, bool]] = []
        self.view: RunView | None = None
        """The newest run; None before the first."""

    @property
    def running(self) -> int | None:
        """The question whose script runs."""
        return self.view.number if self.view is not None and self.view.running else None

    def start(self, sitting: SittingPort, number: int) -> None:
        """Start a question's script, unless one runs."""
        if self.running is None:
            receipts = sitting.snapshot.attempt.receipts
            self.view = RunView(number, self._clock.read().wall, receipts)
            self._run = self._services.script(sitting.folder(number))
            self._over = False
            sitting.note(number, "run", "solution.py")
            self._app.run_worker(self._follow(sitting, number), group="script")
            self._app.post_message(ScriptChanged())

    async def stop(self) -> None:
        """End the script that runs, if any, with all that it started."""
        if self._run is not None and not self._over:
            await self._run.stop()

    async def _follow(self, sitting: SittingPort, number: int) -> None:
        assert self._run is not None
        flusher = asyncio.create_task(self._flush_often())
        status = "could not be started"
        try:
            await self._run.start()
            async for line in self._run.lines():
                self._pending.append((line.text, line.replaces_last))
            status = self._run.status
            self._over = True
        except ToldError as error:
            self._over = True
            self._pending += [(line, False) for line in str(error).splitlines()]
        finally:
            flusher.cancel()
            self._flush()
            if self.view is not None:
                self.view = replace(self.view, ended=self._clock.read().wall, status=status)
            self._app.post_message(ScriptChanged())
        sitting.note(number, "run_ended", status)

    async def _flush_often(self) -> None:
        while True:
            await asyncio.sleep(_FLUSH_SECONDS)
            self._flush()

    def _flush(self) -> None:
        if self._pending:
            lines, self._pending = tuple(self._pending), []
            self._app.post_message(ScriptOutput(lines))
