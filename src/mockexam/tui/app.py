"""The full-screen app: which screen is shown when; help and command palette from the keys of a screen."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from textual import work
from textual.binding import Binding
from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.message import Message
from textual.reactive import var
from textual.screen import Screen

from mockexam import paths
from mockexam.errors import UserError
from mockexam.tui.app_base import AppBase, RetryRequested
from mockexam.tui.screens.home_screen import HomeScreen
from mockexam.tui.services import Services

if TYPE_CHECKING:
    from mockexam.exam.clock import Clock
    from mockexam.session.exam_session import ExamSession
    from mockexam.session.manager import SessionManager
    from mockexam.session.ports import ReviewRequest, Snapshot, StartRequest
    from mockexam.tui.screens.exam_screen import ExamScreen
    from mockexam.tui.screens.result_screen import ResultScreen
    from mockexam.tui.screens.start_screen import StartScreen
    from mockexam.tui.signals import Signals
    from mockexam.tui.widgets.status_lines import ClockBar


_READ_SECONDS = 10
"""The running attempt is read anew after so long, so that the home screen's clock does not drift."""
_CATCH_UP_AFTER = 2.0
"""Seconds after the start, so that it does not slow the app down."""

Command = tuple[str, str, Callable[[], Any]]

_TEXTUALS_OWN = {
    "app.focus_next": "Next pane; shift+tab goes back",
    "command_palette": "Command palette: search all commands and themes",
}
"""What the help says of Textual's own bindings."""


def help_content(screen: Screen[Any]) -> Content:
    """The screen's help text, then the keys that work now: of the focused widget, the screen and the app."""
    app, keys = screen.app, dict[str, list[str]]()
    not_offered: frozenset[str] = getattr(screen, "not_offered", frozenset())
    for active in sorted(
        screen.active_bindings.values(), key=lambda each: each.node is app or each.binding.action in _TEXTUALS_OWN
    ):
        text = _TEXTUALS_OWN.get(active.binding.action, active.binding.tooltip)
        if text and active.enabled and active.binding.action not in not_offered:
            shown = keys.setdefault(text, [])
            if (key := active.binding.key_display or active.binding.key) not in shown:
                shown.append(key)
    rows = [(" ".join(shown), text) for text, shown in keys.items()]
    width = max(len(key) for key, _ in rows)
    table = (Content.assemble((f"{key:>{width}}", "bold $primary"), f"  {text}") for key, text in rows)
    return Content("\n\n").join([Content(getattr(screen, "HELP_TEXT", "")), Content("\n").join(table)])


class ScreenCommands(Provider):
    """Commands of the screen below the palette."""

    async def discover(self) -> Hits:
        for name, text, run in self._commands():
            yield DiscoveryHit(name, run, help=text)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for name, text, run in self._commands():
            score = matcher.match(f"{name} {text}")
            if score > 0:
                yield Hit(score, matcher.highlight(name), run, text=name, help=text)

    def _commands(self) -> Iterator[Command]:
        for binding in self.screen.BINDINGS:
            assert isinstance(binding, Binding)
            active = self.screen.active_bindings.get(binding.key.partition(",")[0])
            if binding.description and binding.tooltip and active is not None and active.enabled:
                yield binding.description, binding.tooltip, partial(self._run, binding.action)
        for name, text, action in getattr(self.screen, "palette_entries", tuple)():
            yield name, text, partial(self._run, action)
        # Also during an exam, where the home screen is out of reach; not within the review, nor beside its own key.
        if not isinstance(self.screen, HomeScreen) and not any(hasattr(s, "review") for s in self.app.screen_stack):
            yield "Review past attempts", "Open the review; esc leads back here", partial(self._run, "app.review")
        yield "Light or dark", "Switch between light and dark", partial(self._run, "app.look")
        yield "Theme", "Choose a theme", self.app.action_change_theme

    async def _run(self, action: str) -> None:
        await self.screen.run_action(action)


@dataclass
class SnapshotChanged(Message):
    """The exam session has a new snapshot."""

    session: ExamSession
    snapshot: Snapshot


@dataclass
class SessionStopped(Message):
    """The exam session ended, or stopped with a reported error."""

    session: ExamSession
    error: UserError | None = None


class MockexamApp(AppBase):
    """The full-screen app."""

    TITLE = "mockexam"
    CSS_PATH: ClassVar = "app.tcss"
    COMMANDS: ClassVar = {ScreenCommands}
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (72, "-normal"), (120, "-wide")]  # noqa: RUF012  # Textual's own
    VERTICAL_BREAKPOINTS = [(0, "-tiny"), (14, "-short"), (22, "-medium"), (34, "-tall")]  # noqa: RUF012  # as above

    snapshot: var[Snapshot | None] = var(None)
    """The newest snapshot of this app's exam session."""

    def __init__(
        self,
        manager: SessionManager,
        clock: Clock,
        request: StartRequest | ReviewRequest | None = None,
        services: Services | None = None,
        signals: frozenset[str] | None = None,
    ) -> None:
        """`request` is what to open instead of the home screen; `signals` (see `tui.signals`) are by default all."""
        super().__init__()
        self._chosen_signals = signals
        self._signals: Signals | None = None
        self.manager = manager
        self.services = services or Services()
        self._clock = clock
        self._request = request
        self._changes: int | None = None
        """The state of the record that the home screen shows."""
        self._home_age = 0
        """Seconds since it was read."""

    def get_default_screen(self) -> Screen[None]:
        """Open the home screen at once; any other requested screen follows the first frame."""
        return HomeScreen()

    def on_mount(self) -> None:
        """After the first frame, open the requested screen or the running attempt."""
        self.call_after_refresh(self._open_requested)
        self.set_interval(1.0, self._watch_home)

    def _watch_home(self) -> None:
        """While the home screen is in view, move its clock, and notice what other processes start and end."""
        if self.session is not None or len(self.screen_stack) != 1:
            return
        running = self.home.running
        self._home_age += 1
        with suppress(UserError):  # a damaged record is reported when something is chosen
            if (changes := self.manager.changes()) != self._changes or self._home_age >= _READ_SECONDS:
                self._changes, self._home_age = changes, 0
                self.home.running = self.manager.running()
                if running is not None and self.home.running is None:
                    self.home.error = None  # it said that another app has the attempt
            elif running is not None and running.remaining:
                self.home.running = replace(running, remaining=max(0.0, running.remaining - 1))

    @property
    def home(self) -> HomeScreen:
        screen = self.screen_stack[0]
        assert isinstance(screen, HomeScreen)
        return screen

    def _open_requested(self) -> None:
        from mockexam.session.ports import ReviewRequest, StartRequest

        # The review goes over a running attempt's screen: Esc leads back to the attempt.
        under_way = self._continue()
        match self._request:
            case ReviewRequest(attempt):
                self.action_review()
                if attempt is not None:
                    self.action_review(attempt)
            case StartRequest() if not under_way:
                self._open_start(self._request)
        if not under_way:
            self.home.read_overview()
            self._catch_up()

    @work(group="catch-up", exclusive=True)
    async def _catch_up(self) -> None:
        """Make the diagnoses that were left, until an attempt is opened."""
        await asyncio.sleep(_CATCH_UP_AFTER)
        with suppress(UserError):
            await self.services.catch_up()

    def _continue(self) -> bool:
        try:
            running = self.manager.running()
        except UserError as error:
            self.home.error = error
            return True
        self.home.running = running
        if running is not None:
            self.enter(running.attempt)
        return running is not None

    def on_home_screen_picked(self, event: HomeScreen.Picked) -> None:
        """Open the chosen screen; while an attempt runs, every way to start one opens that attempt."""
        match event.entry:
            case "quit":
                self.action_leave()
            case "doctor":
                from mockexam.tui.screens.doctor_screen import DoctorScreen

                self.push_screen(DoctorScreen(self.services, paths.default_workspace_parent()))
            case "review":
                self.action_review()
            case _ if self._continue():
                pass
            case "start":
                self._open_start()
            case "retry":
                from mockexam.tui.screens.retry_screen import RetryScreen

                self.push_screen(RetryScreen(self.manager, self.services))

    def action_review(self, attempt: str | None = None) -> None:
        """Open the review of all attempts, or of one (its id, an unambiguous part of it, or `last`)."""
        from mockexam.tui.screens.attempt_screen import AttemptScreen
        from mockexam.tui.screens.history_screen import HistoryScreen

        review = self.services.review()
        self.push_screen(HistoryScreen(review) if attempt is None else AttemptScreen(review, attempt))

    def on_retry_requested(self, event: RetryRequested) -> None:
        """Open the start screen for this retry; nothing starts yet."""
        from mockexam.session.ports import StartRequest

        if self.snapshot is not None and self.snapshot.attempt.finished is None and self.session is not None:
            self.notify("An attempt is running: retry when it has ended.", severity="warning")
            return
        if not self._continue():
            self._open_start(StartRequest(retry=event.choice))

    def _open_start(self, request: StartRequest | None = None) -> None:
        from mockexam.session.ports import StartRequest
        from mockexam.tui.screens.start_screen import StartScreen

        self.push_screen(StartScreen(self.manager, self.services, request or StartRequest()))

    async def on_start_screen_attempt_started(self, event: StartScreen.AttemptStarted) -> None:
        """The attempt has started: show it, in place of one that ended and was open only for late findings."""
        await self.close_session()
        self.enter(event.attempt)

    def on_result_screen_review_requested(self, event: ResultScreen.ReviewRequested) -> None:
        self.action_review(event.attempt)

    def enter(self, attempt: str) -> None:
        """Open an attempt and show it; if another app has it open, the home screen and the one in front say so."""
        from mockexam.tui.screens.exam_screen import ExamScreen
        from mockexam.tui.signals import Signals

        try:
            self.session = session = self.manager.open(attempt)
        except UserError as error:
            self.home.error = error
            if self.screen is not self.home:
                self.show_error(error)
            return
        self.home.error = None
        self.workers.cancel_group(self, "catch-up")
        session.subscribe(lambda snapshot: self._post_snapshot(session, snapshot))
        while len(self.screen_stack) > 2:  # one is replaced: the home screen in between looks as if nothing started
            self.pop_screen()
        (self.switch_screen if len(self.screen_stack) > 1 else self.push_screen)(ExamScreen(session))
        self._signals = Signals(self, session.snapshot, self._chosen_signals)
        self.snapshot = session.snapshot
        self._run_session(session)

    def _post_snapshot(self, session: ExamSession, snapshot: Snapshot) -> None:
        self.post_message(SnapshotChanged(session, snapshot))

    @work(group="session")
    async def _run_session(self, session: ExamSession) -> None:
        error: UserError | None = None
        try:
            await session.run()
        except UserError as stopped:
            error = stopped
        self.post_message(SessionStopped(session, error))

    def on_snapshot_changed(self, message: SnapshotChanged) -> None:
        """The one place where the state changes."""
        if message.session is self.session:
            self.snapshot = message.snapshot

    async def watch_snapshot(self, snapshot: Snapshot | None) -> None:
        """Hand the snapshot to the screen that shows it; the end of the exam leads to the result."""
        if snapshot is None:
            return
        from mockexam.exam.attempt import Phase

        shown = self._shown()
        if shown is not None:
            shown.snapshot = snapshot
        if snapshot.phase is not Phase.RUNNING:
            await self._to_result(snapshot)
        if self._signals is not None:
            self._signals.follow(snapshot)

    def _shown(self) -> ExamScreen | ResultScreen | None:
        screen = self.screen_stack[1] if len(self.screen_stack) > 1 else None
        return screen if screen is not None and hasattr(screen, "snapshot") else None  # type: ignore[return-value]  # only these two have one

    async def _to_result(self, snapshot: Snapshot) -> None:
        from mockexam.exam.policy import policy_of
        from mockexam.tui.screens.result_screen import ResultScreen, TimeUp

        if isinstance(self._shown(), ResultScreen | None):
            return
        while len(self.screen_stack) > 2:  # close everything over the exam: dialogs, help, the palette
            await self.pop_screen()
        self.show_progress(None)
        await self.switch_screen(ResultScreen(snapshot, self.services))
        finished = snapshot.attempt.finished
        time_up = finished is not None and finished.reason == "time_up"
        if time_up:
            self.push_screen(TimeUp())
        if self._signals is not None:
            end = "Time is up." if time_up else "Finished."
            self._signals.tell("Exam" if policy_of(snapshot.attempt).has_verdict else "Retry", end, toast=False)

    async def on_session_stopped(self, message: SessionStopped) -> None:
        """Close the session; an error leads back to the home screen, which shows it."""
        if message.session is not self.session:
            return
        self.show_progress(None)
        self.snapshot = message.session.snapshot
        await message.session.close()
        self.session = None
        self.set_terminal_title("")
        if message.error is not None:
            while len(self.screen_stack) > 1:
                await self.pop_screen()
            self.home.error = message.error
        self.home.running = self.manager.running()
        self.home.read_overview()

    def on_clock_bar_time_warning(self, event: ClockBar.TimeWarning) -> None:
        if self._signals is not None:
            minutes = f"{event.minutes} minute{'s' if event.minutes > 1 else ''}"
            self._signals.tell("Time", f"{minutes} left.", warn=True)

    def action_help(self) -> None:
        from mockexam.tui.screens.modal import TextModal

        if getattr(self.screen, "HELP_TEXT", ""):
            self.push_screen(TextModal("Help", help_content(self.screen), keys="question_mark,f1"))
