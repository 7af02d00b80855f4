"""Where the app opens."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class StartAt:
    """What was asked for on the command line; nothing in particular leads to the home screen."""

    exam: str | None = None
    """An exam's name, or the path of an exam file."""
    code: str | None = None
    workspace: Path | None = None
    asked: bool = False
    """Whether an exam was asked for, even if nothing else was named."""
