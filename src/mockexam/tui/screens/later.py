"""What a later version brings, and what already works."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from mockexam.tui.screens.modal import Modal

_TEXTS = {
    "retry": (
        "Retry a category",
        (
            "Sitting one category again, with metric and distance to the next mark, comes in a later version.\n\n"
            "What works today: `mockexam bank show QUESTION --unpack DIR` makes a question's task and data in a folder "
            "of your own, without a clock, and `mockexam grade MODEL --question QUESTION` marks a model of it."
        ),
    ),
    "review": (
        "Review attempts",
        (
            "The review of an attempt (metric and bands, the reference solution, skills shown and missing, time a "
            "question) comes in a later version. Nothing is lost until then: every attempt and model is kept.\n\n"
            "What works today: the result screen at the end of an attempt, and `mockexam status` while one runs."
        ),
    ),
}


class LaterScreen(Modal[None]):
    """Says so plainly."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,enter,q", "close", "Close", key_display="esc")]

    def __init__(self, what: str) -> None:
        super().__init__()
        self._title, self._text = _TEXTS[what]

    def compose(self) -> ComposeResult:
        """One paragraph on each."""
        with VerticalScroll(id="box") as box:
            box.border_title = self._title
            box.border_subtitle = "esc Back"
            yield Static(self._text, markup=False)

    def action_close(self) -> None:
        """Back."""
        self.dismiss(None)
