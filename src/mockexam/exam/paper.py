"""The rules of an attempt, and the paper drawn for it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Counts(StrEnum):
    """Which submission of a question counts."""

    BEST = "best"
    LAST = "last"


class Mode(StrEnum):
    """What kind of attempt it is; fixed when it starts."""

    EXAM = "exam"
    RETRY = "retry"


@dataclass(frozen=True)
class Rules:
    """The exam's rules for an attempt, copied from the exam file at the start."""

    exam: str
    """The exam file's name without ending, unless an exam of the bank is called so."""
    title: str
    duration: float | None
    """Seconds; None for an untimed attempt."""
    pass_mark: int
    """Per cent of the weighted total."""
    counts: Counts


@dataclass(frozen=True)
class PaperItem:
    """One question on a paper."""

    number: int
    """From 1, as shown."""
    question: str
    """The question's id, `category/name`."""
    category: str
    title: str
    weight: int
    minutes: int
    """How long a prepared candidate needs."""
    fingerprint: str
    """Identifies the question's data and contract as they were when the paper was drawn."""
    folder: str
    """Name of its folder in the workspace."""


@dataclass(frozen=True)
class Paper:
    """The questions drawn for one attempt; the same code is the same paper."""

    code: str
    items: tuple[PaperItem, ...]

    def item(self, number: int) -> PaperItem:
        """The question with this number. Raises KeyError if there is none."""
        return {item.number: item for item in self.items}[number]
