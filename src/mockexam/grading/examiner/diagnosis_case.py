"""The data of a diagnosis, and findings about the fit: training data compared with unseen data. Pure."""

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
from mockexam.exam.scoring import MARKS_PER_QUESTION
from mockexam.grading.examiner import metrics

Array = npt.NDArray[Any]
BLOCKS = 20  # blocks of samples to estimate a metric's variation: enough to measure it, each still large enough
SIGNIFICANT = 2.0  # standard errors above which a difference is hardly chance (1 in 20)
SIMILAR = 1 / 3  # a gap to the training data below this share of the distance to full marks is not what costs the marks
POOR = 2  # with at most so many marks, the saved model itself may be wrong

LAGS = "BatchNormalization lags behind its training: set its momentum to 0.9"
"""At the default 0.99 its averages need hundreds of steps; what `fit` prints of the training data does without them."""


@dataclass(frozen=True)
class Evaluation:
    """Predictions for some samples, (n, *output shape), finite, with the labels and the metric's value."""

    predictions: Array
    labels: Array
    value: float


@dataclass(frozen=True)
class DiagnosisCase:
    """One graded model."""

    rubric: Rubric
    output: OutputContract
    series: bool  # whether the question is a forecast: several numbers per sample are then time steps
    holdout: Evaluation
    train: Evaluation | None  # None if the question offers no training samples
    features: Array  # of the hold-out

    @property
    def classifies(self) -> bool:
        """Whether predictions are classes, or rank them."""
        return METRICS[self.rubric.metric].compares != "values"

    def marks(self, value: float) -> int:
        """Marks for a value; 0 for NaN."""
        return 0 if math.isnan(value) else self.rubric.marks(value)

    def measure(self, predictions: Array, labels: Array, threshold: float = metrics.THRESHOLD) -> float:
        return metrics.measure(self.rubric.metric, self.output.form, predictions, labels, threshold)

    def metric_text(self, value: float) -> str:
        return f"{METRICS[self.rubric.metric].label} {figure(value, 4)}"

    def standard_error(self, part: Evaluation) -> float:
        """The metric's standard error, from blocks of neighbours, which in a series are alike (Schmeiser 1982)."""
        count = max(1, min(BLOCKS, len(part.labels) // 2))
        found: list[float] = []
        for predictions, labels in zip(
            *(np.array_split(a, count) for a in (part.predictions, part.labels)), strict=True
        ):
            with suppress(ValueError):  # a block without one of the classes has no auc
                found.append(self.measure(predictions, labels))
        return float(np.std(found, ddof=1) / math.sqrt(len(found))) if len(found) > 1 else math.inf


def full_marks(case: DiagnosisCase) -> str:
    """The only sentence for a model with full marks."""
    unseen = f"Full marks: {case.metric_text(case.holdout.value)} on unseen data"
    return f"{unseen}, {figure(case.train.value, 4)} on the training data." if case.train else f"{unseen}."


def overfitting(case: DiagnosisCase) -> str:
    """The training data would earn at least one mark more, by more than chance."""
    if case.train is None or not _overfits(case, case.train):
        return ""
    return (
        f"Overfitting: {_compare(case, case.train)} Some of what the model learned only holds for the training "
        "samples. Check the model's size, how long it trains, and its regularisation."
    )


def underfitting(case: DiagnosisCase) -> str:
    """Neither value is good enough, and they are similar, or differ without a mark between them."""
    train = case.train
    if train is None or case.marks(train.value) == MARKS_PER_QUESTION or _overfits(case, train):
        return ""
    gap = _gap(case, train)
    if gap > max(SIGNIFICANT * _error(case, train), SIMILAR * abs(case.rubric.bands[-1] - case.holdout.value)):
        check = "which information in the inputs the model can't use"
        if case.features.dtype.kind != "U" and case.features[0].size == 1:
            check = "how long it trains, and on which scale it gets its one input"
        return (
            f"Some overfitting: {_compare(case, train)} But even the training data would earn no more marks, so more "
            f"is to be gained elsewhere. Check {check}."
        )
    if gap < -SIGNIFICANT * _error(case, train) and case.marks(case.holdout.value) > POOR:
        return (
            f"Harder training data: {_compare(case, train)} Are some of their labels or values wrong? Then a model "
            "that reaches more on them knows them by heart: stop earlier, or make it smaller. If not, train longer."
        )
    found = (
        f"Underfitting: {_compare(case, train)} The model has not learned all it could from the training data. Does "
        "the loss still fall? If it does, train longer. If not, check the model's capacity, the learning rate and how "
        "the inputs are prepared."
    )
    if case.marks(train.value) <= POOR:
        found += f" If your own script shows much better values, part of it is missing from the saved model, or {LAGS}."
    return found


def _compare(case: DiagnosisCase, train: Evaluation) -> str:
    return f"{case.metric_text(train.value)} on the training data, {figure(case.holdout.value, 4)} on unseen data."


def _gap(case: DiagnosisCase, train: Evaluation) -> float:
    gap = train.value - case.holdout.value
    return gap if case.rubric.larger_is_better else -gap


def _overfits(case: DiagnosisCase, train: Evaluation) -> bool:
    more = case.marks(train.value) - case.marks(case.holdout.value)
    return more >= 1 and _gap(case, train) > SIGNIFICANT * _error(case, train)


def _error(case: DiagnosisCase, train: Evaluation) -> float:
    return math.hypot(case.standard_error(train), case.standard_error(case.holdout))


def figure(value: float, digits: int = 3) -> str:
    """A number with so many significant digits, whole if large; an exponent only from 10⁹ on."""
    text = f"{value:.{digits}g}"
    if 1000 <= abs(float(text)) < 1e9:
        return f"{value:,.0f}"
    return format(Decimal(text), "f") if abs(value) < 1 else text


def per_cent(share: float) -> str:
    """A share of 1 as a percentage, with one decimal below 1 %."""
    return f"{100 * share:.1f} %" if 0 < share < 0.01 else f"{100 * share:.0f} %"


def listed(words: Sequence[str]) -> str:
    """`a`, `a or b`, `a, b or c`."""
    return " or ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)
