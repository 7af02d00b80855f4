"""The questions of the paper with their marks and states; up and down choose one."""

from __future__ import annotations

from rich.cells import cell_len, set_cell_size
from textual.content import Content
from textual.message import Message
from textual.reactive import var
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from mockexam.tui.wording import QuestionView, State, marks_text

_TONES = {
    State.RECEIVED: "$text-secondary",
    State.GRADING: "$text-secondary",
    State.GRADED: "$text-success",
    State.INVALID: "$text-error",
    State.LIMIT: "$text-error",
    State.FAULT: "$text-warning",
}


class QuestionTable(OptionList):
    """Two lines a question: title and weight; category, marks and state. The chosen one also carries a sign."""

    views: var[tuple[QuestionView, ...]] = var(())
    chosen = var(1)
    """Number of the chosen question."""

    class Chosen(Message):
        """Another question was chosen."""

        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    def __init__(self) -> None:
        super().__init__(id="questions", markup=False)
        self._drawn: tuple[QuestionView, ...] = ()

    def watch_views(self, views: tuple[QuestionView, ...]) -> None:
        """Draw the rows that changed."""
        if [v.number for v in views] != [v.number for v in self._drawn]:
            self.set_options(Option(self._prompt(view), id=str(view.number)) for view in views)
            self.highlighted = self._index(self.chosen)
        else:
            for index, (view, old) in enumerate(zip(views, self._drawn, strict=True)):
                if view != old:
                    self.replace_option_prompt_at_index(index, self._prompt(view))
        self._drawn = views

    def watch_chosen(self) -> None:
        """Move the sign."""
        self._redraw()
        index = self._index(self.chosen)
        if index is not None and self.highlighted != index:
            self.highlighted = index

    def on_resize(self) -> None:
        """The columns end where the pane ends."""
        self._redraw()

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """The arrow keys choose."""
        event.stop()
        if event.option_id is not None and int(event.option_id) != self.chosen:
            self.chosen = int(event.option_id)
            self.post_message(self.Chosen(self.chosen))

    def _index(self, number: int) -> int | None:
        return next((i for i, view in enumerate(self.views) if view.number == number), None)

    def _redraw(self) -> None:
        for index, view in enumerate(self._drawn):
            self.replace_option_prompt_at_index(index, self._prompt(view))

    def _prompt(self, view: QuestionView) -> Content:
        width = max(20, self.scrollable_content_region.width)
        digits = len(str(len(self.views)))
        sign = "▸" if view.number == self.chosen else " "
        head, weight = f"{sign}{view.number:>{digits}} ", f" ×{view.weight}" if view.weight else ""
        title = cut(view.title, width - cell_len(head) - cell_len(weight))
        first = Content.assemble((head, "$text-primary"), (title, "bold"), (weight, "$muted"))
        note, tone = _note(view)
        right = marks_text(view.marks) + (f" {note}" if note else "")
        left = set_cell_size(" " * cell_len(head) + view.category, max(0, width - cell_len(right)))
        return Content.assemble(first, "\n", (left, "$muted"), (marks_text(view.marks), "bold"),
                                (right[len(marks_text(view.marks)):], tone))  # fmt: skip


def _note(view: QuestionView) -> tuple[str, str]:
    """What stands behind the marks, and its tone."""
    if view.missing:
        return "file gone", "$text-warning"
    if view.state in {State.NONE, State.GRADED}:
        return ("running", "$text-secondary") if view.running else ("", "")
    return view.state.value, _TONES[view.state]


def cut(text: str, width: int) -> str:
    """The text in exactly so many cells, with … where it does not fit."""
    return set_cell_size(text, width) if cell_len(text) <= width else set_cell_size(text, max(1, width - 1)) + "…"
