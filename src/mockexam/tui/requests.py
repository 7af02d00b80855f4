"""What the command line asks of the app. Without Textual: `--plain` reads it too."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mockexam.session.ports import RetryChoice


@dataclass(frozen=True, slots=True)
class StartRequest:
    """An attempt to start."""

    exam: str | None = None
    """An exam's name, or the path of an exam file."""
    code: str | None = None
    workspace: Path | None = None
    retry: RetryChoice | None = None
    """What to retry instead of an exam; `exam` and `code` are then ignored."""


@dataclass(frozen=True, slots=True)
class ReviewRequest:
    """Attempts to review."""

    attempt: str | None = None
    """Its id, an unambiguous part of it, or `last`; None for all."""
