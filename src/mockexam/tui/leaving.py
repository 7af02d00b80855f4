"""How the app is left: on purpose with a warning, or by a fault of ours without a traceback on the screen."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from textual.app import App
from textual.worker import WorkerFailed

from mockexam.errors import UserError
from mockexam.text.units import time_text

if TYPE_CHECKING:
    from rich.console import RenderableType

    from mockexam.session.ports import ExamSessionPort
    from mockexam.tui.scripts import Scripts


class Leaving(App[int]):
    """An app that may have charge of a sitting and of a script, and lets go of both."""

    def __init__(self) -> None:
        super().__init__()
        self.session: ExamSessionPort | None = None
        self.scripts: Scripts | None = None
        self.fault: BaseException | None = None
        """What crashed the app, for whoever runs it to log and to tell."""

    def tell(self, error: UserError) -> None:
        """Tell an error over whatever is shown."""
        text = "\n".join(part for part in (error.location, error.hint) if part)
        self.notify(
            text or error.message, title=error.message if text else "", severity="error", timeout=12, markup=False
        )

    def ring(self) -> None:
        """The terminal's bell, also while an editor has the terminal."""
        if self._batch_count:
            sys.__stderr__.write("\a")  # type: ignore[union-attr]  # an app without a terminal does not start
            sys.__stderr__.flush()  # type: ignore[union-attr]  # as above
        else:
            self.bell()

    async def action_quit(self) -> None:
        """The palette's way out is the same as the key's."""
        self.action_leave()

    def action_leave(self) -> None:
        """Leave, after a question where that costs something."""
        from mockexam.tui.screens.modal import Ask

        if isinstance(self.screen, Ask):
            return
        lines = self._price()
        if lines:
            self.push_screen(Ask("Leave mockexam?", lines, yes="Leave"), self._answered)
        else:
            self._answered(True)

    def _price(self) -> list[str]:
        """What leaving means now; nothing if it costs nothing."""
        if self.session is None:
            return []
        from mockexam.exam.attempt import Phase

        snapshot = self.session.snapshot
        if snapshot.phase is Phase.RUNNING:
            left = time_text(snapshot.remaining)
            untimed = snapshot.remaining is None
            lines = [
                "The attempt stays open, without a time limit." if untimed else f"The clock runs on: {left} left.",
                f"Models that you save meanwhile are received when you come back{'' if untimed else ' in time'}.",
            ]
            if self.scripts is not None and self.scripts.running is not None:
                lines.append(f"The script of question {self.scripts.running} runs: it is stopped.")
            return lines
        if snapshot.phase is Phase.GRADING:
            return ["Marking goes on when mockexam is opened again. What was received is safe."]
        return []

    def _answered(self, leave: bool | None) -> None:
        if leave:
            self.run_worker(self._leave(), group="leave", exclusive=True)

    async def _leave(self) -> None:
        message = self._farewell()
        await self.let_go()
        self.exit(0, message=message)

    def _farewell(self) -> str | None:
        from mockexam.exam.policy import policy_of

        if self.session is None or self.session.snapshot.attempt.finished is not None:
            return None
        remaining = self.session.snapshot.remaining
        tells = "its marks" if remaining is None else "the time"
        kind = policy_of(self.session.snapshot.attempt).noun
        clock = "" if remaining is None else f"The clock runs on: {time_text(remaining)} left. "
        return f"{clock}`mockexam` leads back into the {kind}, `mockexam status` tells {tells}."

    async def let_go(self) -> None:
        """Stop the script and let go of the attempt; harmless if there is neither."""
        if self.scripts is not None:
            await self.scripts.stop()
        if self.session is not None:
            session, self.session = self.session, None
            await session.close()

    def _fatal_error(self) -> None:
        """Textual's way out on an unexpected error, without its traceback."""
        error = self._exception
        self.fault = error.error if isinstance(error, WorkerFailed) else error
        self._close_messages_no_wait()

    def panic(self, *renderables: RenderableType) -> None:
        """As above, for errors that Textual would print itself."""
        self._fatal_error()
        if self.fault is None:
            self.fault = RuntimeError("\n".join(map(str, renderables)) or "the terminal could not be read")
