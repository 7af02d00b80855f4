"""What all screens share: two themes, error notifications, and a way out without loss or traceback."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any, ClassVar, Concatenate, ParamSpec, TypeVar, cast

from textual import constants, events, work
from textual.app import App
from textual.binding import Binding, BindingType
from textual.css.query import NoMatches
from textual.message import Message
from textual.screen import Screen
from textual.theme import Theme
from textual.worker import WorkerFailed

from mockexam.errors import UserError
from mockexam.text.units import time_text
from mockexam.tui.widgets.line_list import MOVE_KEYS

if TYPE_CHECKING:
    from rich.console import RenderableType
    from textual.dom import DOMNode
    from textual.driver import Driver
    from textual.widget import Widget
    from textual.worker import WorkType

    from mockexam.session.exam_session import ExamSession
    from mockexam.session.ports import RetryChoice
    from mockexam.tui.services import Services

P = ParamSpec("P")
S = TypeVar("S", bound="DOMNode")

# Colour only ever repeats what a word or a sign says too.
DARK = Theme(
    name="mockexam-dark",
    dark=True,
    primary="#f0a04b",
    secondary="#7fb4e6",
    accent="#f0a04b",
    foreground="#d9dee6",
    background="#12161d",
    surface="#181d26",
    panel="#222a36",
    success="#86cf92",
    warning="#ecc35c",
    error="#f2777a",
    variables={
        "muted": "#8d97a6",
        "rule": "#3b4657",
        "footer-key-foreground": "#f0a04b",
        "input-selection-background": "#f0a04b 35%",
    },
)

LIGHT = Theme(
    name="mockexam-light",
    dark=False,
    primary="#a34a00",
    secondary="#1f5f9e",
    accent="#a34a00",
    foreground="#20252c",
    background="#faf8f4",
    surface="#f1eee7",
    panel="#e4dfd4",
    success="#1d6f34",
    warning="#7f5800",
    error="#b3261e",
    variables={
        "muted": "#636a73",
        "rule": "#c3bbab",
        "footer-key-foreground": "#a34a00",
        "input-selection-background": "#a34a00 25%",
    },
)


@dataclass
class RetryRequested(Message):
    """The user chose what to retry."""

    choice: RetryChoice


def worker(
    group: str, *, exclusive: bool = True
) -> Callable[[Callable[Concatenate[S, P], Awaitable[None]]], Callable[Concatenate[S, P], None]]:
    """Run a coroutine of a screen, a widget or the app as a worker of this group; a UserError becomes a notification.

    Where that has been closed meanwhile, what it wanted to show is dropped.
    """

    def decorate(method: Callable[Concatenate[S, P], Awaitable[None]]) -> Callable[Concatenate[S, P], None]:
        @wraps(method)
        def start(node: S, /, *args: P.args, **kwargs: P.kwargs) -> None:
            async def run() -> None:
                try:
                    await method(node, *args, **kwargs)
                except UserError as error:
                    cast("AppBase", node.app).show_error(error)
                except NoMatches:
                    if node.children:
                        raise

            work: WorkType[None] = run
            node.run_worker(work, group=group, exclusive=exclusive)

        return start

    return decorate


class AppBase(App[int]):
    """The app as its screens see it: it holds the open exam session, and closes it."""

    services: Services
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+t", "look", "Light or dark", show=False, tooltip="Switch between light and dark"),
        Binding("ctrl+q", "leave", "Leave", show=False, priority=True),
        Binding("ctrl+c", "leave", show=False, system=True),
        *MOVE_KEYS,
    ]

    def __init__(self) -> None:
        super().__init__()
        self.session: ExamSession | None = None
        self._terminal_title = ""
        self._sought = ""
        """The words that `/` looked for."""
        self._match = -1
        """The match shown, from 0."""
        self.fault: BaseException | None = None
        """The exception that crashed the app; the caller logs and reports it."""
        self._progress: int | None = None
        """The per cent that the terminal shows."""
        self._knows_progress = _knows_progress(os.environ)
        self.register_theme(DARK)
        self.register_theme(LIGHT)
        if constants.DEFAULT_THEME == "textual-dark":
            self.set_reactive(App.theme, DARK.name)  # set, it would have the style sheets parsed twice

    async def on_event(self, event: events.Event) -> None:
        """As Textual's, but a dialog is not answered by what was typed, or pasted, before it was there.

        And a letter that does nothing here stands for its other case.
        """
        if isinstance(event, events.Key):
            if event.time < getattr(self.screen, "opened", -math.inf):
                return
            event = _in_bound_case(event, self.screen)
        await super().on_event(event)

    def get_driver_class(self) -> type[Driver]:
        """Textual's, but for terminals one that no byte can end and that sleeps while nothing is typed."""
        found = super().get_driver_class()
        if found.__name__ != "LinuxDriver":
            return found
        from mockexam.tui.terminal_driver import TerminalDriver

        return TerminalDriver

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Colours that Textual's own themes lack."""
        return {"muted": "#858d99", "rule": "#6b7480"}

    def get_key_display(self, binding: Binding) -> str:
        """A capital letter stands for itself."""
        return binding.key if len(binding.key) == 1 and not binding.key_display else super().get_key_display(binding)

    async def action_press(self, key: str) -> None:
        """Do at once what another key does here."""
        active = self.screen.active_bindings.get(key)
        if active is not None and active.enabled:
            await self.run_action(active.binding.action, active.node)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002  # Textual's
        return not (action == "find_next" and not self._sought)

    @work(group="find", exclusive=True)
    async def action_find(self) -> None:
        """Ask for words and go to their first match in the focused list or text."""
        from mockexam.tui.screens.find import Find, can_be_searched

        if not can_be_searched(self._searched):
            self.notify("There is no list or text in focus to search. Tab goes to the next one.")
        elif words := await self.push_screen_wait(Find(self._sought)):
            self._sought, self._match = words, -1
            self.refresh_bindings()
            self.action_find_next()

    def action_find_next(self) -> None:
        """Go to the next match in the focused list or text; after the last one, to the first."""
        from mockexam.tui.screens.find import can_be_searched, matches

        if (pane := self._searched) is None or not can_be_searched(pane):
            return
        if not (found := matches(pane, self._sought)):
            self.notify(f"Not found: {self._sought}", markup=False)
            return
        if self._match < 0:
            self.notify("1 match" if len(found) == 1 else f"{len(found):,} matches · n Next", timeout=3, markup=False)
        self._match = (self._match + 1) % len(found)
        found[self._match]()

    @property
    def _searched(self) -> Widget | None:
        """The focused list or text, or what the screen has searched in its place."""
        found: Widget | None = getattr(self.screen, "searched", self.focused)
        return found

    def action_look(self) -> None:
        self.theme = LIGHT.name if self.current_theme.dark else DARK.name

    def show_error(self, error: UserError) -> None:
        text = "\n".join(part for part in (error.location, error.hint) if part)
        self.notify(
            text or error.message, title=error.message if text else "", severity="error", timeout=12, markup=False
        )

    def send(self, sequence: str) -> None:
        """Send a control sequence to the terminal, also while an editor uses it."""
        ended = not self.is_running
        if self.is_headless or self._driver is None or not sequence or (ended and self.is_web):
            return
        if ended or (self._batch_count and not self.is_web):
            sys.__stderr__.write(sequence)  # type: ignore[union-attr]  # an app without a terminal does not start
            sys.__stderr__.flush()  # type: ignore[union-attr]  # as above
        else:
            self._driver.write(sequence)

    def ring(self) -> None:
        """Ring the terminal's bell."""
        self.send("\a")

    def set_terminal_title(self, title: str) -> None:
        """Set the title of the terminal; with an empty one the earlier title is back.

        The terminal keeps it on its stack of titles. One without a stack is left with its default. The Linux console
        has no title and would print the sequence.
        """
        if title == self._terminal_title or os.environ.get("TERM", "").startswith("linux"):
            return
        keep = "" if self._terminal_title else "\x1b[22;2t"
        back = "" if title else "\x1b[23;2t"
        self._terminal_title = title
        self.send(f"{keep}\x1b]2;{title}\x1b\\{back}")

    async def run_async(self, *args: Any, **options: Any) -> int | None:
        """Run as Textual does, and leave the terminal its title, also after a crash."""
        try:
            return await super().run_async(*args, **options)
        finally:
            self.set_terminal_title("")

    def show_progress(self, part: float | None) -> None:
        """Show in the terminal's tab or the taskbar how much of a training is done, 0 to 1; None ends it.

        OSC 9;4 (https://learn.microsoft.com/windows/terminal/tutorials/progress-bar-sequences), only where the terminal
        is known to understand it: others show it as a message. MOCKEXAM_PROGRESS=on or off decides instead.
        """
        percent = None if part is None else round(100 * part)
        if percent != self._progress and self._knows_progress:
            self._progress = percent
            self.send(f"\x1b]9;4;{0 if percent is None else 1};{percent or 0}\x1b\\")

    async def action_quit(self) -> None:
        self.action_leave()

    def action_leave(self) -> None:
        """Leave; ask first if something is still running."""
        from mockexam.tui.screens.modal import Ask

        if isinstance(self.screen, Ask):
            return
        lines = self._consequences()
        if not lines:
            self._answered(True)
            return
        dialog = Ask("Leave mockexam?", lines, yes="Leave")
        dialog.set_interval(1.0, lambda: dialog.renew(Ask("", self._consequences() or lines, yes="")))
        self.push_screen(dialog, self._answered)

    def _consequences(self) -> list[str]:
        """What leaving now means; empty if nothing is running."""
        if self.session is None:
            return []
        from mockexam.exam.attempt import Phase

        snapshot = self.session.snapshot
        if snapshot.phase is Phase.RUNNING:
            left = time_text(snapshot.remaining)
            untimed = snapshot.remaining is None
            lines = [
                "The attempt stays open. It has no time limit."
                if untimed
                else f"The clock keeps running: {left} left.",
                f"Models you save meanwhile are received when you come back{'' if untimed else ' in time'}.",
            ]
            from mockexam.session.script_runs import scripts_left

            return [*lines, *scripts_left(self.session.runs)]
        if snapshot.phase is Phase.GRADING:
            return ["Grading continues the next time you open mockexam. All received models are safe."]
        return []

    def _answered(self, leave: bool | None) -> None:
        if leave:
            self._leave()

    @worker("leave")
    async def _leave(self) -> None:
        message = self._farewell()
        await self.close_session()
        self.exit(0, message=message)

    def _farewell(self) -> str | None:
        from mockexam.exam.policy import policy_of

        if self.session is None or self.session.snapshot.attempt.finished is not None:
            return None
        remaining = self.session.snapshot.remaining
        news = "your marks" if remaining is None else "the time left"
        kind = policy_of(self.session.snapshot.attempt).noun
        clock = "" if remaining is None else f"The clock keeps running: {time_text(remaining)} left. "
        return f"{clock}Run `mockexam` to return to the {kind}, `mockexam status` to see {news}."

    async def close_session(self) -> None:
        """Close the session, if there is one; its scripts run on."""
        self.show_progress(None)
        if self.session is not None:
            session, self.session = self.session, None
            await session.close()

    def _fatal_error(self) -> None:
        """Exit on an unexpected error without Textual's traceback."""
        self.show_progress(None)
        error = self._exception
        self.fault = error.error if isinstance(error, WorkerFailed) else error
        self._close_messages_no_wait()

    def panic(self, *renderables: RenderableType) -> None:
        """As above, for errors that Textual would print itself."""
        self._fatal_error()
        if self.fault is None:
            self.fault = RuntimeError("\n".join(map(str, renderables)) or "the terminal could not be read")


def _in_bound_case(key: events.Key, screen: Screen[Any]) -> events.Key:
    """The key, or where its letter is bound in the other case alone, that one: `v` for `V`, or with Caps Lock."""
    letter, focus, bound = key.key, screen.focused, screen.active_bindings
    other = letter.swapcase()
    typed = focus is not None and focus.check_consume_key(letter, key.character)
    return key if typed or len(letter) != 1 or letter in bound or other not in bound else events.Key(other, other)


def _knows_progress(environment: Mapping[str, str]) -> bool:
    """Whether this terminal draws OSC 9;4 as progress."""
    asked = environment.get("MOCKEXAM_PROGRESS", "")
    if asked in {"on", "off"}:
        return asked == "on"
    vte = environment.get("VTE_VERSION", "")
    return (
        bool(
            environment.get("TERM_PROGRAM") in {"WezTerm", "ghostty"}
            or environment.get("WT_SESSION")
            or environment.get("ConEmuANSI") == "ON"
            or environment.get("KITTY_WINDOW_ID")
            or (vte.isdigit() and int(vte) >= 7900)
        )
        and environment.get("TERM_PROGRAM") != "tmux"
    )
