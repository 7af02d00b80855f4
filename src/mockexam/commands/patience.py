"""Progress that is shown only of what takes longer than a moment."""

from __future__ import annotations

import time

from mockexam.commands.progress import ProgressLine

_MOMENT = 1.0
"""Seconds."""


class LateProgress:
    """Like `ProgressLine`, but silent for the first second."""

    def __init__(self) -> None:
        self._line: ProgressLine | None = None
        self._begun = time.monotonic()

    def __call__(self, fraction: float, text: str) -> None:
        """Show how far it is, if it has lasted."""
        if self._line is None and fraction < 1 and time.monotonic() - self._begun > _MOMENT:
            self._line = ProgressLine()
        if self._line is not None:
            self._line(fraction, text)
