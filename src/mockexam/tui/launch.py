"""Running the app for real: the terminal checked before, the record opened late, everything let go of after."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

from mockexam import paths
from mockexam.errors import UserError

if TYPE_CHECKING:
    from textual.app import App

    from mockexam.exam.clock import Clock
    from mockexam.session.manager import SessionManager
    from mockexam.session.ports import RetryChoice, SessionManagerPort
    from mockexam.tui.app_base import StartAt


class Asked(Protocol):
    """What was asked for on the command line."""

    @property
    def exam(self) -> str | None: ...
    @property
    def code(self) -> str | None: ...
    @property
    def workspace(self) -> Path | None: ...
    @property
    def retry(self) -> RetryChoice | None: ...


class LateSessionManager:
    """A desk that is made when it is first asked for something: the first frame need not wait for the record.

    Each call may raise the UserError that making it raises, such as for a damaged record.
    """

    def __init__(self, make: Callable[[], SessionManager]) -> None:
        self._make = make
        self._manager: SessionManager | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real(), name)

    def real(self) -> SessionManager:
        """The desk. The first call must come from the thread that the app runs in."""
        if self._manager is None:
            self._manager = self._make()
        return self._manager

    def receipt(self, attempt: str) -> str | None:
        """The receipt of an attempt whose result stands."""
        return self.real().journal.receipt(attempt)

    async def close(self) -> None:
        """End the marker's processes, if the desk was ever made."""
        if self._manager is not None:
            await self._manager.close()


def run_app(asked: Asked | None = None) -> int:
    """Run the full-screen app until it is left; returns the exit code.

    Raises UserError if there is no terminal for it; whatever crashed the app is raised as it is, after the terminal
    was given back. A damaged record is told on the home screen.
    """
    command = "mockexam retry" if asked is not None and asked.retry is not None else "mockexam sit"
    require_terminal(f"Use `{command} --plain`: the same, a line an event.")
    return asyncio.run(_run(_start_at(asked)))


def run_review(attempt: str | None = None) -> int:
    """Run the app, opened at the review of one attempt or of all; returns the exit code. Raises as `run_app` does."""
    require_terminal("Use `mockexam review --plain`: the same as text.")
    from mockexam.tui.app_base import StartAt

    return asyncio.run(_run(StartAt(review=attempt, review_asked=True)))


def _start_at(asked: Asked | None) -> StartAt:
    from mockexam.tui.app_base import StartAt

    if asked is None:
        return StartAt()
    return StartAt(asked.exam, asked.code, asked.workspace, asked=True, retry=asked.retry)


def require_terminal(remedy: str) -> None:
    """Raise UserError, with this remedy, unless a full-screen app can be shown here."""
    # Textual reads standard input, paints on standard error and asks standard output for its size.
    for stream, name in ((sys.__stdin__, "input"), (sys.__stdout__, "output"), (sys.__stderr__, "error")):
        if stream is None or not stream.isatty():
            raise UserError("The full-screen app needs a terminal.", location=f"standard {name} is none", hint=remedy)
    if os.environ.get("TERM", "") in {"dumb", ""} and sys.platform != "win32":
        told = f"TERM={os.environ.get('TERM', '')}"
        raise UserError("This terminal can't show a full-screen app.", location=told, hint=remedy)


async def _run(start_at: StartAt) -> int:
    from mockexam.machine_clock import MachineClock
    from mockexam.tui.app import MockexamApp
    from mockexam.tui.services import Services

    clock = MachineClock()
    manager = LateSessionManager(partial(_make_manager, clock))
    app = MockexamApp(cast("SessionManagerPort", manager), clock, start_at, Services(receipt=manager.receipt))
    _leave_on_signals(app)
    try:
        await app.run_async()
    finally:
        await app.let_go()
        await manager.close()
    if app.fault is not None:
        raise app.fault
    return app.return_code or 0


def _make_manager(clock: Clock) -> SessionManager:
    from mockexam.session.manager import SessionManager

    return SessionManager(paths.state_paths(), clock)


def _leave_on_signals(app: App[int]) -> None:
    """A closed terminal or a polite kill ends the app in good order.

    Ctrl+C arrives as a signal only while a terminal editor has the screen; there it is the editor's alone.
    """
    loop = asyncio.get_running_loop()
    with suppress(NotImplementedError):  # Windows has no handlers on the loop
        loop.add_signal_handler(signal.SIGINT, lambda: None)
        for number in (signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, partial(app.exit, 128 + number, return_code=128 + number))
