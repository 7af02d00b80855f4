"""What changed in a question's scripts since a submission."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import ScrollableContainer, Vertical
from textual.widgets import Static

from mockexam.tui.screens.modal import Modal
from mockexam.tui.screens.review.script_text import diff_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mockexam.review.script_diff import DiffLine


class ChangesScreen(Modal[None]):
    """Scrolls both ways."""

    CSS_PATH = "changes.tcss"
    AUTO_FOCUS = "#changes"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,enter,q,d", "close", "Close", key_display="esc")]

    def __init__(self, title: str, lines: Sequence[DiffLine]) -> None:
        super().__init__()
        self._title = title
        self._lines = lines

    def compose(self) -> ComposeResult:
        """The signs, then the lines."""
        with Vertical(id="box") as box:
            box.border_title = self._title
            box.border_subtitle = "− then · + now · ↑ ↓ ← → scroll · esc Back"
            with ScrollableContainer(id="changes"):
                yield Static(diff_text(self._lines), id="lines", markup=False)

    def action_close(self) -> None:
        """Back."""
        self.dismiss(None)
