"""What a data maker's samples must look like. A breach is the question's fault, never the candidate's."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mockexam.bank.metric import METRICS
from mockexam.bank.models import Contract


def problem_with(contract: Contract, metric: str, features: npt.NDArray[Any], labels: npt.NDArray[Any]) -> str:
    """What is wrong with samples; empty if nothing is. Features may hold NaN: gaps can be part of a question."""
    return _features_problem(contract, features) or _labels_problem(contract, metric, len(features), labels)


def _features_problem(contract: Contract, features: npt.NDArray[Any]) -> str:
    wanted = contract.input
    if not isinstance(features, np.ndarray) or features.ndim < 1 or len(features) < 1:
        return "the data maker returns no samples"
    fits = len(features.shape[1:]) == len(wanted.shape) and all(
        axis in (-1, have) for axis, have in zip(wanted.shape, features.shape[1:], strict=True)
    )
    if not fits:
        return f"features of shape {features.shape[1:]} a sample, where the contract says {wanted.shape}"
    if wanted.dtype == "string":
        return (
            "" if features.dtype.kind == "U" else f"features of dtype {features.dtype}, where the contract says string"
        )
    if features.dtype != np.dtype(wanted.dtype):
        return f"features of dtype {features.dtype}, where the contract says {wanted.dtype}"
    if np.isinf(features).any():
        return "features hold infinite values"
    if wanted.range and (np.nanmin(features) < wanted.range[0] or np.nanmax(features) > wanted.range[1]):
        return f"features leave the contract's range {wanted.range}"
    return ""


def _labels_problem(contract: Contract, metric: str, samples: int, labels: npt.NDArray[Any]) -> str:
    wanted = contract.output
    if not isinstance(labels, np.ndarray) or labels.dtype.kind not in "biuf":
        return "labels are no array of numbers"
    if labels.shape[:1] != (samples,):
        return f"labels of shape {labels.shape} for {samples} samples"
    if not np.isfinite(labels).all():
        return "labels hold values that are not finite"
    if wanted.form == "probabilities":
        if labels.shape[1:] != tuple(wanted.shape[:-1]):
            return f"labels of shape {labels.shape[1:]} a sample, where the contract wants one class for {wanted.shape}"
        if labels.dtype.kind not in "iu" or labels.min() < 0 or labels.max() >= wanted.shape[-1]:
            return f"labels are not classes from 0 to {wanted.shape[-1] - 1}"
        return ""
    if labels[0].size != wanted.values_a_sample:
        return f"labels of shape {labels.shape[1:]} a sample, where the contract says {wanted.shape}"
    if METRICS[metric].compares != "values" and not np.isin(labels, (0, 1)).all():
        return "labels are not 0 or 1"
    return ""
