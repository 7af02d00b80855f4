"""A word in large letters."""

from __future__ import annotations

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

_LETTERS = {
    "P": ("█▀▀▄", "█▄▄▀", "█   "),
    "A": ("▄▀▀▄", "█▄▄█", "█  █"),
    "S": ("▄▀▀▀", "▀▄▄ ", "▄▄▄▀"),
    "F": ("█▀▀▀", "█▀▀ ", "█   "),
    "I": ("▀█▀", " █ ", "▄█▄"),
    "L": ("█   ", "█   ", "█▄▄▄"),
    "0": ("▄▀▀▄", "█  █", "▀▄▄▀"),
    "1": ("▄█ ", " █ ", "▄█▄"),
    "2": ("▀▀▀▄", "▄▀▀ ", "█▄▄▄"),
    "3": ("▀▀▀▄", " ▀▀▄", "▄▄▄▀"),
    "4": ("█  █", "▀▀▀█", "   █"),
    "5": ("█▀▀▀", "▀▀▀▄", "▄▄▄▀"),
    "/": ("  ▄▀", " █  ", "▀   "),
    "–": ("    ", "▀▀▀▀", "    "),
}


class Banner(Widget):
    """`PASS`, `FAIL` or marks as `4/5`, on three rows."""

    DEFAULT_CSS = "Banner { height: 3; width: auto; }"

    word = reactive("", layout=True)

    def render(self) -> Content:
        """The letters, side by side."""
        rows = ("  ".join(_LETTERS[letter][row] for letter in self.word) for row in range(3))
        return Content("\n".join(rows))
