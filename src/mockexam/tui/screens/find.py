"""`/` finds words in the focused list or text; from a match, `n` leads to the next."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import ScrollableContainer, Vertical
from textual.content import Content
from textual.geometry import Offset, Region
from textual.selection import Selection
from textual.widget import Widget
from textual.widgets import Input, OptionList, Static

from mockexam.tui.screens.modal import Modal
from mockexam.tui.widgets.line_list import LazyPrompt
from mockexam.tui.widgets.log import WrappedLog

Show = Callable[[], None]
"""Brings a match into view and marks it."""


class Find(Modal[str]):
    """Asks for the words; Enter finds them, Esc leaves everything as it is."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", "Cancel")]

    def __init__(self, words: str) -> None:
        """`words` is proposed: what was looked for before."""
        super().__init__("Find", "enter Find · esc Cancel")
        self._words = words

    def compose(self) -> ComposeResult:
        with Vertical(id="box"):
            yield Input(self._words, placeholder="words in this list or text", compact=True)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.dismiss(event.value.strip())


def matches(pane: Widget, words: str) -> list[Show]:
    """Where these words occur in a list, a log or a text, from the top; upper and lower case are alike."""
    pattern = re.compile(re.escape(words), re.IGNORECASE)
    if isinstance(pane, OptionList):
        return [partial(setattr, pane, "highlighted", row) for row in _rows(pane, pattern)]
    if isinstance(pane, WrappedLog):
        return [partial(pane.show_entry, at) for at, line in enumerate(pane.lines) if pattern.search(line)]
    return [
        partial(_mark, pane, leaf, leaf.visual, found.span())
        for leaf in pane.query(Static)
        if isinstance(leaf.visual, Content) and leaf.region
        for found in pattern.finditer(leaf.visual.plain)
    ]


def can_be_searched(pane: Widget | None) -> bool:
    """Whether `matches` can look through the focused widget."""
    return isinstance(pane, OptionList | ScrollableContainer)


def _rows(pane: OptionList, pattern: re.Pattern[str]) -> Iterator[int]:
    width = pane.scrollable_content_region.width
    for row, option in enumerate(pane.options):
        prompt = option.prompt
        text = prompt.text(width) if isinstance(prompt, LazyPrompt) else str(prompt)
        if not option.disabled and pattern.search(text):
            yield row


def _mark(pane: Widget, leaf: Static, content: Content, span: tuple[int, int]) -> None:
    """Select the words, as the mouse would, and scroll to them."""
    before = content.plain[: span[0]]
    line, column = before.count("\n"), len(before) - before.rfind("\n") - 1
    pane.screen.selections = {leaf: Selection(Offset(column, line), Offset(column + span[1] - span[0], line))}
    if leaf.styles.text_wrap != "nowrap":
        line, column = len(content[: span[0] + 1].wrap(max(1, leaf.content_size.width))) - 1, 0
    place = leaf.content_region.offset - pane.content_region.offset + pane.scroll_offset + Offset(column, line)
    pane.scroll_to_region(Region(*place, span[1] - span[0], 1), animate=False, center=True, force=True)
