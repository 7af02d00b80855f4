"""What the watcher tells about the question folders."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mockexam.exam.events import ModelFormat
from mockexam.workspace.signature import Signature


@dataclass(frozen=True, slots=True)
class Sighting:
    """A model that is all there and can be received."""

    number: int
    """The question's."""
    path: Path
    format: ModelFormat
    signature: Signature
    hurried: bool = False
    """It is rewritten without a still moment: to be caught between two saves, in whatever state it then is."""


@dataclass(frozen=True, slots=True)
class Broken:
    """Something under a candidate's name that stays no whole model."""

    number: int
    path: Path
    reason: str
    """In a learner's words."""


@dataclass(frozen=True, slots=True)
class Hint:
    """A model-like file that is not received."""

    number: int | None
    """None for the workspace's top folder."""
    path: Path
    text: str
    """How to submit it."""


Seen = Sighting | Broken | Hint
