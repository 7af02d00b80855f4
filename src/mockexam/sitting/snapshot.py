"""What a user interface draws: a frozen picture of a sitting at one moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from mockexam.exam.attempt import Attempt, Phase
from mockexam.exam.clock import Reading


class Tone(StrEnum):
    """How a line of activity is meant."""

    INFO = "info"
    GOOD = "good"
    WARN = "warn"
    ERROR = "error"


@dataclass(frozen=True)
class Activity:
    """One line of what happened."""

    wall: float
    """Seconds since 1970 UTC."""
    number: int | None
    """The question it concerns."""
    text: str
    tone: Tone = Tone.INFO


@dataclass(frozen=True)
class MarkerState:
    """What the marker is doing."""

    state: str = "starting"
    """`starting`, `warm`, `marking`, `failed`."""
    isolation: str = ""
    detail: str = ""


@dataclass(frozen=True)
class Snapshot:
    """A sitting at one moment."""

    attempt: Attempt
    now: Reading
    remaining: float | None
    """Seconds left; None when untimed."""
    marker: MarkerState
    marking: str | None = None
    """The submission that is being marked."""
    activity: tuple[Activity, ...] = ()
    """Oldest first."""
    missing: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    """By question number: what is missing from its folder and can be restored, e.g. ('solution.py', 'data')."""

    @property
    def phase(self) -> Phase:
        """Running, marking or ended."""
        return self.attempt.phase
