"""What workers tell the app. They post; only the app's handlers change anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

from mockexam.errors import UserError

if TYPE_CHECKING:
    from mockexam.session.ports import ExamSessionPort, Snapshot
    from mockexam.tui.services import OutputPort


class SnapshotChanged(Message):
    """A sitting has a new picture."""

    def __init__(self, session: ExamSessionPort, snapshot: Snapshot) -> None:
        super().__init__()
        self.session = session
        self.snapshot = snapshot


class SessionStopped(Message):
    """A sitting came to its end, or had to stop for a told reason."""

    def __init__(self, session: ExamSessionPort, error: UserError | None = None) -> None:
        super().__init__()
        self.session = session
        self.error = error


class ScriptOutput(Message):
    """The running script printed something."""

    def __init__(self, output: OutputPort) -> None:
        super().__init__()
        self.output = output


class ScriptRefused(Message):
    """The script could not be started."""

    def __init__(self, error: UserError) -> None:
        super().__init__()
        self.error = error


class ScriptChanged(Message):
    """The script was started, ended or was stopped."""
