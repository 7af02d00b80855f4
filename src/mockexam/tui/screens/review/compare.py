"""Two attempts beside each other."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.reactive import var
from textual.screen import Screen
from textual.widgets import Static

from mockexam.errors import UserError
from mockexam.review.compare import Comparison
from mockexam.tui.screens.review.compare_text import comparison_text
from mockexam.tui.widgets.key_bar import KeyBar
from mockexam.tui.widgets.line import Line
from mockexam.tui.widgets.running_clock import RunningClock
from mockexam.tui.widgets.told import Told

if TYPE_CHECKING:
    from mockexam.review.service import Review


class CompareScreen(Screen[None]):
    """Changes are told from the left one to the right one."""

    CSS_PATH = "compare.tcss"
    AUTO_FOCUS = "#comparison-scroll"
    HELP_TEXT = (
        "What changed from the left attempt to the right one. Questions stand beside the same question, else beside "
        "one of their category. A metric is compared only where both answered the same question."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("k", "by", "Questions or categories", tooltip="Question by question, or category by category"),
        Binding("s", "swap", "Swap sides", tooltip="The right one to the left"),
        Binding("question_mark,f1", "app.help", "Help", key_display="?", tooltip="What the keys do"),
        Binding("escape,q,c", "back", "Back", key_display="esc", tooltip="Back"),
    ]

    found: var[Comparison | None] = var(None)
    by_category = var(False, init=False)

    def __init__(self, review: Review, left: str, right: str) -> None:
        super().__init__()
        self._review = review
        self._pair = (left, right)

    def compose(self) -> ComposeResult:
        """Heading, the comparison, keys."""
        with Horizontal(id="review-head"):
            yield Line(id="review-title")
            yield RunningClock()
        yield Told()
        with VerticalScroll(id="comparison-scroll"):
            yield Static("Reading …", id="comparison")
        yield KeyBar()

    def on_mount(self) -> None:
        """Read both."""
        self.query_one("#review-title", Line).text = "Two attempts compared"
        self._read_both()

    def on_resize(self) -> None:
        """The columns have the new width."""
        self._draw()

    def _read_both(self) -> None:
        self._read()

    @work(group="read", exclusive=True)
    async def _read(self) -> None:
        try:
            self.found = await asyncio.to_thread(self._review.compare, *self._pair)
        except UserError as error:
            self.query_one("#comparison", Static).update("")
            self.query_one(Told).error = error

    def watch_found(self) -> None:
        """Show what was read."""
        self._draw()

    def watch_by_category(self) -> None:
        """Show it the other way."""
        self._draw()

    def _draw(self) -> None:
        if self.found is not None:
            width = self.query_one("#comparison-scroll").scrollable_content_region.width or 76
            text = comparison_text(self.found, width, by_category=self.by_category)
            self.query_one("#comparison", Static).update(text)

    def action_by(self) -> None:
        """The other way."""
        self.by_category = not self.by_category

    def action_swap(self) -> None:
        """The other way round."""
        self._pair = (self._pair[1], self._pair[0])
        self._read_both()

    def action_back(self) -> None:
        """Back."""
        self.dismiss()
