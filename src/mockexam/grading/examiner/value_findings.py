"""Findings about predicted numbers: constant, with the wrong sign or scale, or poor forecasts. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mockexam.grading.examiner.diagnosis_case import Array, DiagnosisCase, figure

FLAT = 0.01  # predictions that vary less than this share of the labels' variation hardly change
UNRELATED = 0.5  # unless they correlate more with the labels: then they follow the input on another scale
ROUNDING = 1e-4  # variation below this share of the predictions' size is next to nothing, whatever it correlates with
RELATED = 0.8  # correlation from which predictions rise and fall with the labels, so that only the scale is wrong
STRETCHED, SHIFTED = 1.5, 0.5
"""Ratio of the standard deviations, and distance of the means in standard deviations, from which a scale differs."""
MUCH_LESS = 0.5
"""The scale is also to blame, without a mark to gain, if correcting it leaves at most this share of the error."""
SIGN_STRETCH = 2.0  # beyond this ratio a wrong sign comes from the initial weights: the scale explains more
MANY = 8  # with more numbers per sample than this, all are examined together
PERCENTILES = (1, 99)  # they describe a range without single outliers
REPEATS = 0.2  # a forecast repeats past values if its mean distance to them is below this share of the labels' distance
GROWS = 2.0
"""Error of the last third of the steps relative to the first third. Honest forecasts also get worse, but less."""
MIN_STEPS = 3


@dataclass(frozen=True)
class _Column:
    """One of the numbers per sample, or all of them."""

    number: int  # from 1; 0 for all
    index: slice
    labels: Array  # (n, numbers)
    predictions: Array

    @property
    def correlation(self) -> float:
        """Pearson's; NaN for a constant."""
        predictions, labels = self.predictions - self.predictions.mean(), self.labels - self.labels.mean()
        return float((predictions * labels).sum() / np.sqrt((predictions**2).sum() * (labels**2).sum()))

    @property
    def stretch(self) -> float:
        """The predictions' standard deviation relative to the labels'."""
        return float(self.predictions.std() / self.labels.std())

    @property
    def shift(self) -> float:
        """The distance between the means, in standard deviations of the labels."""
        return float(abs(self.predictions.mean() - self.labels.mean()) / self.labels.std())

    def sentence(self, text: str) -> str:
        return f"Output {self.number}: {text}" if self.number else text[0].upper() + text[1:]

    def rescaled(self) -> Array:
        """The predictions on the labels' scale, by least squares."""
        slope = self.correlation / self.stretch
        return self.labels.mean() + slope * (self.predictions - self.predictions.mean())


def obvious(case: DiagnosisCase) -> list[str]:
    """What is plainly wrong with any of the numbers."""
    columns = [column for column in _columns(case) if column.labels.std() > 0]
    found = (_constant(column) or _wrong_sign(case, column) or _wrong_scale(case, column) for column in columns)
    return [text for text in found if text]


def _arrays(case: DiagnosisCase) -> tuple[Array, Array]:
    """Labels and predictions, both (n, numbers)."""
    labels = case.holdout.labels.astype(np.float64).reshape(len(case.holdout.labels), -1)
    return labels, case.holdout.predictions.astype(np.float64).reshape(labels.shape)


def _columns(case: DiagnosisCase) -> list[_Column]:
    labels, predictions = _arrays(case)
    count = labels.shape[1]
    if case.series or count == 1 or count > MANY:
        return [_Column(0, slice(None), labels, predictions)]
    parts = [slice(i, i + 1) for i in range(count)]
    return [_Column(i, p, labels[:, p], predictions[:, p]) for i, p in enumerate(parts, 1)]


def _constant(column: _Column) -> str:
    # Number by number: the steps of a forecast may differ and still not depend on the sample.
    spread = float(column.predictions.std(axis=0).mean())
    size = float(np.abs(column.predictions).mean())
    follows = abs(column.correlation) >= UNRELATED and spread > ROUNDING * size
    if spread >= FLAT * float(column.labels.std()) or follows:
        return ""
    check = "whether the other outputs dominate the loss" if column.number else "the scale of the inputs"
    return column.sentence(
        f"the model predicts about {figure(float(column.predictions.mean()))} for every sample, while the labels range "
        f"from {_range(column.labels)}. The prediction does not depend on the input. Check whether the loss fell in "
        f"training, and {check}."
    )


def _wrong_sign(case: DiagnosisCase, column: _Column) -> str:
    right_size = 1 / SIGN_STRETCH <= column.stretch <= SIGN_STRETCH
    if not right_size or column.correlation > -RELATED or not _rescaling_helps(case, column):
        return ""
    return column.sentence(
        f"predictions are low where the labels are high (correlation {column.correlation:.2f}). Check for a wrong "
        "sign, or for a model that was saved before training."
    )


def _wrong_scale(case: DiagnosisCase, column: _Column) -> str:
    differs = not 1 / STRETCHED <= column.stretch <= STRETCHED or column.shift > SHIFTED
    ranges = f"predictions range from {_range(column.predictions)}, the labels from {_range(column.labels)}"
    if differs and column.correlation >= RELATED and _rescaling_helps(case, column):
        return column.sentence(
            f"the predictions are on another scale than the labels: {ranges}, and they rise and fall together. "
            f"{_scale_hint(column)}"
        )
    if _constant_is_better(case, column):
        why = "the other outputs dominate the loss" if column.number else "it got other inputs"
        return column.sentence(
            f"{ranges}: always predicting {figure(float(np.median(column.labels)))} would be better. Either training "
            f"ended too early, or the model learned other labels than the question's, or {why}."
        )
    return ""


def _scale_hint(column: _Column) -> str:
    low, high = np.percentile(column.predictions, PERCENTILES)
    mean, spread = float(column.predictions.mean()), float(column.predictions.std())
    scaled = "Did you scale the labels for training? The grader compares in the question's units."
    if abs(mean) <= 0.5 and 0.5 <= spread <= 1.5:
        return f"They look standardised (mean 0, standard deviation 1). {scaled}"
    if low >= -0.2 and high <= 1.2:
        return f"They look scaled to 0 to 1. {scaled}"
    return f"{scaled} Or did training end before the predictions reached the right size?"


def _rescaling_helps(case: DiagnosisCase, column: _Column) -> bool:
    """Whether the right scale alone would earn a mark, or remove most of this number's error."""
    predictions = _arrays(case)[1].copy()
    predictions[:, column.index] = column.rescaled()
    predictions = predictions.reshape(case.holdout.predictions.shape)
    if case.marks(case.measure(predictions, case.holdout.labels)) > case.marks(case.holdout.value):
        return True
    now = case.measure(column.predictions, column.labels)
    return case.measure(column.rescaled(), column.labels) < MUCH_LESS * now


def _constant_is_better(case: DiagnosisCase, column: _Column) -> bool:
    median = np.full_like(column.labels, np.median(column.labels))
    return case.measure(median, column.labels) < case.measure(column.predictions, column.labels)


def _range(values: Array) -> str:
    low, high = np.percentile(values, PERCENTILES)
    return f"{figure(float(low))} to {figure(float(high))}"


def forecast(case: DiagnosisCase) -> str:
    """A forecast that repeats the past, or whose error grows."""
    if not case.series or case.output.form != "values":
        return ""
    labels, predictions = _arrays(case)
    return _repeats(case.features, labels, predictions) or _grows(labels, predictions)


def _repeats(features: Array, labels: Array, predictions: Array) -> str:
    past = _past(features, labels)
    if past is None:
        return ""
    steps = labels.shape[1]
    repeated = {"the last value of its input": past[:, -1:]}
    if 1 < steps <= past.shape[1]:
        repeated[f"the last {steps} values of its input"] = past[:, -steps:]
    for what, values in repeated.items():
        if np.abs(predictions - values).mean() < REPEATS * np.abs(labels - values).mean():
            return (
                f"The forecast mostly repeats {what}. That is an easy way to a mediocre error: check what else in the "
                "window tells what comes next, and whether the model trains long enough to use it."
            )
    return ""


def _past(features: Array, labels: Array) -> Array | None:
    """The column of the windows, (n, steps), that ends closest to the first label; None if none is on its scale."""
    if features.dtype.kind not in "iuf" or features.ndim not in (2, 3):
        return None
    table = np.asarray(features, np.float64).reshape(*features.shape[:2], -1)
    jumps = np.abs(table[:, -1, :] - labels[:, :1]).mean(axis=0)
    jumps = np.where(np.isfinite(jumps), jumps, np.inf)
    best = int(jumps.argmin())
    return table[:, :, best] if jumps[best] < 2 * labels.std() else None


def _grows(labels: Array, predictions: Array) -> str:
    errors = np.abs(predictions - labels).mean(axis=0)
    if len(errors) < MIN_STEPS:
        return ""
    third = len(errors) // 3
    near, far = float(errors[:third].mean()), float(errors[-third:].mean())
    if far < GROWS * near:
        return ""
    return (
        f"The late steps cost most: the mean error is {figure(near)} in the first third of the forecast, {figure(far)} "
        "in the last. Check what in the window tells about later steps, and whether the model can use it."
    )
