"""A line of text that is drawn only when it changes."""

from __future__ import annotations

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget


class Line(Widget):
    """Shows its text as it is, never as markup."""

    text = reactive("")

    def render(self) -> Content:
        """The text."""
        return Content(self.text)
