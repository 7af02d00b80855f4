"""What a look at a candidate says about its structure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

STILL_SECONDS = 0.5
"""For so long a candidate must be unchanged before it is received."""
DOUBTFUL_SECONDS = 3.0
"""The same where the times of the files look like the middle of a save; a copied folder looks so too."""


class State(StrEnum):
    """Whether a model is all there."""

    COMPLETE = "complete"
    NOT_YET = "not yet"
    """Looks like a save under way; if it stays so, an interrupted one."""
    BROKEN = "broken"
    """Waiting will not mend it."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """A state, and why, in a learner's words (empty when complete)."""

    state: State
    reason: str = ""
    patience: float = STILL_SECONDS
    """Seconds for which the candidate must be still before it counts as complete."""

    @property
    def complete(self) -> bool:
        return self.state is State.COMPLETE


COMPLETE = Judgement(State.COMPLETE)
DOUBTFUL = Judgement(State.COMPLETE, patience=DOUBTFUL_SECONDS)


def not_yet(reason: str) -> Judgement:
    """A save that seems to be under way."""
    return Judgement(State.NOT_YET, reason)


def broken(reason: str) -> Judgement:
    """Something that will not become a model by waiting."""
    return Judgement(State.BROKEN, reason)
