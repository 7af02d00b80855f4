"""What the marker does, and what holds the models it runs."""

from __future__ import annotations

from textual.content import Content
from textual.reactive import var
from textual.widgets import Static

from mockexam.session.ports import MarkerState

_STATES = {"starting": "marker starting …", "warm": "marker ready", "marking": "marker at work"}


class MarkerLine(Static):
    """A line or two."""

    marker: var[MarkerState | None] = var(None)

    def __init__(self) -> None:
        super().__init__(id="marker")

    def watch_marker(self, marker: MarkerState | None) -> None:
        """Draw."""
        if marker is None:
            return
        if marker.state == "failed":
            why = f": {marker.detail}" if marker.detail else ""
            self.update(Content.styled(f"! marker failed{why}; models are kept and marked later", "$text-warning"))
            return
        state = _STATES.get(marker.state, f"marker {marker.state}")
        told = marker.isolation and marker.state != "starting"
        self.update(Content(f"{state} · {marker.isolation}" if told else state))
