"""A list of lines with a cursor; only what is seen is drawn, so that thousands cost no more than a screenful."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.visual import Visual

Draw = Callable[[int, int], Content]
"""A row's index and the width in cells, to the row's line."""


class LineList(ScrollView, can_focus=True):
    """Rows of one line each. The row under the cursor also begins with a sign."""

    DEFAULT_CSS = """
    LineList { height: 1fr; overflow-x: hidden; overflow-y: auto; scrollbar-gutter: stable; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("home", "move(-1000000)", show=False),
        Binding("end", "move(1000000)", show=False),
    ]

    cursor = reactive(0)

    class Moved(Message):
        """The cursor stands on another row."""

        def __init__(self, widget: LineList, row: int) -> None:
            super().__init__()
            self.widget = widget
            self.row = row

    class Seen(Message):
        """Other rows are in view."""

    def __init__(self, draw: Draw, *, empty: str = "", id: str | None = None) -> None:
        """`empty` is shown while there is no row."""
        super().__init__(id=id)
        self._row_of = draw
        self._empty = empty
        self._count = 0

    @property
    def count(self) -> int:
        """How many rows there are."""
        return self._count

    @property
    def in_view(self) -> range:
        """The rows that are seen."""
        first = round(self.scroll_y)
        return range(first, min(self._count, first + self.size.height))

    def show(self, count: int, *, cursor: int = 0, empty: str | None = None) -> None:
        """There are so many rows now; put the cursor on one of them."""
        self._count = count
        self._empty = self._empty if empty is None else empty
        self.virtual_size = Size(self.scrollable_content_region.width, count)
        self.cursor = max(0, min(cursor, count - 1))
        self._follow()
        self.refresh()
        self.post_message(self.Seen())

    def validate_cursor(self, cursor: int) -> int:
        """Stay within the rows."""
        return max(0, min(cursor, self._count - 1))

    def watch_cursor(self) -> None:
        """Keep it in view, and tell."""
        self._follow()
        self.post_message(self.Moved(self, self.cursor))

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Tell what is seen now."""
        super().watch_scroll_y(old_value, new_value)
        if round(old_value) != round(new_value):
            self.post_message(self.Seen())

    def on_resize(self) -> None:
        """Rows have the new width."""
        self.virtual_size = Size(self.scrollable_content_region.width, self._count)
        self._follow()
        self.refresh()
        self.post_message(self.Seen())

    def action_move(self, rows: int) -> None:
        """Up or down."""
        self.cursor += rows

    def action_page(self, direction: int) -> None:
        """Up or down by what is seen."""
        self.cursor += direction * max(1, self.size.height - 1)

    def on_click(self, event: events.Click) -> None:
        """The cursor goes where the mouse is."""
        row = event.y + round(self.scroll_y)
        if row < self._count:
            self.cursor = row

    def _follow(self) -> None:
        height = self.size.height
        first = round(self.scroll_y)
        if height and not first <= self.cursor < first + height:
            top = self.cursor if self.cursor < first else self.cursor - height + 1
            self.scroll_to(y=top, animate=False, immediate=True)

    def _line(self, row: int, width: int) -> Content:
        here = row == self.cursor
        line = Content.assemble(("▸" if here else " ", "bold $primary"), self._row_of(row, width - 1))
        if not here:
            return line
        return line.pad_right(max(0, width - line.cell_length)).stylize(
            "on $panel" if self.has_focus else "on $surface"
        )

    def render_line(self, y: int) -> Strip:
        """One row of the list."""
        width = self.scrollable_content_region.width
        row = y + round(self.scroll_y)
        if row >= self._count:
            line = Content.styled(self._empty, "$muted") if y == 0 and not self._count else Content("")
        else:
            line = self._line(row, width)
        strips = Visual.to_strips(self, line, max(1, width), 1, self.visual_style)
        strip = strips[0] if strips else Strip.blank(width)
        return strip.adjust_cell_length(self.size.width, self.rich_style).apply_style(self.rich_style)
