"""Each metric against scikit-learn's, and what a value earns."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mockexam.bank.rubric import Rubric
from mockexam.grading.examiner import grade_model, metrics

CLASSES = hnp.arrays(np.int64, st.shared(st.integers(1, 40), key="n"), elements=st.integers(0, 4))
BINARY = hnp.arrays(np.int64, st.shared(st.integers(2, 40), key="n"), elements=st.integers(0, 1))
SCORES = hnp.arrays(np.float64, st.shared(st.integers(2, 40), key="n"), elements=st.sampled_from([0, 0.1, 0.5, 0.7, 1]))
FLOATS = hnp.arrays(
    np.float32, st.tuples(st.shared(st.integers(1, 30), key="n"), st.just(2)), elements=st.floats(-100, 100, width=32)
)


@pytest.fixture(scope="module")
def sk() -> Any:
    """scikit-learn's metrics; seconds to load, and only the worker that runs this file needs them."""
    from sklearn import metrics

    return metrics


@given(CLASSES, CLASSES)
def test_accuracy_as_in_sklearn(sk: Any, truth: np.ndarray, classes: np.ndarray) -> None:
    """Over any classes."""
    assert metrics.accuracy(truth, classes) == pytest.approx(sk.accuracy_score(truth, classes))


@pytest.mark.filterwarnings("ignore::UserWarning")
@given(CLASSES, CLASSES)
def test_balanced_accuracy_as_in_sklearn(sk: Any, truth: np.ndarray, classes: np.ndarray) -> None:
    """Over any classes."""
    assume(len(set(truth)) > 1)
    assert metrics.balanced_accuracy(truth, classes) == pytest.approx(sk.balanced_accuracy_score(truth, classes))


@given(CLASSES, CLASSES)
def test_f1_as_in_sklearn(sk: Any, truth: np.ndarray, classes: np.ndarray) -> None:
    """Of class 1 if there are two classes, else the macro mean."""
    binary = max(truth.max(), classes.max()) <= 1
    wanted = sk.f1_score(truth, classes, average="binary" if binary else "macro", zero_division=0)
    assert metrics.f1(truth, classes) == pytest.approx(wanted)


@given(BINARY, SCORES)
def test_auc_as_in_sklearn(sk: Any, truth: np.ndarray, scores: np.ndarray) -> None:
    """With ties."""
    assume(0 < truth.sum() < len(truth))
    assert metrics.auc(truth, scores) == pytest.approx(sk.roc_auc_score(truth, scores))


@given(FLOATS, FLOATS)
def test_errors_as_in_sklearn(sk: Any, truth: np.ndarray, predictions: np.ndarray) -> None:
    """Averaged over all elements."""
    assert metrics.measure("mae", "values", predictions, truth) == pytest.approx(
        sk.mean_absolute_error(truth, predictions), rel=1e-5
    )
    assert metrics.measure("rmse", "values", predictions, truth) ** 2 == pytest.approx(
        sk.mean_squared_error(truth.astype(float), predictions.astype(float))
    )


def test_huber_and_mape_by_hand() -> None:
    """Errors 0.5 and 3: Huber (0.125 + 2.5) / 2; 50 % and 150 % of the labels."""
    truth, predictions = np.array([[1.0], [2.0]]), np.array([[1.5], [5.0]])
    assert metrics.measure("huber", "values", predictions, truth) == pytest.approx(1.3125)
    assert metrics.measure("mape", "values", predictions, truth) == pytest.approx(100.0)


def test_probabilities_stand_for_the_largest_and_unit_values_for_one_from_a_half() -> None:
    """What becomes of an predictions before it is compared."""
    predictions = np.array([[0.2, 0.8], [0.6, 0.4]])
    assert metrics.measure("accuracy", "probabilities", predictions, np.array([1, 0])) == 1.0
    assert metrics.measure("accuracy", "unit_interval", np.array([[0.5], [0.49]]), np.array([1, 0])) == 1.0
    assert metrics.measure("auc", "unit_interval", np.array([[0.3], [0.2]]), np.array([[1.0], [0.0]])) == 1.0


def test_f1_of_several_answers_a_sample_counts_all_of_them_together() -> None:
    """Of samples with several labels, a sigmoid for each: hits over all answers, not a mean over labels or samples."""
    truth = np.array([[1, 0, 1], [0, 0, 0], [1, 1, 1]])
    predictions = np.array([[0.9, 0.6, 0.4], [0.1, 0.2, 0.3], [0.5, 0.8, 0.1]])  # 3 hits, 4 named, 5 there
    assert metrics.measure("f1", "unit_interval", predictions, truth) == pytest.approx(2 * 3 / (4 + 5))


@pytest.mark.parametrize(
    ("metric", "bands", "value", "marks", "next_at"),
    [
        ("mae", (5, 4, 3, 2, 1), 2.0, 4, 1.0),
        ("mae", (5, 4, 3, 2, 1), 0.5, 5, None),
        ("mae", (5, 4, 3, 2, 1), float("inf"), 0, 5.0),
        ("accuracy", (0.5, 0.6, 0.7, 0.8, 0.9), 0.5, 1, 0.6),
    ],
)
def test_a_value_earns_its_bands(
    metric: str, bands: tuple[float, ...], value: float, marks: int, next_at: float | None
) -> None:
    """Marks, and where the next begins."""
    rubric = Rubric.model_validate(
        {
            "metric": metric,
            "bands": tuple(map(float, bands)),
            "reference": {"marks": 5, "why": "x"},
            "jury": ({"file": "a.py", "marks": 0, "why": "x"},),
        }
    )
    assert metrics.to_marks(rubric, value) == (marks, next_at)


def test_an_infinite_error_is_a_number_all_the_same() -> None:
    """Answers of 1e308 are finite and their mean error is not, which JSON can't hold: it turned a zero into a fault."""
    question: Any = SimpleNamespace(contract=SimpleNamespace(output=SimpleNamespace(form="values")))
    rubric = Rubric.model_construct(metric="mae", bands=(5.0, 4.0, 3.0, 2.0, 1.0))
    fields = grade_model._marks(rubric, question, np.full((10, 1), 1.7e308), np.zeros((10, 1)))
    assert fields["marks"] == 0
    assert np.isfinite(fields["value"])
