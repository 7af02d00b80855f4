"""The top line: exam, paper code and time left."""

from __future__ import annotations

from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.reactive import var
from textual.widgets import Digits, Static

from mockexam.exam.clock import WARNING_MINUTES, TimeWarnings, warning_level
from mockexam.text.units import time_text
from mockexam.tui.widgets.status_lines import Line


class ClockBar(Horizontal):
    """Shows the time left, in large digits if there is room; warns at WARNING_MINUTES."""

    DEFAULT_CSS = """
    ClockBar {
        height: 1; background: $panel; padding: 0 1;
        #exam-name { width: 1fr; text-wrap: nowrap; text-overflow: ellipsis; }
        #time-left { width: 14; height: 1; text-align: right; text-style: bold; }
        #time-digits { display: none; width: auto; }
        #time-word { display: none; width: 7; height: 1; margin: 1 0 0 1; }
        &.-under-60 #time-left, &.-under-60 #time-digits { color: $secondary; }
        &.-under-30 #time-left, &.-under-30 #time-digits { color: $warning; }
        &.-under-10 #time-left, &.-under-10 #time-digits { color: $error; }
        &.-under-5 #time-left, &.-under-1 #time-left { color: $error; text-style: bold reverse; }
        &.-under-5 #time-digits, &.-under-1 #time-digits { color: $error; }
    }
    """

    remaining: var[float | None] = var(None, init=False)
    """Seconds left; None when untimed."""
    shown = var("")
    """The text shown; redraws follow this, so each second is drawn once."""

    @dataclass
    class TimeWarning(Message):
        """`minutes` are left."""

        minutes: int

    def __init__(self, title: str, code: str) -> None:
        super().__init__()
        self._title = title
        self._code = code
        self._warnings = TimeWarnings()

    def compose(self) -> ComposeResult:
        yield Static(Content.assemble((self._title, "bold"), (f"  paper {self._code}", "$muted")), id="exam-name")
        yield Line(id="time-left")
        yield Digits("", id="time-digits")
        yield Line(id="time-word")

    def watch_remaining(self, remaining: float | None) -> None:
        minutes = self._warnings.crossed(remaining)
        if minutes is not None:
            self.post_message(self.TimeWarning(minutes))
        now = warning_level(remaining)
        for each in WARNING_MINUTES:
            self.set_class(each == now, f"-under-{each}")
        self.shown = time_text(remaining)

    def watch_shown(self, shown: str) -> None:
        if not self.children or not shown:
            return
        untimed = self.remaining is None
        # A fixed width: a new second redraws a few cells and needs no new layout.
        self.query_one("#time-left", Line).text = shown if untimed else f" {shown} left "
        self.query_one(Digits).update("" if untimed else shown)
        self.query_one("#time-word", Line).text = shown if untimed else "left"

    def on_mount(self) -> None:
        self.watch_remaining(self.remaining)
