"""Where the app opens."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mockexam.session.ports import RetryChoice


@dataclass(frozen=True, slots=True)
class StartAt:
    """What was asked for on the command line; nothing in particular leads to the home screen."""

    exam: str | None = None
    """An exam's name, or the path of an exam file."""
    code: str | None = None
    workspace: Path | None = None
    asked: bool = False
    """Whether an exam was asked for, even if nothing else was named."""
    retry: RetryChoice | None = None
    """What is to be practised, in place of an exam; `exam` and `code` say nothing then."""
    review: str | None = None
    """The attempt to look at: its id, a part of it, or `last`."""
    review_asked: bool = False
    """Whether the review was asked for, of one attempt or of all."""
