"""The home screen with the menu."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.reactive import var
from textual.screen import Screen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from mockexam.errors import UserError
from mockexam.text.units import time_text
from mockexam.tui.app_base import RetryRequested
from mockexam.tui.widgets.line_list import LazyPrompt
from mockexam.tui.widgets.status_lines import ErrorPanel, KeyBar

if TYPE_CHECKING:
    from mockexam.review.selection import Overview
    from mockexam.session.ports import Running
    from mockexam.tui.app_base import AppBase

_SMALL_PRINT = (
    "A rehearsal for the TensorFlow Developer Certificate, which is no longer offered. Its weights and pass mark were "
    "never published; the ones here are assumptions. All questions are original."
)


class Entry(NamedTuple):
    """A line of the menu."""

    id: str
    key: str
    name: str
    text: str


class HomeScreen(Screen[None]):
    """A menu; while an attempt runs, it starts with Continue, and every way to start one opens that attempt."""

    HELP_TEXT = (
        "Choose with the arrow keys and Enter, or press the letter before a line. "
        "While an attempt runs, every way to start another one opens the running attempt: the clock can't be paused."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "pick('continue')", "Continue", tooltip="Continue the running attempt"),
        Binding("s", "pick('start')", "Start", tooltip="Start an exam"),
        Binding("r", "pick('retry')", "Retry", tooltip="Retry one category"),
        Binding("v", "pick('review')", "Review", tooltip="Review past attempts"),
        Binding("d", "pick('doctor')", "Doctor", tooltip="Check this machine"),
        Binding("n", "next", "Next", tooltip="Start the recommended next step"),
        Binding("question_mark,f1", "app.help", "Help", key_display="?", tooltip="What the keys do"),
        Binding("q", "app.leave", "Quit", tooltip="Leave mockexam"),
    ]

    app: AppBase
    running: var[Running | None] = var(None)
    overview: var[Overview | None] = var(None)
    """Read after the first frame."""
    error: var[UserError | None] = var(None)

    @dataclass
    class Picked(Message):
        """The user chose a menu line."""

        entry: str

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="home", can_focus=False):
            yield Static("mockexam", id="name")
            yield Static("A timed mock exam for TensorFlow learners.", id="purpose")
            yield OptionList(*self._options(), id="menu", classes="list", markup=False)
            yield Static("", id="overview", markup=False)
            yield ErrorPanel(id="home-error")
            yield Static(_SMALL_PRINT, id="small-print")
        yield KeyBar()

    def watch_running(self, before: Running | None, running: Running | None) -> None:
        if not self.children:
            return
        menu = self.query_one(OptionList)
        if before is not None and running is not None:  # the cursor stays
            menu.replace_option_prompt_at_index(0, self._options()[0].prompt)
        else:
            self.refresh_bindings()
            menu.set_options(self._options())
            menu.highlighted = 0
            self._show_overview()

    def watch_error(self, error: UserError | None) -> None:
        if self.children:
            self.query_one(ErrorPanel).error = error

    def on_mount(self) -> None:
        self.query_one(OptionList).highlighted = 0
        self.watch_error(self.error)

    def on_screen_resume(self) -> None:
        """Back from another screen, which may have changed the record."""
        if self.overview is not None:
            self.read_overview()

    @work(group="overview", exclusive=True)
    async def read_overview(self) -> None:
        """Read the record in a thread and show where one stands. Call it after the first frame."""
        try:
            self.overview = await asyncio.to_thread(self._overview)
        except UserError:  # the screens that need the record report it
            self.overview = None

    def _overview(self) -> Overview:
        from mockexam.review.selection import overview

        return overview(self.app.services.review().outcomes())

    def watch_overview(self) -> None:
        self._show_overview()

    def _show_overview(self) -> None:
        if not self.children:
            return
        place = self.query_one("#overview", Static)
        place.display = self.overview is not None and self.running is None
        if self.overview is not None:
            from mockexam.tui.screens.home_overview import overview_content

            place.update(overview_content(self.overview))
        self.refresh_bindings()

    def action_next(self) -> None:
        if self.overview is None:
            return
        if self.overview.next_step == "retry" and self.overview.weakest is not None:
            from mockexam.session.ports import RetryChoice

            self.post_message(RetryRequested(RetryChoice(category=self.overview.weakest.category)))
        else:
            self.post_message(self.Picked(self.overview.next_step))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Continue works only while an attempt runs, the next step only while none does."""
        if action == "next":
            return self.running is None and self.overview is not None
        return not (action == "pick" and parameters == ("continue",) and self.running is None)

    def action_pick(self, entry: str) -> None:
        self.post_message(self.Picked(entry))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if event.option_id is not None:
            self.post_message(self.Picked(event.option_id))

    def _options(self) -> list[Option]:
        return [
            Option(LazyPrompt(partial(_prompt, entry), one_line=True), id=entry.id) for entry in entries(self.running)
        ]


def entries(running: Running | None) -> tuple[Entry, ...]:
    """The lines of the menu."""
    if running is None:
        first = [Entry("start", "s", "Start an exam", "a new paper; the clock can't be paused")]
        retry = "one question, full feedback, hints; weakest first"
    else:
        first = [
            Entry("continue", "c", "Continue", f"{_left(running)} · {running.title} · paper {running.code}"),
            Entry("start", "s", "Start an exam", "not now: opens the running attempt"),
        ]
        retry = "not now: opens the running attempt"
    return (
        *first,
        Entry("retry", "r", "Retry a category", retry),
        Entry("review", "v", "Review attempts", "what you missed and why; would you pass?"),
        Entry("doctor", "d", "Doctor", "is this machine ready for an exam?"),
        Entry("quit", "q", "Quit", ""),
    )


def _left(running: Running) -> str:
    if running.remaining is None:
        return "untimed"
    return f"{time_text(running.remaining)} left" if running.remaining else "time is up, not graded yet"


def _prompt(entry: Entry, width: int) -> Content:
    parts = (f" {entry.key} ", "bold $primary"), (f"{entry.name:<17}", "bold"), (entry.text, "$muted")
    return Content.assemble(*parts).truncate(width, ellipsis=True)
