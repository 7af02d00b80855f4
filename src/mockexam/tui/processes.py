"""The candidate's programs: an editor, and one running script at a time."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import App, SuspendNotSupported
from textual.message import Message
from textual.message_pump import MessagePump

from mockexam.errors import UserError
from mockexam.exam.attempt import Attempt
from mockexam.exam.clock import Clock
from mockexam.session.ports import ExamSessionPort
from mockexam.text.units import time_text
from mockexam.tui.services import Services

if TYPE_CHECKING:
    from mockexam.workspace.editor import Editor
    from mockexam.workspace.script_run import RunOutput, ScriptRun

SCRIPT = "solution.py"


@dataclass
class ScriptOutput(Message):
    """The running script printed something."""

    output: RunOutput


class ScriptChanged(Message):
    """The script started, ended or was stopped."""


@dataclass(frozen=True, slots=True)
class RunView:
    """A script run as shown."""

    number: int
    started: float
    """Wall seconds since 1970 UTC."""
    received_before: int
    """Models that the attempt had received when the run started."""
    ended: float | None = None
    status: str = ""

    @property
    def running(self) -> bool:
        return self.ended is None

    def status_text(self, now: float, attempt: Attempt) -> str:
        """Its state, and whether a model of this question was received since it started."""
        length = time_text(max(0, int(now - self.started))).removeprefix("0:")
        came = any(s.number == self.number and s.order >= self.received_before for s in attempt.submissions)
        model = "model received" if came else ("" if self.running else "no model received")
        state = f"running {length}" if self.running else self.status
        return " · ".join(part for part in (f"Q{self.number}", state, model) if part)


class Scripts:
    """Runs scripts and posts ScriptOutput and ScriptChanged to the listener."""

    def __init__(self, app: App[int], services: Services, clock: Clock, report: Callable[[UserError], None]) -> None:
        """`report` shows an error."""
        self._app = app
        self._services = services
        self._clock = clock
        self._report = report
        self._run: ScriptRun | None = None
        self.listener: MessagePump = app
        self.view: RunView | None = None
        """The newest run; None before the first."""

    @property
    def running(self) -> int | None:
        return self.view.number if self.view is not None and self.view.running else None

    def start(self, session: ExamSessionPort, number: int) -> None:
        """Start a question's script, unless one is running."""
        if self.running is None:
            self.view = RunView(number, self._clock.read().wall, session.snapshot.attempt.receipts)
            self._app.run_worker(self._follow(session, number), group="script")
            self.listener.post_message(ScriptChanged())

    async def stop(self) -> None:
        """Stop the running script, if any, and its child processes."""
        if self._run is not None:
            await self._run.stop()

    async def _follow(self, session: ExamSessionPort, number: int) -> None:
        status = "stopped"
        try:
            self._run = await self._services.script(session.folder(number))
            session.note(number, "run", SCRIPT)
            async for output in self._run.output():
                self.listener.post_message(ScriptOutput(output))
            status = (await self._run.wait()).text
            self._run = None
            session.note(number, "run_ended", status)
        except UserError as error:
            status = "could not start"
            self._report(error)
        finally:
            assert self.view is not None
            self.view = replace(self.view, ended=self._clock.read().wall, status=status)
            self.listener.post_message(ScriptChanged())


async def edit(app: App[int], editor: Editor, path: Path) -> None:
    """Open a file: a terminal editor takes over the screen until it exits; any other opens its own window.

    Raises UserError if the editor can't start or exits with an error.
    """
    if editor.kind == "terminal":
        await _in_terminal(app, editor, path)
    else:
        await _start(editor, path, detached=True)


async def _in_terminal(app: App[int], editor: Editor, path: Path) -> None:
    failed: UserError | asyncio.CancelledError | None = None
    code = 0
    try:
        # While suspended, nothing reads the app's output. Its short queue would fill up and block the clock and
        # the receiving, so nothing is drawn until the editor exits.
        with app.batch_update(), app.suspend():
            try:
                process = await _start(editor, path, detached=False)
                code = await process.wait()
            # `suspend` restores the screen only if its body ends without an error.
            except (UserError, asyncio.CancelledError) as error:
                failed = error
    except SuspendNotSupported:
        failed = UserError(
            f"{editor.name} needs a terminal of its own.", hint=f"Open the file in another window: {path}"
        )
    app.refresh(layout=True)
    if failed is None and code:
        failed = UserError(f"The editor exited with code {code}.", location=editor.argv[0], hint=_HINT)
    if failed is not None:
        raise failed


_HINT = "Set VISUAL or EDITOR to an editor that works here, or open the file in another window."


async def _start(editor: Editor, path: Path, *, detached: bool) -> asyncio.subprocess.Process:
    silent = asyncio.subprocess.DEVNULL if detached else None
    try:
        return await asyncio.create_subprocess_exec(
            *editor.argv, stdin=silent, stdout=silent, stderr=silent, start_new_session=detached, cwd=path.parent,
            env=os.environ.copy(),
        )  # fmt: skip
    except OSError as error:
        raise UserError(f"Can't start the editor: {error.strerror}.", location=editor.argv[0], hint=_HINT) from None
