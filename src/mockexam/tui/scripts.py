"""The one script that may run at a time: started, followed and stopped here, shown elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, replace

from textual.app import App

from mockexam.errors import UserError
from mockexam.exam.attempt import Attempt
from mockexam.exam.clock import Clock
from mockexam.session.ports import ExamSessionPort
from mockexam.text.units import time_text
from mockexam.tui.messages import ScriptChanged, ScriptOutput, ScriptRefused
from mockexam.tui.services import ScriptPort, Services

SCRIPT = "solution.py"


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
        length = time_text(max(0, int(now - self.started))).removeprefix("0:")
        came = any(s.number == self.number and s.order >= self.receipts for s in attempt.submissions)
        model = "model received" if came else ("" if self.running else "no model received")
        state = f"running {length}" if self.running else self.status
        return " · ".join(part for part in (f"Q{self.number}", state, model) if part)


class Scripts:
    """Runs scripts for an app, which hears of them through ScriptOutput and ScriptChanged."""

    def __init__(self, app: App[int], services: Services, clock: Clock) -> None:
        self._app = app
        self._services = services
        self._clock = clock
        self._run: ScriptPort | None = None
        self.view: RunView | None = None
        """The newest run; None before the first."""

    @property
    def running(self) -> int | None:
        """The question whose script runs."""
        return self.view.number if self.view is not None and self.view.running else None

    def start(self, session: ExamSessionPort, number: int) -> None:
        """Start a question's script, unless one runs."""
        if self.running is None:
            self.view = RunView(number, self._clock.read().wall, session.snapshot.attempt.receipts)
            self._app.run_worker(self._follow(session, number), group="script")
            self._app.post_message(ScriptChanged())

    async def stop(self) -> None:
        """End the script that runs, if any, with all that it started."""
        if self._run is not None:
            await self._run.stop()

    async def _follow(self, session: ExamSessionPort, number: int) -> None:
        status = "stopped"
        try:
            self._run = await self._services.script(session.folder(number))
            session.note(number, "run", SCRIPT)
            async for output in self._run.output():
                self._app.post_message(ScriptOutput(output))
            status = (await self._run.wait()).text
            self._run = None
            session.note(number, "run_ended", status)
        except UserError as error:
            status = "could not be started"
            self._app.post_message(ScriptRefused(error))
        finally:
            assert self.view is not None
            self.view = replace(self.view, ended=self._clock.read().wall, status=status)
            self._app.post_message(ScriptChanged())
