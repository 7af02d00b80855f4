"""What workers tell the app. They post; only the app's handlers change anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

from mockexam.errors import ToldError

if TYPE_CHECKING:
    from mockexam.session.ports import SittingPort, Snapshot
    from mockexam.tui.services import OutputPort


class SnapshotChanged(Message):
    """A sitting has a new picture."""

    def __init__(self, sitting: SittingPort, snapshot: Snapshot) -> None:
        super().__init__()
        self.sitting = sitting
        self.snapshot = snapshot


class SittingStopped(Message):
    """A sitting came to its end, or had to stop for a told reason."""

    def __init__(self, sitting: SittingPort, error: ToldError | None = None) -> None:
        super().__init__()
        self.sitting = sitting
        self.error = error


class ScriptOutput(Message):
    """The running script printed something."""

    def __init__(self, output: OutputPort) -> None:
        super().__init__()
        self.output = output


class ScriptRefused(Message):
    """The script could not be started."""

    def __init__(self, error: ToldError) -> None:
        super().__init__()
        self.error = error


class ScriptChanged(Message):
    """The script was started, ended or was stopped."""
