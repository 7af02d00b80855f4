"""The metrics of rubrics, in NumPy. Importing scikit-learn would cost the examiner 120 MB and seconds."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from mockexam.bank.metric import METRICS
from mockexam.bank.rubric import Rubric
from mockexam.exam.scoring import MARKS_PER_QUESTION

Array = npt.NDArray[Any]
THRESHOLD = 0.5  # from this value on, a prediction from 0 to 1 means class 1
HUBER_DELTA = 1.0
MAPE_FLOOR = 1e-9  # avoids division by zero for labels of zero


def measure(metric: str, form: str, predictions: Array, labels: Array, threshold: float = THRESHOLD) -> float:
    """The metric's value for predictions, (n, *output shape), that meet the contract.

    Classes are the largest probability, or 1 from `threshold` on; `auc` ranks by the values; `mape` is in per cent.
    Raises KeyError for an unknown metric.
    """
    formula, compares = FORMULAS[metric], METRICS[metric].compares
    if compares == "classes":
        return formula(labels.astype(np.int64).ravel(), classes_of(form, predictions, threshold).ravel())
    if compares == "scores":
        scores = predictions[..., 1] if form == "probabilities" else predictions
        return formula(labels.astype(np.int64).ravel(), scores.astype(np.float64).ravel())
    truth = labels.astype(np.float64).reshape(len(labels), -1)
    return formula(truth, predictions.astype(np.float64).reshape(len(predictions), -1))


def classes_of(form: str, predictions: Array, threshold: float = THRESHOLD) -> Array:
    """The predicted classes, as integers."""
    return predictions.argmax(-1) if form == "probabilities" else (predictions >= threshold).astype(np.int64)


def to_marks(rubric: Rubric, value: float) -> tuple[int, float | None]:
    """Marks for a value, and the value that earns the next mark (None with full marks)."""
    marks = rubric.marks(value)
    return marks, None if marks == MARKS_PER_QUESTION else rubric.bands[marks]


def accuracy(truth: Array, classes: Array) -> float:
    """Share of samples in the right class."""
    return float((truth == classes).mean())


def balanced_accuracy(truth: Array, classes: Array) -> float:
    """Mean recall over the true classes."""
    return float(np.mean([(classes[truth == c] == c).mean() for c in np.unique(truth)]))


def f1(truth: Array, classes: Array) -> float:
    """F1 of class 1 for binary labels, else the mean over all classes that occur. Without a true positive it is 0."""
    if truth.max() <= 1 and classes.max() <= 1:
        return _f1_of(1, truth, classes)
    return float(np.mean([_f1_of(int(c), truth, classes) for c in np.union1d(truth, classes)]))


def _f1_of(positive: int, truth: Array, classes: Array) -> float:
    both = int(((truth == positive) & (classes == positive)).sum())
    total = int((truth == positive).sum() + (classes == positive).sum())
    return 2 * both / total if total else 0.0


def auc(truth: Array, scores: Array) -> float:
    """Area under the ROC curve: the chance that a 1 ranks above a 0, ties count half (Mann-Whitney)."""
    ones = truth == 1
    positive, negative = int(ones.sum()), int((~ones).sum())
    if not positive or not negative:
        raise ValueError("auc needs both classes in the hold-out")
    _, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    return float((ranks[ones].sum() - positive * (positive + 1) / 2) / (positive * negative))


def mae(truth: Array, predictions: Array) -> float:
    """Mean absolute error."""
    return float(np.abs(predictions - truth).mean())


def rmse(truth: Array, predictions: Array) -> float:
    """Root of the mean squared error."""
    return float(np.sqrt(((predictions - truth) ** 2).mean()))


def huber(truth: Array, predictions: Array) -> float:
    """Mean Huber loss with delta 1 (Huber 1964; as tf.keras.losses.Huber)."""
    error = np.abs(predictions - truth)
    return float(np.where(error <= HUBER_DELTA, 0.5 * error**2, HUBER_DELTA * (error - 0.5 * HUBER_DELTA)).mean())


def mape(truth: Array, predictions: Array) -> float:
    """Mean absolute percentage error, in per cent."""
    return float((np.abs(predictions - truth) / np.maximum(np.abs(truth), MAPE_FLOOR)).mean() * 100)


FORMULAS: dict[str, Callable[[Array, Array], float]] = {
    formula.__name__: formula for formula in (accuracy, balanced_accuracy, f1, auc, mae, rmse, huber, mape)
}
"""By metric id: the value for the labels and the predictions that the metric compares."""
RESAMPLES = 200  # with so many, the standard error itself is accurate to 5 per cent (Efron & Tibshirani 1993, ch. 6)
SERIES_BLOCKS = 24  # blocks of a time series: neighbouring windows are alike, so they are drawn together
BOOTSTRAP_SEED = 11


def standard_error(metric: str, form: str, predictions: Array, labels: Array, *, series: bool) -> float:
    """The metric's standard error by bootstrap (Efron 1979).

    In a time series neighbours are alike, so drawing single samples underestimates the error. Blocks of neighbours
    are drawn there too (circular block bootstrap, Politis & Romano 1992), and the larger error counts.
    """
    sizes = {1, max(1, len(labels) // SERIES_BLOCKS)} if series else {1}
    return max(_bootstrap(metric, form, predictions, labels, size) for size in sizes)


def _bootstrap(metric: str, form: str, predictions: Array, labels: Array, block: int) -> float:
    rng, count, values = np.random.default_rng(BOOTSTRAP_SEED), len(labels), []
    for _ in range(RESAMPLES):
        starts = rng.integers(0, count, -(-count // block))
        rows = ((starts[:, None] + np.arange(block)) % count).ravel()[:count]
        with contextlib.suppress(ValueError), np.errstate(over="ignore"):  # a resample of one class has no auc
            values.append(measure(metric, form, predictions[rows], labels[rows]))
    return float(np.std(values, ddof=1)) if len(values) > 1 else 0.0
