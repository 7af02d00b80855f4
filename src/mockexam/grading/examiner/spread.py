"""How far luck moves a metric: its standard error over hold-outs of the same kind, for authors."""

from __future__ import annotations

import contextlib
from typing import Any

import numpy as np
import numpy.typing as npt

from mockexam.grading.examiner.metrics import measure

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
