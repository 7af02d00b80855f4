"""Small screens that lie over another one and ask or tell something."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

Result = TypeVar("Result")
_STYLES = Path(__file__).with_name("modal.tcss")


class Modal(ModalScreen[Result]):
    """A box over the screen; Esc closes it with nothing done."""

    HELP_TEXT = ""

    def __init__(self, classes: str | None = None) -> None:
        super().__init__(classes=classes)
        # Textual reads the styles that a subclass names, beside the subclass's file, and no others.
        self.css_path = [_STYLES, *self.css_path]


class Ask(Modal[bool]):
    """Enter means yes, Esc means no."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "answer(True)", "Yes"),
        Binding("escape", "answer(False)", "No"),
    ]

    def __init__(self, title: str, lines: Sequence[str | Content], *, yes: str, no: str = "Stay") -> None:
        super().__init__(classes="-danger")
        self._title = title
        self._lines = lines
        self._keys = f"enter {yes} · esc {no}"

    def compose(self) -> ComposeResult:
        """The question and its keys."""
        with VerticalScroll(id="box") as box:
            box.border_title = self._title
            box.border_subtitle = self._keys
            yield Static(Content("\n").join(map(Content, map(str, self._lines))))

    def action_answer(self, answer: bool) -> None:
        """Close."""
        self.dismiss(answer)


class TypeWord(Modal[bool]):
    """Something that can't be undone: done only when the word is typed."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", "No")]

    def __init__(self, title: str, lines: Sequence[str], *, word: str, does: str, no: str = "Go on working") -> None:
        super().__init__(classes="-danger")
        self._title = title
        self._lines = lines
        self._word = word
        self._keys = f"enter {does} · esc {no}"

    def compose(self) -> ComposeResult:
        """What it means, and the field."""
        with VerticalScroll(id="box", can_focus=False) as box:
            box.border_title = self._title
            box.border_subtitle = self._keys
            yield Static(Content("\n".join(self._lines)))
            yield Input(placeholder=f"type {self._word}", compact=True, id="word")
            yield Static("", id="hint")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """The word does it; anything else is told."""
        event.stop()
        if is_word(event.value, self._word):
            self.dismiss(True)
        else:
            hint = self.query_one("#hint", Static)
            hint.update(f"Type the word {self._word} in full, or press Esc.")
            hint.add_class("-shown")

    def action_cancel(self) -> None:
        """Close with nothing done."""
        self.dismiss(False)


def is_word(typed: str, word: str) -> bool:
    """Whether the word was typed, in whatever case."""
    return typed.strip().upper() == word
