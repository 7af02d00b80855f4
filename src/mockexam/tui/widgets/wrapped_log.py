"""Lines that come in one by one: wrapped to the width, bounded, following the end unless scrolled away."""

from __future__ import annotations

from collections import deque

from textual.content import Content
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.visual import Visual

MAX_ENTRIES = 2000


class WrappedLog(ScrollView, can_focus=True):
    """A log whose last line can be replaced, for progress bars."""

    DEFAULT_CSS = """
    WrappedLog { scrollbar-gutter: stable; overflow-x: hidden; overflow-y: auto; }
    """

    def __init__(self, *, empty: str = "", id: str | None = None) -> None:
        """`empty` is shown while there is no line."""
        super().__init__(id=id)
        self._empty = Content(empty)
        self._entries: deque[Content] = deque(maxlen=MAX_ENTRIES)
        self._drawn: deque[list[Strip]] = deque(maxlen=MAX_ENTRIES)
        self._flat: list[Strip] | None = None
        self._width = 0

    @property
    def lines(self) -> list[str]:
        """The text of all entries, oldest first."""
        return [entry.plain for entry in self._entries]

    def add(self, *entries: Content, in_place: bool = False) -> None:
        """Add entries at the end; with `in_place` they stand in the place of the last one."""
        if in_place and self._entries:
            self._entries.pop()
            if self._drawn:
                self._drawn.pop()
        self._entries.extend(entries)
        if self._width:
            self._drawn.extend(map(self._draw, entries))
        self._measure()
        self.refresh()

    def clear(self) -> None:
        """Forget all lines."""
        self._entries.clear()
        self._drawn.clear()
        self._measure()
        self.refresh()

    def on_mount(self) -> None:
        """Follow the end, until scrolled away from it."""
        self.anchor()

    def on_resize(self) -> None:
        """Wrap anew."""
        self._redraw()

    def notify_style_update(self) -> None:
        """Draw anew in another theme."""
        super().notify_style_update()
        if self._width:
            self._redraw()

    def _redraw(self) -> None:
        self._width = self.scrollable_content_region.width
        self._drawn = deque((self._draw(entry) for entry in self._entries), maxlen=MAX_ENTRIES)
        self._measure()
        self.refresh()

    def _draw(self, content: Content) -> list[Strip]:
        return Visual.to_strips(self, content, max(1, self._width), None, self.visual_style) or [
            Strip.blank(self._width)
        ]

    def _measure(self) -> None:
        self._flat = None
        self.virtual_size = Size(self._width, sum(map(len, self._drawn)))

    def render_line(self, y: int) -> Strip:
        """One row of the pane."""
        if self._flat is None:
            self._flat = [strip for strips in self._drawn for strip in strips]
            if not self._flat:
                self._flat = self._draw(self._empty.stylize("$muted"))
        row = y + self.scroll_offset.y
        if row >= len(self._flat):
            return Strip.blank(self.size.width, self.rich_style)
        return self._flat[row].adjust_cell_length(self.size.width, self.rich_style).apply_style(self.rich_style)
