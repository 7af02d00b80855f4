"""The questions of the paper with their marks and states; up and down select one."""

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
from mockexam.tui.labels import TONES, QuestionRow, State, cut
from mockexam.tui.widgets.line_list import CursorList, LazyPrompt

NUMBER_KEYS: list[BindingType] = [
    Binding(str(n), f"choose({n})", show=False, key_display="1-9", tooltip="Select a question") for n in range(1, 10)
]
"""Bindings for a screen with a question table."""


class QuestionTable(CursorList):
    """Two lines per question: title and weight; category, marks and state. A symbol marks the selected one."""

    rows: var[tuple[QuestionRow, ...]] = var(())
    chosen = var(1)
    """Number of the selected question."""

    @dataclass
    class QuestionSelected(Message):
        """Another question was selected."""

        number: int

    def __init__(self) -> None:
        super().__init__(id="questions", classes="list", markup=False)

    def watch_rows(self, before: tuple[QuestionRow, ...], rows: tuple[QuestionRow, ...]) -> None:
        if [v.number for v in rows] == [v.number for v in before]:
            self.redraw()
            return
        self.set_options(Option(LazyPrompt(partial(self._prompt, i)), id=str(v.number)) for i, v in enumerate(rows))
        self.highlighted = self._index(self.chosen)

    def watch_chosen(self) -> None:
        self.highlighted = self._index(self.chosen)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        if event.option_id is not None and int(event.option_id) != self.chosen:
            self.chosen = int(event.option_id)
            self.post_message(self.QuestionSelected(self.chosen))

    def _index(self, number: int) -> int | None:
        return next((i for i, row in enumerate(self.rows) if row.number == number), None)

    def _prompt(self, index: int, width: int) -> Content:
        row = self.rows[index]
        digits = len(str(len(self.rows)))
        sign = "▸" if row.number == self.chosen else " "
        head, weight = f"{sign}{row.number:>{digits}} ", f" ×{row.weight}" if row.weight else ""
        title = cut(row.title, width - cell_len(head) - cell_len(weight))
        first = Content.assemble((head, "$text-primary"), (title, "bold"), (weight, "$muted"))
        note, tone = _note(row)
        right = formats.marks(row.marks) + (f" {note}" if note else "")
        left = set_cell_size(" " * cell_len(head) + row.category, max(0, width - cell_len(right)))
        return Content.assemble(first, "\n", (left, "$muted"), (formats.marks(row.marks), "bold"),
                                (right[len(formats.marks(row.marks)):], tone))  # fmt: skip


def _note(row: QuestionRow) -> tuple[str, str]:
    """The note after the marks, and its style."""
    if row.missing:
        return "missing", "$text-warning"
    if row.state in {State.NONE, State.GRADED}:
        return ("running", "$text-secondary") if row.running else ("", "")
    return row.state.value, TONES[row.state]
