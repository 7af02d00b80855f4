"""The keys of the screen, on one line that fits 80 columns."""

from __future__ import annotations

from textual.widgets import Footer


class KeyBar(Footer):
    """A footer without the palette's key: that one is told in the help."""

    def __init__(self) -> None:
        super().__init__(show_command_palette=False)
