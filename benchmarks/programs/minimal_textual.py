"""The smallest Textual app that shows something: what the app's first frame is compared with."""

from textual.app import App, ComposeResult
from textual.widgets import Static


class Minimal(App[None]):
    """One text."""

    def compose(self) -> ComposeResult:
        """The text that is waited for."""
        yield Static("painted")


if __name__ == "__main__":
    Minimal().run()
