"""The questions of the paper with their marks and states; up and down choose one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from rich.cells import cell_len, set_cell_size
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import var
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from mockexam.text import formats
from mockexam.tui.labels import TONES, QuestionView, State, cut
from mockexam.tui.widgets.line_list import LazyPrompt, SignedList

NUMBER_KEYS: list[BindingType] = [
    Binding(str(n), f"choose({n})", show=False, key_display="1-9", tooltip="Choose a question") for n in range(1, 10)
]
"""For a screen with such a table."""


class QuestionTable(SignedList):
    """Two lines a question: title and weight; category, marks and state. The chosen one also carries a sign."""

    views: var[tuple[QuestionView, ...]] = var(())
    chosen = var(1)
    """Number of the chosen question."""

    @dataclass
    class Chosen(Message):
        """Another question was chosen."""

        number: int

    def __init__(self) -> None:
        super().__init__(id="questions", classes="list", markup=False)

    def watch_views(self, before: tuple[QuestionView, ...], views: tuple[QuestionView, ...]) -> None:
        if [v.number for v in views] == [v.number for v in before]:
            self.redraw()
            return
        self.set_options(Option(LazyPrompt(partial(self._prompt, i)), id=str(v.number)) for i, v in enumerate(views))
        self.highlighted = self._index(self.chosen)

    def watch_chosen(self) -> None:
        self.highlighted = self._index(self.chosen)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        if event.option_id is not None and int(event.option_id) != self.chosen:
            self.chosen = int(event.option_id)
            self.post_message(self.Chosen(self.chosen))

    def _index(self, number: int) -> int | None:
        return next((i for i, view in enumerate(self.views) if view.number == number), None)

    def _prompt(self, index: int, width: int) -> Content:
        view = self.views[index]
        digits = len(str(len(self.views)))
        sign = "▸" if view.number == self.chosen else " "
        head, weight = f"{sign}{view.number:>{digits}} ", f" ×{view.weight}" if view.weight else ""
        title = cut(view.title, width - cell_len(head) - cell_len(weight))
        first = Content.assemble((head, "$text-primary"), (title, "bold"), (weight, "$muted"))
        note, tone = _note(view)
        right = formats.marks(view.marks) + (f" {note}" if note else "")
        left = set_cell_size(" " * cell_len(head) + view.category, max(0, width - cell_len(right)))
        return Content.assemble(first, "\n", (left, "$muted"), (formats.marks(view.marks), "bold"),
                                (right[len(formats.marks(view.marks)):], tone))  # fmt: skip


def _note(view: QuestionView) -> tuple[str, str]:
    """What stands behind the marks, and its tone."""
    if view.missing:
        return "file gone", "$text-warning"
    if view.state in {State.NONE, State.GRADED}:
        return ("running", "$text-secondary") if view.running else ("", "")
    return view.state.value, TONES[view.state]
