"""The standard error of a metric: known formulas, and series whose neighbours are alike."""

from __future__ import annotations

import numpy as np
import pytest

from mockexam.grading.examiner.metrics import standard_error


def test_for_accuracy_it_is_the_binomial_error() -> None:
    """sqrt(p (1 - p) / n), for p = 0.8 and n = 1000."""
    rng = np.random.default_rng(1)
    labels = np.zeros(1000, np.int64)
    right = rng.permutation(np.repeat([1.0, 0.0], [800, 200]))
    predictions = np.stack([right, 1 - right], axis=1)

    error = standard_error("accuracy", "probabilities", predictions, labels, series=False)

    assert error == pytest.approx((0.8 * 0.2 / 1000) ** 0.5, rel=0.2)


def test_for_a_mean_error_it_is_the_error_of_the_mean() -> None:
    """Standard deviation over the root of n."""
    rng = np.random.default_rng(1)
    labels = np.zeros((2000, 1))
    predictions = rng.normal(size=(2000, 1))

    error = standard_error("mae", "values", predictions, labels, series=False)

    assert error == pytest.approx(np.abs(predictions).std() / 2000**0.5, rel=0.2)


def test_neighbours_that_are_alike_count_as_one() -> None:
    """GIVEN 24 weathers of 100 windows each THEN the error is that of 24 samples, not of 2400."""
    rng = np.random.default_rng(1)
    weather = np.repeat(rng.exponential(size=24), 100)[:, None]
    labels = np.zeros_like(weather)

    alike = standard_error("mae", "values", weather, labels, series=True)
    apart = standard_error("mae", "values", weather, labels, series=False)

    assert alike > 5 * apart
    assert alike == pytest.approx(weather.std() / 24**0.5, rel=0.4)


def test_a_resample_of_one_class_is_skipped() -> None:
    """A resample without both classes has no auc, and does not raise."""
    labels = np.array([0, 0, 0, 0, 1])
    assert standard_error("auc", "unit_interval", np.arange(5.0)[:, None], labels, series=False) >= 0
