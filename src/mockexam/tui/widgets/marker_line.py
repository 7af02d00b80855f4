"""What the marker does, and what holds the models it runs."""

from __future__ import annotations

from textual.content import Content
from textual.reactive import var
from textual.widgets import Static

from mockexam.session.ports import GraderState

_STATES = {"starting": "marker starting …", "warm": "marker ready", "marking": "marker at work"}


class MarkerLine(Static):
    """A line or two."""

    grader: var[GraderState | None] = var(None)

    def __init__(self) -> None:
        super().__init__(id="marker")

    def watch_grader(self, grader: GraderState | None) -> None:
        """Draw."""
        if grader is None:
            return
        if grader.state == "failed":
            why = f": {grader.detail}" if grader.detail else ""
            self.update(Content.styled(f"! marker failed{why}; models are kept and marked later", "$text-warning"))
            return
        state = _STATES.get(grader.state, f"marker {grader.state}")
        told = grader.isolation and grader.state != "starting"
        self.update(Content(f"{state} · {grader.isolation}" if told else state))
