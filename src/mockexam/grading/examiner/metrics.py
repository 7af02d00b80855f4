"""The metrics of rubrics, in NumPy; tests hold each against scikit-learn's.

Importing scikit-learn would cost the examiner 120 MB and seconds for four formulas.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from mockexam.bank.metric import METRICS
from mockexam.bank.rubric import Rubric
from mockexam.exam.scoring import MARKS_PER_QUESTION, marks_for

Array = npt.NDArray[Any]
THRESHOLD = 0.5
"""From this value on, a unit-interval answer means class 1."""
HUBER_DELTA = 1.0
MAPE_FLOOR = 1e-9
"""Keeps a label of zero from dividing by zero."""


def measure(metric: str, form: str, answer: Array, labels: Array, threshold: float = THRESHOLD) -> float:
    """The metric's value. `answer` has passed the contract: (n, *output shape), finite; `labels` as the data maker's.

    Probabilities stand for their largest class, unit-interval values for class 1 from `threshold` on; `auc` ranks by
    the values themselves. `mape` is in per cent. Raises KeyError for an unknown metric.
    """
    formula, compares = FORMULAS[metric], METRICS[metric].compares
    if compares == "classes":
        return formula(labels.astype(np.int64).ravel(), classes_of(form, answer, threshold).ravel())
    if compares == "scores":
        scores = answer[..., 1] if form == "probabilities" else answer
        return formula(labels.astype(np.int64).ravel(), scores.astype(np.float64).ravel())
    truth = labels.astype(np.float64).reshape(len(labels), -1)
    return formula(truth, answer.astype(np.float64).reshape(len(answer), -1))


def classes_of(form: str, answer: Array, threshold: float = THRESHOLD) -> Array:
    """The classes that answers stand for, as integers."""
    return answer.argmax(-1) if form == "probabilities" else (answer >= threshold).astype(np.int64)


def mark(rubric: Rubric, value: float) -> tuple[int, float | None]:
    """Marks for a value, and the value at which the next mark begins (None with full marks)."""
    marks = marks_for(value, rubric.bands, larger_is_better=rubric.larger_is_better)
    return marks, None if marks == MARKS_PER_QUESTION else rubric.bands[marks]


def accuracy(truth: Array, classes: Array) -> float:
    """Share of samples with the right class."""
    return float((truth == classes).mean())


def balanced_accuracy(truth: Array, classes: Array) -> float:
    """Mean over the true classes of the share recognised."""
    return float(np.mean([(classes[truth == c] == c).mean() for c in np.unique(truth)]))


def f1(truth: Array, classes: Array) -> float:
    """F1 of class 1 if labels are 0 and 1, else the mean over all classes that occur. Nothing found scores 0."""
    if truth.max() <= 1 and classes.max() <= 1:
        return _f1_of(1, truth, classes)
    return float(np.mean([_f1_of(int(c), truth, classes) for c in np.union1d(truth, classes)]))


def _f1_of(which: int, truth: Array, classes: Array) -> float:
    both = int(((truth == which) & (classes == which)).sum())
    total = int((truth == which).sum() + (classes == which).sum())
    return 2 * both / total if total else 0.0


def auc(truth: Array, scores: Array) -> float:
    """Area under the ROC curve: the chance that a 1 ranks above a 0, ties counting half (Mann-Whitney)."""
    ones = truth == 1
    positive, negative = int(ones.sum()), int((~ones).sum())
    if not positive or not negative:
        raise ValueError("auc needs both classes in the hold-out")
    _, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    return float((ranks[ones].sum() - positive * (positive + 1) / 2) / (positive * negative))


def mae(truth: Array, answer: Array) -> float:
    """Mean absolute error."""
    return float(np.abs(answer - truth).mean())


def rmse(truth: Array, answer: Array) -> float:
    """Root of the mean squared error."""
    return float(np.sqrt(((answer - truth) ** 2).mean()))


def huber(truth: Array, answer: Array) -> float:
    """Mean Huber loss with delta 1: half the square below it, linear above (Huber 1964; as tf.keras.losses.Huber)."""
    error = np.abs(answer - truth)
    return float(np.where(error <= HUBER_DELTA, 0.5 * error**2, HUBER_DELTA * (error - 0.5 * HUBER_DELTA)).mean())


def mape(truth: Array, answer: Array) -> float:
    """Mean absolute error in per cent of the label."""
    return float((np.abs(answer - truth) / np.maximum(np.abs(truth), MAPE_FLOOR)).mean() * 100)


FORMULAS: dict[str, Callable[[Array, Array], float]] = {
    formula.__name__: formula for formula in (accuracy, balanced_accuracy, f1, auc, mae, rmse, huber, mape)
}
"""By the metric's id: the value from the truth and from what the metric compares with it."""


DRAWS = 200
"""The standard error of a standard error from so many draws is 5 per cent (Efron & Tibshirani 1993, ch. 6)."""
BLOCKS = 24
"""Blocks of a series: windows next to each other share their weather, and are drawn together."""
_SEED = 11


def standard_error(
    metric: str, form: str, answer: npt.NDArray[Any], labels: npt.NDArray[Any], *, series: bool
) -> float:
    """The bootstrap's: the spread of the metric over samples drawn again, with replacement (Efron 1979).

    In a time series neighbours are alike, and drawing them one by one would find too small an error. Blocks of
    neighbours are drawn there as well (circular block bootstrap, Politis & Romano 1992), and the larger error counts.
    """
    count = len(labels)
    sizes = {1, max(1, count // BLOCKS)} if series else {1}
    return max(_spread(metric, form, answer, labels, size) for size in sizes)


def _spread(metric: str, form: str, answer: npt.NDArray[Any], labels: npt.NDArray[Any], size: int) -> float:
    rng, count, values = np.random.default_rng(_SEED), len(labels), []
    for _ in range(DRAWS):
        starts = rng.integers(0, count, -(-count // size))
        picks = ((starts[:, None] + np.arange(size)) % count).ravel()[:count]
        with contextlib.suppress(ValueError), np.errstate(over="ignore"):  # a draw of one class alone has no auc
            values.append(measure(metric, form, answer[picks], labels[picks]))
    return float(np.std(values, ddof=1)) if len(values) > 1 else 0.0
