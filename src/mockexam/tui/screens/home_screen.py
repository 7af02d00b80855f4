"""The home screen with the menu."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar, NamedTuple

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
from mockexam.tui.app_base import RetryRequested, worker
from mockexam.tui.widgets.line_list import NUMBER_KEYS, LazyPrompt
from mockexam.tui.widgets.status_lines import ErrorPanel, KeyBar

if TYPE_CHECKING:
    from mockexam.review.selection import Overview
    from mockexam.session.ports import Running
    from mockexam.tui.app_base import AppBase

_SMALL_PRINT = (
    "A rehearsal for the TensorFlow Developer Certificate, which is no longer offered. Its weights and pass mark were "
    "never published; the ones here are assumptions. All questions are written for mockexam."
)


class Entry(NamedTuple):
    """A line of the menu."""

    id: str
    name: str
    text: str


class HomeScreen(Screen[None]):
    """A menu; while an attempt runs, it starts with Continue, and every way to start one opens that attempt."""

    HELP_TEXT = (
        "Choose with the arrow keys and Enter, or press the number before a line. "
        "While an attempt runs, every way to start another one opens the running attempt: the clock can't be paused."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "next", "Next", tooltip="Start the recommended next step"),
        Binding("question_mark,f1", "app.help", "Help", key_display="?", tooltip="What the keys do"),
        Binding("q", "app.leave", "Quit", tooltip="Leave mockexam"),
        *NUMBER_KEYS,
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

    @worker("overview")
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

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002  # Textual's signature
        """The next step works only while no attempt runs."""
        return action != "next" or (self.running is None and self.overview is not None)

    def palette_entries(self) -> Iterator[tuple[str, str, str]]:
        """The lines of the menu, for the command palette: name, what it does, action."""
        for number, entry in enumerate(entries(self.running), 1):
            yield entry.name, entry.text, f"choose({number})"

    def action_choose(self, number: int) -> None:
        """Choose a line of the menu."""
        for entry in entries(self.running)[number - 1 : number]:
            self.post_message(self.Picked(entry.id))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if event.option_id is not None:
            self.post_message(self.Picked(event.option_id))

    def _options(self) -> list[Option]:
        return [
            Option(LazyPrompt(partial(_prompt, number, entry), one_line=True), id=entry.id)
            for number, entry in enumerate(entries(self.running), 1)
        ]


def entries(running: Running | None) -> tuple[Entry, ...]:
    """The lines of the menu."""
    if running is None:
        first = [Entry("start", "Start an exam", "a new paper; the clock can't be paused")]
        retry = "one question, full feedback, hints; weakest first"
    else:
        first = [
            Entry("continue", "Continue", f"{_left(running)} · {running.title} · paper {running.code}"),
            Entry("start", "Start an exam", "not now: opens the running attempt"),
        ]
        retry = "not now: opens the running attempt"
    return (
        *first,
        Entry("retry", "Retry a category", retry),
        Entry("review", "Review attempts", "what you missed and why; would you pass?"),
        Entry("doctor", "Doctor", "is this machine ready for an exam?"),
        Entry("quit", "Quit", "or press q"),
    )


def _left(running: Running) -> str:
    if running.remaining is None:
        return "untimed"
    return f"{time_text(running.remaining)} left" if running.remaining else "time is up, not graded yet"


def _prompt(number: int, entry: Entry, width: int) -> Content:
    parts = (f" {number} ", "bold $primary"), (f"{entry.name:<17}", "bold"), (entry.text, "$muted")
    return Content.assemble(*parts).truncate(width, ellipsis=True)
