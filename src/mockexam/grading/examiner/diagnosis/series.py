"""Findings on forecasts: values of the past once again, or steps that get worse the further they lie ahead."""

from __future__ import annotations

import numpy as np

from mockexam.grading.examiner.diagnosis.case import Array, Case, figure

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
