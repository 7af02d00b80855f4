"""What a diagnosis looks at, and how its figures are written."""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt

from mockexam.bank.metric import METRICS
from mockexam.bank.models import OutputContract
from mockexam.bank.rubric import Rubric
from mockexam.exam.scoring import marks_for
from mockexam.grading.examiner import metrics

Array = npt.NDArray[Any]
BLOCKS = 20
"""Parts that samples are cut into to see how much a metric varies: enough for a spread, each still large enough."""


@dataclass(frozen=True)
class Part:
    """Answers for some samples, (n, *output shape), finite, with the labels and the metric's value on them."""

    answer: Array
    labels: Array
    value: float


@dataclass(frozen=True)
class Case:
    """One graded model."""

    rubric: Rubric
    output: OutputContract
    series: bool
    """Whether the question forecasts: several numbers a sample are then steps in time."""
    held: Part
    train: Part | None
    """None if the question gives no training samples."""
    features: Array
    """Of the hold-out."""

    @property
    def classifies(self) -> bool:
        """Whether answers stand for classes, or rank them."""
        return METRICS[self.rubric.metric].compares != "values"

    def marks(self, value: float) -> int:
        """What a value earns; none for one that is no number."""
        if math.isnan(value):
            return 0
        return marks_for(value, self.rubric.bands, larger_is_better=self.rubric.larger_is_better)

    def measure(self, answer: Array, labels: Array, threshold: float = metrics.THRESHOLD) -> float:
        """The rubric's metric."""
        return metrics.measure(self.rubric.metric, self.output.form, answer, labels, threshold)

    def better_by(self, value: float, other: float) -> float:
        """How much better the first value is: negative if it is worse."""
        return value - other if self.rubric.larger_is_better else other - value

    def told(self, value: float) -> str:
        """The metric's name and a value."""
        return f"{self.rubric.metric} {figure(value, 4)}"

    def standard_error(self, part: Part) -> float:
        """How far luck moves the metric on such samples (one standard error).

        By the spread between blocks of neighbouring samples (batch means: Schmeiser 1982), which serves every metric
        and counts it in that neighbouring windows of a time series are alike.
        """
        count = min(BLOCKS, len(part.labels) // 2)
        found: list[float] = []
        for answer, labels in zip(*(np.array_split(a, max(1, count)) for a in (part.answer, part.labels)), strict=True):
            with suppress(ValueError):  # a block without one of the classes has no auc
                found.append(self.measure(answer, labels))
        return float(np.std(found, ddof=1) / math.sqrt(len(found))) if len(found) > 1 else math.inf


def figure(value: float, digits: int = 3) -> str:
    """A number with so many significant digits, whole if it is large; an exponent only from 10⁹ on."""
    if 1000 <= abs(value) < 1e9:
        return f"{value:,.0f}"
    text = f"{value:.{digits}g}"
    return format(Decimal(text), "f") if abs(value) < 1 else text


def per_cent(share: float) -> str:
    """A share of 1 as a whole percentage; below one per cent with a digit more."""
    return f"{100 * share:.1f} %" if 0 < share < 0.01 else f"{100 * share:.0f} %"


def listed(words: Sequence[str]) -> str:
    """`a`, `a or b`, `a, b or c`."""
    return " or ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)
