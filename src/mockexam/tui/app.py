"""The app: leads from screen to screen, and hands each new snapshot to the screen that shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import constants, on, work
from textual.binding import Binding, BindingType
from textual.command import Provider
from textual.reactive import var
from textual.screen import Screen

from mockexam import paths
from mockexam.errors import UserError
from mockexam.tui.leaving import Leaving
from mockexam.tui.messages import ScriptChanged, ScriptOutput, ScriptRefused, SessionStopped, SnapshotChanged
from mockexam.tui.screens.home import HomeScreen
from mockexam.tui.services import Services
from mockexam.tui.start_at import StartAt
from mockexam.tui.themes import DARK, LIGHT

if TYPE_CHECKING:
    from mockexam.exam.clock import Clock
    from mockexam.session.ports import ExamSessionPort, SessionManagerPort, Snapshot
    from mockexam.tui.screens.practice import PracticeScreen
    from mockexam.tui.screens.result import ResultScreen
    from mockexam.tui.screens.room import RoomScreen
    from mockexam.tui.screens.start import StartScreen
    from mockexam.tui.widgets.clock_bar import ClockBar


def _screen_commands() -> type[Provider]:
    from mockexam.tui.palette import ScreenCommands

    return ScreenCommands


class MockexamApp(Leaving):
    """Screens for one candidate at one desk."""

    TITLE = "mockexam"
    CSS_PATH: ClassVar = ["app.tcss", "screens/home.tcss"]
    COMMANDS: ClassVar = {_screen_commands}
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (72, "-normal"), (120, "-wide")]  # noqa: RUF012  # Textual's own
    VERTICAL_BREAKPOINTS = [(0, "-tiny"), (14, "-short"), (22, "-medium"), (34, "-tall")]  # noqa: RUF012  # as above
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+t", "look", "Light or dark", show=False, tooltip="Change between the light and the dark look"),
        Binding("ctrl+q", "leave", "Leave", show=False, priority=True),
        Binding("ctrl+c", "leave", show=False, system=True),
    ]

    snapshot: var[Snapshot | None] = var(None)
    """The newest picture of the sitting that this app has charge of."""

    def __init__(
        self, manager: SessionManagerPort, clock: Clock, start_at: StartAt, services: Services | None = None
    ) -> None:
        super().__init__()
        self.manager = manager
        self.services = services or Services()
        self._clock = clock
        self._start_at = start_at
        self.register_theme(DARK)
        self.register_theme(LIGHT)
        if constants.DEFAULT_THEME == "textual-dark":
            self.theme = DARK.name

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """What Textual's own themes lack."""
        return {"muted": "#858d99", "rule": "#6b7480"}

    def get_default_screen(self) -> Screen[None]:
        """The app opens at home, at once; what else was asked for follows the first frame."""
        return HomeScreen()

    def on_mount(self) -> None:
        """After the first frame, go where it was asked for, or where an attempt runs."""
        self.call_after_refresh(self._arrive)

    @property
    def home(self) -> HomeScreen:
        """The first screen."""
        screen = self.screen_stack[0]
        assert isinstance(screen, HomeScreen)
        return screen

    def _arrive(self) -> None:
        # The review lies over the room of an attempt under way: leaving it leads there.
        under_way = self._continue()
        if self._start_at.review_asked:
            self.open_review()
            if self._start_at.review is not None:
                self.open_review(self._start_at.review)
        elif not under_way and self._start_at.asked:
            self._open_start(self._start_at)

    def _continue(self) -> bool:
        """Lead into the attempt under way, if there is one."""
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
        """Go where was chosen; while an attempt runs, its room is where all ways of starting lead."""
        match event.entry:
            case "quit":
                self.action_leave()
            case "doctor":
                from mockexam.tui.screens.doctor import DoctorScreen

                self.push_screen(DoctorScreen(self.services, paths.default_workspace_parent()))
            case "review":
                self.open_review()
            case _ if self._continue():
                pass
            case "start":
                self._open_start(StartAt())
            case "retry":
                self._open_practice()

    def open_review(self, attempt: str | None = None) -> None:
        """Look back: at all attempts, or at one (its id, an unambiguous part of it, or `last`)."""
        from mockexam.tui.screens.review.attempt import AttemptScreen
        from mockexam.tui.screens.review.history import HistoryScreen

        review = self.services.review()
        self.push_screen(HistoryScreen(review) if attempt is None else AttemptScreen(review, attempt))

    def _open_practice(self) -> None:
        from mockexam.tui.screens.practice import PracticeScreen

        self.push_screen(PracticeScreen(self.manager))

    def on_practice_screen_chosen(self, event: PracticeScreen.Chosen) -> None:
        """Show what it will be; nothing starts yet."""
        self._open_start(StartAt(retry=event.choice))

    def _open_start(self, start_at: StartAt) -> None:
        from mockexam.tui.plan_source import ExamSource, PlanSource, RetrySource
        from mockexam.tui.screens.start import StartScreen

        source: PlanSource = ExamSource(self.manager, start_at.exam, start_at.code or "")
        if start_at.retry is not None:
            source = RetrySource(self.manager, start_at.retry)
        self.push_screen(StartScreen(self.manager, self.services, source, start_at.workspace))

    async def on_start_screen_started(self, event: StartScreen.Started) -> None:
        """The clock runs: into the room."""
        while len(self.screen_stack) > 1:
            await self.pop_screen()
        if self.session is not None:  # one that has ended, and stays for what is told later about its models
            ended, self.session = self.session, None
            await ended.close()
        self.enter(event.attempt)

    async def on_result_screen_again(self, event: ResultScreen.Again) -> None:
        """Another retry of the same category."""
        await self.pop_screen()
        if not self._continue():
            self._open_start(StartAt(retry=event.choice))

    def enter(self, attempt: str) -> None:
        """Take charge of an attempt and show it; if another app has it, that is told at home."""
        from mockexam.tui.screens.room import RoomScreen
        from mockexam.tui.scripts import Scripts

        try:
            self.session = session = self.manager.open(attempt)
        except UserError as error:
            self.home.error = error
            return
        self.home.error = None
        self.scripts = Scripts(self, self.services, self._clock)
        session.subscribe(lambda snapshot: self._take_picture(session, snapshot))
        self.push_screen(RoomScreen(session, self.scripts))
        self.snapshot = session.snapshot
        self._sit(session)

    def _take_picture(self, session: ExamSessionPort, snapshot: Snapshot) -> None:
        self.post_message(SnapshotChanged(session, snapshot))

    @work(group="sitting")
    async def _sit(self, session: ExamSessionPort) -> None:
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
        """Hand the picture to the screen that shows it; the end of the exam leads to the result."""
        if snapshot is None:
            return
        from mockexam.exam.attempt import Phase

        shown = self._shown()
        if shown is not None:
            shown.snapshot = snapshot
        if snapshot.phase is not Phase.RUNNING:
            await self._to_result(snapshot)

    def _shown(self) -> RoomScreen | ResultScreen | None:
        screen = self.screen_stack[1] if len(self.screen_stack) > 1 else None
        return screen if screen is not None and hasattr(screen, "snapshot") else None  # type: ignore[return-value]  # only these two have one

    async def _to_result(self, snapshot: Snapshot) -> None:
        from mockexam.tui.screens.result import ResultScreen

        if isinstance(self._shown(), ResultScreen | None):
            return
        while len(self.screen_stack) > 2:  # whatever lies over the room: a question, help, the palette
            await self.pop_screen()
        if self.scripts is not None:
            self.run_worker(self.scripts.stop(), group="stop")
        self.ring()
        await self.switch_screen(ResultScreen(snapshot, self.services))

    async def on_session_stopped(self, message: SessionStopped) -> None:
        """Let go of the attempt; an error leads home, where it is told."""
        if message.session is not self.session:
            return
        self.snapshot = message.session.snapshot
        await message.session.close()
        self.session = None
        if message.error is not None:
            while len(self.screen_stack) > 1:
                await self.pop_screen()
            self.home.error = message.error
        self.home.running = self.manager.running()

    def on_clock_bar_rung(self, event: ClockBar.Rung) -> None:
        """So many minutes are left: heard and read."""
        self.ring()
        minutes = f"{event.minutes} minute{'s' if event.minutes > 1 else ''}"
        self.notify(f"{minutes} left.", title="Time", severity="warning", timeout=10)

    def on_script_output(self, message: ScriptOutput) -> None:
        """What the script printed belongs into the room's pane."""
        room = self._room()
        if room is not None:
            room.print_output(message.output)

    def on_script_refused(self, message: ScriptRefused) -> None:
        """It could not be started."""
        self.tell(message.error)

    @on(ScriptChanged)
    def _show_script(self) -> None:
        """The script began or ended."""
        room = self._room()
        if room is not None:
            room.script_changed()

    def _room(self) -> RoomScreen | None:
        from mockexam.tui.screens.room import RoomScreen

        shown = self._shown()
        return shown if isinstance(shown, RoomScreen) else None

    def action_help(self) -> None:
        """What the keys of this screen do."""
        from mockexam.tui.screens.help import HelpScreen, keys_of

        about = getattr(self.screen, "HELP_TEXT", "")
        if about:
            self.push_screen(HelpScreen(about, keys_of(self.screen)))

    def action_review(self) -> None:
        """Look back at all attempts, from wherever one is."""
        self.open_review()

    def action_look(self) -> None:
        """Light or dark."""
        self.theme = LIGHT.name if self.current_theme.dark else DARK.name
