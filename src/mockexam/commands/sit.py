"""`mockexam` and `mockexam sit`: the app."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mockexam.sitting.ports import RetryChoice


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked for on the command line."""

    exam: str | None = None
    code: str | None = None
    workspace: Path | None = None
    retry: RetryChoice | None = None
    """What is to be practised, in place of an exam."""

    @property
    def empty(self) -> bool:
        """Whether nothing in particular was asked for."""
        return self == Request()


def open_app(request: Request | None) -> int:
    """Run the full-screen app; with a request it opens at the start of that exam. Returns the exit code."""
    from mockexam.tui.launch import run_app

    return run_app(request)
