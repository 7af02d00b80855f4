"""Status widgets: a line of text, slow work, the clock, an error, the grader, the keys."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive, var
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Digits, Static

from mockexam.errors import UserError
from mockexam.exam.clock import WARNING_MINUTES, TimeWarnings, warning_level
from mockexam.text.units import time_text

if TYPE_CHECKING:
    from mockexam.review.selection import ExamProgress
    from mockexam.session.ports import GraderState, Snapshot

KeyHint = tuple[str, str, str]
"""A key's name, what it does, and the key to press for it."""

_GRADER = {"starting": "grader starting …", "warm": "grader ready", "marking": "grading …"}


class Line(Widget):
    """A line of plain text, never markup, that redraws only when it changes; … where it does not fit."""

    DEFAULT_CSS = "Line { text-wrap: nowrap; text-overflow: ellipsis; }"

    text = reactive("")
    advice = reactive("")
    """Stands behind the text if both fit."""

    def render(self) -> Content:
        both = self.text + self.advice
        return Content(both if cell_len(both) <= self.size.width else self.text)


class FolderLine(Line):
    """Where the files of the chosen question lie; a path that does not fit loses its beginning."""

    DEFAULT_CSS = "FolderLine { height: 1; padding: 0 1; color: $muted; text-wrap: nowrap; }"

    def render(self) -> Content:
        key = " · y copies" if self.text else ""
        width = self.content_size.width
        path = path_text(self.text, width)
        return Content(path + key if cell_len(path + key) <= width else path)


def path_text(path: str, width: int) -> str:
    """A path in at most `width` cells: with `~` for the home folder, and `…` for what of its beginning has no room."""
    home = os.path.join(Path("~").expanduser(), "")
    text = "~/" + path.removeprefix(home) if path.startswith(home) else path
    parts = Path(text).parts
    shorter = (os.path.join("…", *parts[first:]) for first in range(1, len(parts)))
    fitting = next((shown for shown in (text, *shorter) if cell_len(shown) <= width), "")
    tail = parts[-1] if parts else ""
    while tail and cell_len(tail) >= width:
        tail = tail[1:]
    return fitting or (f"…{tail}" if path else "")


class StatusLine(Line):
    """Says what slow work is running; hidden while empty."""

    DEFAULT_CSS = """
    StatusLine { display: none; height: 1; padding: 0 1; color: $text-secondary; }
    StatusLine.-shown { display: block; }
    """

    def watch_text(self, text: str) -> None:
        self.set_class(bool(text), "-shown")


def next_exam(exam: str, others: Sequence[str]) -> str:
    """The exam after this one, in a cycle through all of them by name."""
    names = sorted({exam, *others})
    return names[(names.index(exam) + 1) % len(names)]


class ExamLine(StatusLine):
    """Which exam a screen is about, and the key for the next one; hidden if there is only one exam."""

    def show_exam(self, progress: ExamProgress) -> None:
        exam, others, titles = progress.exam, progress.others, progress.titles
        self.text = f"Exam: {titles[exam]} · press n for {titles[next_exam(exam, others)]}" if others else ""


class RunningClock(Widget):
    """The time left in the running attempt, for screens outside it; empty if none runs."""

    DEFAULT_CSS = "RunningClock { height: 1; width: auto; }"

    shown = reactive("", layout=True)

    def on_mount(self) -> None:
        self.watch(self.app, "snapshot", self._follow)

    def _follow(self, snapshot: Snapshot | None) -> None:
        if snapshot is None or snapshot.attempt.finished is not None:
            self.shown = ""
        elif snapshot.remaining is None:
            self.shown = "an attempt is open"
        else:
            self.shown = f"clock running: {time_text(snapshot.remaining)} left"

    def render(self) -> Content:
        return Content.styled(self.shown, "bold $text-warning")


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


class ErrorPanel(Static):
    """An error: what happened, where, and what to do; hidden if there is none."""

    DEFAULT_CSS = """
    ErrorPanel { display: none; height: auto; padding: 0 1; border-left: outer $error; background: $error 12%; }
    ErrorPanel.-shown { display: block; }
    """

    error: var[UserError | None] = var(None)

    def watch_error(self, error: UserError | None) -> None:
        self.set_class(error is not None, "-shown")
        if error is not None:
            lines = [Content.styled(error.message, "bold")]
            pairs = (("where", error.location), ("what to do", error.hint))
            lines += [Content.assemble((f"{head}: ", "$muted"), text) for head, text in pairs if text]
            self.update(Content("\n").join(lines))


class GraderLine(Static):
    """The grader's state and its sandbox, in a line or two."""

    grader: var[GraderState | None] = var(None)

    def __init__(self) -> None:
        super().__init__(id="grader")

    def watch_grader(self, grader: GraderState | None) -> None:
        if grader is None:
            return
        if grader.state == "failed":
            why = f": {grader.detail}" if grader.detail else ""
            self.update(Content.styled(f"! grader failed{why}; models are kept and graded later", "$text-warning"))
            return
        state = _GRADER.get(grader.state, f"grader {grader.state}")
        contained = grader.isolation and grader.state != "starting"
        self.update(Content(f"{state} · {grader.isolation}" if contained else state))


_WAYS_OUT = ("Leave", "Quit", "Back", "Home", "Close")


def _width(keys: Iterable[KeyHint], gap: str) -> int:
    return sum(cell_len(f" {key} {does}{gap}") for key, does, _ in keys)


class KeyBar(Widget):
    """The available keys on one line of 80 columns; a click presses one.

    Not Textual's Footer, which mounts a widget per key: the review then takes twice as long to open.
    """

    DEFAULT_CSS = """
    KeyBar { dock: bottom; height: 1; background: $panel; text-wrap: nowrap; text-overflow: clip; }
    """

    keys: reactive[tuple[KeyHint, ...]] = reactive(())

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._follow)
        self._follow(self.screen)

    def _follow(self, screen: Screen[object]) -> None:
        if screen is not self.screen or not screen.is_active:
            return
        shown: dict[str, KeyHint] = {}
        not_offered: frozenset[str] = getattr(screen, "not_offered", frozenset())
        for active in screen.active_bindings.values():
            binding = active.binding
            if binding.show and active.enabled and binding.action not in {*shown, *not_offered}:
                shown[binding.action] = (self.app.get_key_display(binding), binding.description, binding.key)
        self.keys = tuple(shown.values())

    def render(self) -> Content:
        """The keys, closer together if they do not fit."""
        gap = self._gap
        keys = self._fitting
        parts = [part for key, does, _ in keys for part in ((f" {key} ", "bold $primary"), f"{does}{gap}")]
        return Content.assemble(*parts, (" …", "$muted") if len(keys) < len(self.keys) else "")

    @property
    def _gap(self) -> str:
        return " " if _width(self.keys, " ") <= self.size.width else ""

    @property
    def _fitting(self) -> list[KeyHint]:
        """The keys that have room: help and the way out always stay, the last of the others go first."""
        keys = list(self.keys)
        others = [key for key in keys if key[0] != "?" and key[1] not in _WAYS_OUT]
        while others and _width(keys, "") > self.size.width - (2 if len(keys) < len(self.keys) else 0):
            keys.remove(others.pop())
        return keys

    def on_click(self, event: events.Click) -> None:
        column, gap = 0, self._gap
        for key, does, press in self._fitting:
            column += cell_len(f" {key} {does}{gap}")
            if event.x < column:
                self.app.simulate_key(press)
                return
