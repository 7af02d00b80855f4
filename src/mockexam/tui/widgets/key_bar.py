"""The keys of the screen, on one line that fits 80 columns.

One widget, where Textual's Footer makes one a key: the first frame comes sooner, and a change of keys draws one line.
"""

from __future__ import annotations

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.reactive import reactive
from textual.screen import Screen
from textual.widget import Widget

Shown = tuple[str, str, str]
"""A key's name, what it does, and the key to press for it."""


class KeyBar(Widget):
    """Shows the keys that work now; a click presses one. The palette's key is told in the help."""

    DEFAULT_CSS = """
    KeyBar { dock: bottom; height: 1; background: $panel; text-wrap: nowrap; text-overflow: clip; }
    """

    keys: reactive[tuple[Shown, ...]] = reactive(())

    def on_mount(self) -> None:
        """Follow the screen's keys."""
        self.screen.bindings_updated_signal.subscribe(self, self._look)
        self._look(self.screen)

    def _look(self, screen: Screen[object]) -> None:
        if screen is not self.screen or not screen.is_active:
            return
        shown: dict[str, Shown] = {}
        for active in screen.active_bindings.values():
            binding = active.binding
            if binding.show and active.enabled and binding.action not in shown:
                shown[binding.action] = (self.app.get_key_display(binding), binding.description, binding.key)
        self.keys = tuple(shown.values())

    def render(self) -> Content:
        """The line; where it is too long the keys move together."""
        gap = self._gap
        parts = [part for key, does, _ in self.keys for part in ((f" {key} ", "bold $primary"), f"{does}{gap}")]
        return Content.assemble(*parts)

    @property
    def _gap(self) -> str:
        return " " if sum(cell_len(f" {key} {does} ") for key, does, _ in self.keys) <= self.size.width else ""

    def on_click(self, event: events.Click) -> None:
        """Press the key under the mouse."""
        column, gap = 0, self._gap
        for key, does, press in self.keys:
            column += cell_len(f" {key} {does}{gap}")
            if event.x < column:
                self.app.simulate_key(press)
                return
