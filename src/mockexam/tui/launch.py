"""Runs the app: checks the terminal, opens the record late, closes everything at the end."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from mockexam import paths
from mockexam.errors import UserError

if TYPE_CHECKING:
    from textual.app import App

    from mockexam.exam.clock import Clock
    from mockexam.session.manager import SessionManager
    from mockexam.session.ports import ReviewRequest, StartRequest


BROWSER_DRIVER = "mockexam.tui.browser_driver:BrowserDriver"
"""What Textual's environment variable for the driver holds in an app that `mockexam serve` started."""
_DRIVER_VARIABLE = "TEXTUAL_DRIVER"


class LateSessionManager:
    """A SessionManager created on first use, so that the first frame does not wait for the record.

    Every call may raise the UserError of creating it, such as for a damaged record.
    """

    def __init__(self, make: Callable[[], SessionManager]) -> None:
        self._make = make
        self._manager: SessionManager | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real(), name)

    def real(self) -> SessionManager:
        """The session manager. The first call must come from the app's thread."""
        if self._manager is None:
            self._manager = self._make()
        return self._manager

    def receipt(self, attempt: str) -> str | None:
        """The receipt of an attempt with a final result."""
        return self.real().journal.receipt(attempt)

    async def close(self) -> None:
        """Stop the grader's processes, if the manager was created."""
        if self._manager is not None:
            await self._manager.close()


def _chosen_signals() -> frozenset[str] | None:
    """The signals that the user wants; None for all. Raises UserError for a misspelt one."""
    if not os.environ.get(paths.SIGNALS_VARIABLE):
        return None  # the usual case needs no import before the first frame
    from mockexam.tui.signals import chosen_signals

    return chosen_signals()


def run_app(request: StartRequest | None = None) -> int:
    """Run the full-screen app until the user leaves; returns the exit code.

    Raises UserError if there is no terminal. A crash is raised as it is, after the terminal is restored. A damaged
    record is reported on the home screen.
    """
    command = "mockexam retry" if request is not None and request.retry is not None else "mockexam sit"
    require_terminal(f"Use `{command} --plain`: the same as plain text.")
    return asyncio.run(_run(request))


def run_review(attempt: str | None = None) -> int:
    """Run the app with the review of one attempt or of all; otherwise as `run_app`."""
    from mockexam.session.ports import ReviewRequest

    require_terminal("Use `mockexam review --plain` for plain text.")
    return asyncio.run(_run(ReviewRequest(attempt)))


def require_terminal(hint: str) -> None:
    """Raise UserError, with this hint, unless a full-screen app can be shown here."""
    if os.environ.get(_DRIVER_VARIABLE) == BROWSER_DRIVER:
        return
    # Textual reads standard input, paints on standard error and asks standard output for its size.
    for stream, name in ((sys.__stdin__, "input"), (sys.__stdout__, "output"), (sys.__stderr__, "error")):
        if stream is None or not stream.isatty():
            raise UserError(
                "The full-screen app needs a terminal.", location=f"standard {name} is not a terminal", hint=hint
            )
    if os.environ.get("TERM", "") in {"dumb", ""} and sys.platform != "win32":
        term = f"TERM={os.environ.get('TERM', '')}"
        raise UserError("This terminal can't show a full-screen app.", location=term, hint=hint)


async def _run(request: StartRequest | ReviewRequest | None) -> int:
    from mockexam.machine_clock import MachineClock
    from mockexam.tui.app import MockexamApp
    from mockexam.tui.services import Services

    clock = MachineClock()
    manager = LateSessionManager(partial(_make_manager, clock))
    services = Services(receipt=manager.receipt)
    app = MockexamApp(cast("SessionManager", manager), clock, request, services, _chosen_signals())
    if os.environ.get(_DRIVER_VARIABLE) == BROWSER_DRIVER:
        # It is for this process alone: the terminal of an editor that is opened from here is a real one.
        del os.environ[_DRIVER_VARIABLE]
    _leave_on_signals(app)
    try:
        await app.run_async()
    finally:
        await app.close_session()
        await manager.close()
    if app.fault is not None:
        raise app.fault
    return app.return_code or 0


def _make_manager(clock: Clock) -> SessionManager:
    from mockexam.session.manager import SessionManager

    return SessionManager(paths.state_paths(), clock)


def _leave_on_signals(app: App[int]) -> None:
    """End the app cleanly on SIGTERM or when its terminal closes.

    Ctrl+C arrives as a signal only while a terminal editor runs, and then belongs to the editor.
    """
    if sys.platform == "win32":  # its event loop has no signal handlers
        return
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGINT, lambda: None)
    for number in (signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, partial(app.exit, 128 + number, return_code=128 + number))
