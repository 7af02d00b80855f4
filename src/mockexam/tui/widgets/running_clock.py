"""The time left of the attempt under way, on the screens that do not belong to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from mockexam.text.units import time_text

if TYPE_CHECKING:
    from mockexam.session.ports import Snapshot


class RunningClock(Widget):
    """Empty while nothing runs."""

    DEFAULT_CSS = "RunningClock { height: 1; width: auto; }"

    shown = reactive("", layout=True)

    def on_mount(self) -> None:
        """Follow the app's picture."""
        self.watch(self.app, "snapshot", self._look)

    def _look(self, snapshot: Snapshot | None) -> None:
        running = snapshot is not None and snapshot.attempt.finished is None
        self.shown = f"clock runs: {time_text(snapshot.remaining)} left" if snapshot and running else ""
        if snapshot and running and snapshot.remaining is None:
            self.shown = "an attempt is open"

    def render(self) -> Content:
        """The time."""
        return Content.styled(self.shown, "bold $text-warning")
