"""How often a classifier is right, by class, and which classes it confuses: counts of unseen samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

MOST_CLASSES = 100
"""Classes that are recorded, those with the lowest recall."""
MOST_CONFUSIONS = 100
"""Pairs that are recorded, the largest: all there can be with up to ten classes."""


@dataclass(frozen=True, slots=True)
class ClassRecall:
    """How many of a class' samples were recognised."""

    name: str
    samples: int
    """Unseen samples of this class, at least one."""
    right: int
    train_share: float | None = None
    """Its share of the training data, 0 to 1; None if unknown."""

    @property
    def recall(self) -> float:
        """0 to 1."""
        return self.right / self.samples


@dataclass(frozen=True, slots=True)
class Confusion:
    """How many samples of one class were taken for another."""

    true: str
    predicted: str
    samples: int


@dataclass(frozen=True, slots=True)
class ClassReport:
    """Recall by class, and the confusion matrix outside its diagonal."""

    classes: tuple[ClassRecall, ...]
    """In the question's order; in a report with more than MOST_CLASSES those with the lowest recall."""
    confusions: tuple[Confusion, ...]
    """The largest first."""

    @property
    def lowest(self) -> tuple[ClassRecall, ...]:
        """The classes, lowest recall first."""
        return tuple(sorted(self.classes, key=lambda c: c.recall))

    @property
    def matrix(self) -> tuple[tuple[int, ...], ...] | None:
        """The confusion matrix, rows by true and columns by predicted class; None if not all of it is recorded."""
        if sum(c.samples for c in self.confusions) != sum(c.samples - c.right for c in self.classes):
            return None
        at = {c.name: number for number, c in enumerate(self.classes)}
        rows = [[0] * len(at) for _ in at]
        for one in self.classes:
            rows[at[one.name]][at[one.name]] = one.right
        for pair in self.confusions:
            if pair.true not in at or pair.predicted not in at:
                return None
            rows[at[pair.true]][at[pair.predicted]] = pair.samples
        return tuple(map(tuple, rows))


def is_sound(report: ClassReport) -> bool:
    """Whether this can be a report as recorded."""
    names = {c.name for c in report.classes}
    return (
        0 < len(report.classes) == len(names) <= MOST_CLASSES
        and len(report.confusions) <= MOST_CONFUSIONS
        and all(0 <= c.right <= c.samples and c.samples > 0 for c in report.classes)
        and all(c.train_share is None or 0 <= c.train_share <= 1 for c in report.classes)
        and all(c.samples > 0 for c in report.confusions)
    )


def report_of(values: dict[str, Any] | None) -> ClassReport | None:
    """The report from its recorded fields. Raises TypeError or KeyError if they do not fit."""
    if values is None:
        return None
    return ClassReport(
        tuple(ClassRecall(**one) for one in values["classes"]), tuple(Confusion(**one) for one in values["confusions"])
    )
