"""Findings on answers that are numbers: constant, turned round, or in another scale than the truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mockexam.grading.examiner.diagnosis.case import Array, Case, figure

FLAT = 0.01
"""Answers that spread less than this share of the truth's spread hardly change."""
UNRELATED = 0.5
"""Unless their correlation with the truth is larger than this: then they do follow the input, in another scale."""
ROUNDING = 1e-4
"""Spread below this share of the answers' size is next to nothing, whatever it correlates with."""
RELATED = 0.8
"""Correlation from which answers rise and fall with the truth, so that scale is what is left."""
STRETCHED, SHIFTED = 1.5, 0.5
"""Spread against the truth's, and distance of the means in spreads of the truth, from which a scale is another one."""
LESS = 0.5
"""Error that a right scale must leave at most, if it earns no mark, for the scale to be what is wrong."""
TURNED = 2.0
"""Beyond this stretch either way a turned sign is a chance of the first weights: scale says more."""
MANY = 8
"""More numbers a sample than these are looked at together."""
EDGES = (1, 99)
"""Percentiles that stand for a range, so that a single wild answer does not make it."""


@dataclass(frozen=True)
class _Column:
    """One of the numbers that are asked for, or all of them, over all samples."""

    number: int
    """Counted from 1; 0 for all."""
    index: slice
    truth: Array
    """(n, numbers)"""
    answer: Array

    @property
    def correlation(self) -> float:
        """Pearson's, with the truth; NaN for a constant."""
        answer, truth = self.answer - self.answer.mean(), self.truth - self.truth.mean()
        return float((answer * truth).sum() / np.sqrt((answer**2).sum() * (truth**2).sum()))

    @property
    def stretch(self) -> float:
        """The answers' spread against the truth's."""
        return float(self.answer.std() / self.truth.std())

    @property
    def shift(self) -> float:
        """How far the means lie apart, in spreads of the truth."""
        return float(abs(self.answer.mean() - self.truth.mean()) / self.truth.std())

    def tell(self, text: str) -> str:
        """A sentence about this number."""
        return f"Number {self.number} of the answer: {text}" if self.number else text[0].upper() + text[1:]

    def mended(self) -> Array:
        """The answers brought to the truth's scale, by least squares."""
        slope = self.correlation / self.stretch
        return self.truth.mean() + slope * (self.answer - self.answer.mean())


def plain(case: Case) -> list[str]:
    """What is plainly wrong with any of the numbers, by number."""
    columns = [column for column in _columns(case) if column.truth.std() > 0]
    told = [_constant(column) or _turned(case, column) or _scaled(case, column) for column in columns]
    return [text for text in told if text]


def _columns(case: Case) -> list[_Column]:
    truth = case.held.labels.astype(np.float64).reshape(len(case.held.labels), -1)
    answer = case.held.answer.astype(np.float64).reshape(truth.shape)
    count = truth.shape[1]
    if case.series or count == 1 or count > MANY:
        return [_Column(0, slice(None), truth, answer)]
    parts = [slice(i, i + 1) for i in range(count)]
    return [_Column(i, p, truth[:, p], answer[:, p]) for i, p in enumerate(parts, 1)]


def _constant(column: _Column) -> str:
    # Number by number: the steps of a forecast may differ and still not depend on the sample.
    spread = float(column.answer.std(axis=0).mean())
    follows = abs(column.correlation) >= UNRELATED and spread > ROUNDING * float(np.abs(column.answer).mean())
    if spread >= FLAT * float(column.truth.std()) or follows:
        return ""
    where = "whether this number is so small beside the others that the loss does not hear it"
    return column.tell(
        f"about {figure(float(column.answer.mean()))} for every sample, where the truth goes from "
        f"{_range(column.truth)}. That does not depend on the input. Look whether the loss fell in training, and "
        f"{where if column.number else 'at the scale of the inputs'}."
    )


def _turned(case: Case, column: _Column) -> str:
    right_size = 1 / TURNED <= column.stretch <= TURNED
    if not right_size or column.correlation > -RELATED or not _gains(case, column):
        return ""
    return column.tell(
        f"your answers run against the truth: where it is high they are low (correlation {column.correlation:.2f}). "
        "Look for a sign that is turned round, or a model that was saved before it was trained."
    )


def _scaled(case: Case, column: _Column) -> str:
    another = not 1 / STRETCHED <= column.stretch <= STRETCHED or column.shift > SHIFTED
    ranges = f"your answers go from {_range(column.answer)}, the truth from {_range(column.truth)}"
    if another and column.correlation >= RELATED and _gains(case, column):
        return column.tell(f"{ranges}. They rise and fall together: it is the scale that is wrong. {_look(column)}")
    if _lost(case, column):
        why = "the others outweigh it in the loss" if column.number else "it got other inputs"
        return column.tell(
            f"{ranges}: always answering {figure(float(np.median(column.truth)))} would come closer. Either training "
            f"ended before the model got there, or it learned other labels than the task's, or {why}."
        )
    return ""


def _look(column: _Column) -> str:
    low, high = np.percentile(column.answer, EDGES)
    mean, spread = float(column.answer.mean()), float(column.answer.std())
    scaled = "did you scale the labels for training? The marker compares in the units of the task."
    if abs(mean) <= 0.5 and 0.5 <= spread <= 1.5:
        return f"Yours look standardised (mean 0, spread 1): {scaled}"
    if low >= -0.2 and high <= 1.2:
        return f"Yours look squeezed into 0 to 1: {scaled}"
    return f"{scaled[0].upper()}{scaled[1:]} Or did training end before the answers had grown to their size?"


def _gains(case: Case, column: _Column) -> bool:
    """Whether another scale alone would earn a mark or more, or take most of this number's error away."""
    answer = case.held.answer.astype(np.float64).reshape(len(case.held.labels), -1).copy()
    answer[:, column.index] = column.mended()
    if case.marks(case.measure(answer, case.held.labels)) > case.marks(case.held.value):
        return True
    return case.measure(column.mended(), column.truth) < LESS * case.measure(column.answer, column.truth)


def _lost(case: Case, column: _Column) -> bool:
    """Whether one and the same number for all samples would do better: that takes no model."""
    middle = np.full_like(column.truth, np.median(column.truth))
    return case.measure(middle, column.truth) < case.measure(column.answer, column.truth)


def _range(values: Array) -> str:
    low, high = np.percentile(values, EDGES)
    return f"{figure(float(low))} to {figure(float(high))}"


REPEATS = 0.2
"""Mean distance of the answers to values of the past, as a share of the truth's, below which they repeat them."""
GROWS = 2.0
"""Error of the last third of the steps against that of the first third. An honest forecast's grows too, but less."""
STEPS = 3
"""Steps from which thirds mean something."""


def fine(case: Case) -> str:
    """Repetition, else growing errors."""
    if not case.series or case.output.form != "values":
        return ""
    truth = case.held.labels.astype(np.float64).reshape(len(case.held.labels), -1)
    answer = case.held.answer.astype(np.float64).reshape(truth.shape)
    return _repeats(case.features, truth, answer) or _grows(truth, answer)


def _repeats(features: Array, truth: Array, answer: Array) -> str:
    past = _past(features, truth)
    if past is None:
        return ""
    steps = truth.shape[1]
    repeated = {"the last value that it is given": past[:, -1:]}
    if 1 < steps <= past.shape[1]:
        repeated[f"the last {steps} values that it is given"] = past[:, -steps:]
    for what, values in repeated.items():
        if np.abs(answer - values).mean() < REPEATS * np.abs(truth - values).mean():
            return (
                f"The forecast is little more than {what}, once again. That is the easy way to a middling error: look "
                "at what else in the window tells what comes next, and whether the model trains long enough to see it."
            )
    return ""


def _past(features: Array, truth: Array) -> Array | None:
    """The column of the windows, (n, steps), that is forecast: the one from whose end the truth goes on most closely.

    None if the features are no windows, or no column is of the truth's scale.
    """
    if features.dtype.kind not in "iuf" or features.ndim not in (2, 3):
        return None
    table = np.asarray(features, np.float64).reshape(*features.shape[:2], -1)
    jumps = np.abs(table[:, -1, :] - truth[:, :1]).mean(axis=0)
    jumps = np.where(np.isfinite(jumps), jumps, np.inf)
    best = int(jumps.argmin())
    return table[:, :, best] if jumps[best] < 2 * truth.std() else None


def _grows(truth: Array, answer: Array) -> str:
    errors = np.abs(answer - truth).mean(axis=0)
    if len(errors) < STEPS:
        return ""
    third = len(errors) // 3
    near, far = float(errors[:third].mean()), float(errors[-third:].mean())
    if far < GROWS * near:
        return ""
    return (
        f"The far steps cost most: the mean error is {figure(near)} in the first third of the forecast, {figure(far)} "
        "in the last. Look at what in the window tells about later steps, and whether the model can use it."
    )
