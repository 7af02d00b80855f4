"""The output of a question's script."""

from __future__ import annotations

import re

from textual.content import Content
from textual.reactive import var

from mockexam.tui.services import OutputPort
from mockexam.tui.widgets.wrapped_log import WrappedLog

_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-_])")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


class RunPane(WrappedLog):
    """Bounded; a progress bar's line replaces the one before."""

    told = var("")
    """What runs, or how it ended: the pane's subtitle."""

    def __init__(self) -> None:
        super().__init__(empty="r runs the question's solution.py; what it prints shows here.", id="run")
        self._live = False

    def watch_told(self, told: str) -> None:
        """Show it in the border."""
        self.border_title = f"Output · {told}" if told else "Output"

    def print(self, output: OutputPort) -> None:
        """Add what the script printed; the live line of the last time has had its day."""
        fresh = [Content(clean(line)) for line in output.lines]
        if output.dropped:
            fresh.insert(0, Content.styled(f"… {output.dropped} lines came too fast to be shown", "$muted"))
        if output.live:
            fresh.append(Content(clean(output.live)))
        self.add(*fresh, in_place=self._live)
        self._live = bool(output.live)

    def mark(self, text: str) -> None:
        """Add a line of ours."""
        self.add(Content.styled(f"── {text}", "$muted"))
        self._live = False


def clean(text: str) -> str:
    """Text without the control sequences that would spoil the screen."""
    return _CONTROLS.sub("", _ESCAPES.sub("", text.expandtabs(4)))
