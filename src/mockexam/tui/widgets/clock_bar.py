"""The line that never goes away: the exam, the paper, and the time left."""

from __future__ import annotations

from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.reactive import var
from textual.widgets import Digits, Static

from mockexam.text.units import time_text
from mockexam.tui.widgets.status import Line

MINUTES = (60, 30, 10, 5, 1)
"""Minutes left at which the clock warns, each once."""


class TimeWarnings:
    """Watches the time left go by. What was crossed before the first look is not warned of: it was, or is missed."""

    def __init__(self) -> None:
        self._before: float | None = None

    def look(self, remaining: float | None) -> int | None:
        """The minutes to warn of at this time left (seconds), or None. Of several crossed at once, the smallest."""
        before, self._before = self._before, remaining
        if remaining is None or before is None:
            return None
        return min((m for m in MINUTES if remaining <= m * 60 < before), default=None)


def level(remaining: float | None) -> int | None:
    """The smallest of MINUTES that the time left (seconds) lies within; None while there is more, or no limit."""
    if remaining is None:
        return None
    return min((m for m in MINUTES if remaining <= m * 60), default=None)


class ClockBar(Horizontal):
    """Shows the time left as bold text, on roomy terminals in large digits; warns at the set minutes."""

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
    """The time as shown; drawing follows this, so a second is drawn once."""

    @dataclass
    class TimeWarning(Message):
        """So many minutes are left."""

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
        minutes = self._warnings.look(remaining)
        if minutes is not None:
            self.post_message(self.TimeWarning(minutes))
        now = level(remaining)
        for each in MINUTES:
            self.set_class(each == now, f"-under-{each}")
        self.shown = time_text(remaining)

    def watch_shown(self, shown: str) -> None:
        if not self.children or not shown:
            return
        untimed = self.remaining is None
        # Of a fixed width, so that a new second draws these few cells and lays nothing out anew.
        self.query_one("#time-left", Line).text = shown if untimed else f" {shown} left "
        self.query_one(Digits).update("" if untimed else shown)
        self.query_one("#time-word", Line).text = shown if untimed else "left"

    def on_mount(self) -> None:
        """Show what was set before there was anything to show it on."""
        self.watch_remaining(self.remaining)
