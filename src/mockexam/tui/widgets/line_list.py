"""Lists that draw only visible lines, so that thousands cost no more than a screenful."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.css.styles import RulesMap
from textual.message import Message
from textual.strip import Strip
from textual.style import Style
from textual.visual import RenderOptions, Visual
from textual.widgets import OptionList
from textual.widgets.option_list import Option

MOVE_KEYS: list[BindingType] = [
    Binding("j", "app.press('down')", "Down", show=False, tooltip="Down, up; as the arrow keys"),
    Binding("k", "app.press('up')", "Up", show=False, tooltip="Down, up; as the arrow keys"),
    Binding("g", "app.press('home')", "Top", show=False, tooltip="To the top, to the end"),
    Binding("G", "app.press('end')", "End", show=False, tooltip="To the top, to the end"),
    Binding("slash", "app.find", "Find", show=False, key_display="/", tooltip="Find words in the focused list or text"),
    Binding("n", "app.find_next", "Next match", show=False, tooltip="Next match of what / found"),
]
"""For the focused list or text, of whatever kind; a dialog hides the app's bindings and so has them too."""
NUMBER_KEYS: list[BindingType] = [
    Binding(str(n), f"choose({n})", show=False, key_display="1-9", tooltip="Choose by number") for n in range(1, 10)
]
"""Bindings for a screen with numbered lines."""
Draw = Callable[[int, int], Content]
"""Draws a row: its index and the width in cells give its line."""


class LazyPrompt(Visual):
    """An option's text, made for the current width when it becomes visible."""

    def __init__(self, make: Callable[[int], Content], *, one_line: bool = False) -> None:
        """`make` gets the width in cells. With `one_line` it is not called to measure the height."""
        self._make = make
        self._one_line = one_line

    def text(self, width: int) -> str:
        return self._make(width).plain

    def render_strips(self, width: int, height: int | None, style: Style, options: RenderOptions) -> list[Strip]:
        return self._make(width).render_strips(width, 1 if self._one_line else height, style, options)

    def get_optimal_width(self, rules: RulesMap, container_width: int) -> int:  # noqa: ARG002  # Textual's
        return container_width

    def get_minimal_width(self, rules: RulesMap) -> int:  # noqa: ARG002  # Textual's
        return 1

    def get_height(self, rules: RulesMap, width: int) -> int:
        return 1 if self._one_line else self._make(width).get_height(rules, width)


class CursorList(OptionList):
    """LazyPrompts with a symbol at the cursor, so they are redrawn when it moves."""

    def watch_highlighted(self, highlighted: int | None) -> None:
        self._option_render_cache.clear()
        super().watch_highlighted(highlighted)

    def redraw(self) -> None:
        """Redraw all options: their content changed, but not their heights."""
        self._option_render_cache.clear()
        self.refresh()


class LineList(CursorList, inherit_bindings=False):
    """Rows of one line each, or wrapped; a symbol marks the cursor. The screen handles Enter.

    Not a DataTable, which measures every cell before it shows the first: 0.8 s for 2,000 attempts, this 0.05 s.
    """

    DEFAULT_CSS = "LineList { height: 1fr; scrollbar-gutter: stable; }"
    # Textual's own bindings wrap around at the ends.
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("home", "first", show=False),
        Binding("end", "last", show=False),
    ]

    class ViewChanged(Message):
        """Other rows came into view."""

    def __init__(self, draw: Draw, *, empty: str = "", id: str | None = None, wraps: bool = False) -> None:
        """`empty` is shown when there are no rows. `wraps` is for short lists: the height of each row is measured."""
        super().__init__(id=id, classes="list", markup=False)
        self._row_of = draw
        self._empty = empty
        self._one_line = not wraps
        self._count = 0

    @property
    def cursor(self) -> int:
        """The row under the cursor; 0 if there is none."""
        return self.highlighted or 0

    @property
    def in_view(self) -> range:
        first = round(self.scroll_y)
        return range(first, min(self._count, first + self.size.height))

    def show(self, count: int, *, cursor: int = 0, empty: str | None = None) -> None:
        """Show `count` rows with the cursor on one of them."""
        self._count = count
        self._empty = self._empty if empty is None else empty
        rows = [Option(LazyPrompt(partial(self._line, row), one_line=self._one_line)) for row in range(count)]
        nothing = LazyPrompt(lambda _: Content.styled(self._empty, "$muted"), one_line=True)
        self.set_options(rows or [Option(nothing, disabled=True)])
        self.highlighted = cursor if count else None
        self.post_message(self.ViewChanged())

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        if round(old_value) != round(new_value):
            self.post_message(self.ViewChanged())

    def on_resize(self) -> None:
        self.call_after_refresh(self.scroll_to_highlight)
        self.post_message(self.ViewChanged())

    def action_move(self, rows: int) -> None:
        """Move up or down and stop at the ends."""
        if self._count:
            self.highlighted = max(0, min(self.cursor + rows, self._count - 1))

    def action_page(self, direction: int) -> None:
        self.action_move(direction * max(1, self.size.height - 1))

    def _line(self, row: int, width: int) -> Content:
        sign = "▸" if row == self.highlighted else " "
        return Content.assemble((sign, "bold $primary"), self._row_of(row, width - 1))
