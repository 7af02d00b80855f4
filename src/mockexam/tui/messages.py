"""What workers tell the app. They post; only the app's handlers change anything."""

from __future__ import annotations

from textual.message import Message

from mockexam.errors import ToldError
from mockexam.sitting.snapshot import Snapshot


class SnapshotChanged(Message):
    """The sitting has a new picture."""

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__()
        self.snapshot = snapshot


class SittingStopped(Message):
    """The sitting came to its end, or had to stop for a told reason."""

    def __init__(self, error: ToldError | None = None) -> None:
        super().__init__()
        self.error = error


class ScriptOutput(Message):
    """Lines of the running script; with the second part true, a line stands in the place of the one before."""

    def __init__(self, lines: tuple[tuple[str, bool], ...]) -> None:
        super().__init__()
        self.lines = lines


class ScriptChanged(Message):
    """The script was started, ended or was stopped."""
