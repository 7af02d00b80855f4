"""Names and values, a line each, the values below each other."""

from __future__ import annotations

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from mockexam.tui.feedback import Rows


class Numbers(Widget):
    """What can be told of a question in numbers."""

    DEFAULT_CSS = "Numbers { height: auto; padding: 0 1; }"

    rows: reactive[Rows] = reactive((), layout=True)

    def render(self) -> Content:
        """The lines."""
        return numbers_content(self.rows)


def numbers_content(rows: Rows) -> Content:
    """The lines as text."""
    width = max((len(name) for name, _ in rows), default=0)
    lines = [Content.assemble((f"{name:<{width}}  ", "$muted"), (value, "bold")) for name, value in rows]
    return Content("\n").join(lines)
