"""What is being done and takes a while; gone when it is done."""

from __future__ import annotations

from mockexam.tui.widgets.line import Line


class Doing(Line):
    """A line that takes no room while it is empty."""

    DEFAULT_CSS = """
    Doing { display: none; height: 1; padding: 0 1; color: $text-secondary; }
    Doing.-shown { display: block; }
    """

    def watch_text(self, text: str) -> None:
        """Come and go."""
        self.set_class(bool(text), "-shown")
