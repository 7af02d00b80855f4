"""Declarations and predictions that do not fit a contract are explained."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mockexam.bank.models import Contract
from mockexam.grading.examiner.contract import check_facts, check_predictions, check_shape
from mockexam.grading.examiner.prediction_job import ModelFacts, TensorFact

NO_FACTS = ModelFacts()


def contract(
    shape: tuple[int, ...] = (28, 28, 1),
    dtype: str = "float32",
    out: tuple[int, ...] = (4,),
    form: str = "probabilities",
) -> Contract:
    """A contract with the parts that matter here."""
    return Contract.model_validate(
        {
            "max_megabytes": 1.0,
            "input": {"shape": shape, "dtype": dtype, "meaning": "x"},
            "output": {"shape": out, "form": form, "meaning": "x"},
        }
    )


def facts(*shapes: tuple[int | None, ...] | None, dtype: str = "float32", outputs: Any = ()) -> ModelFacts:
    """What a model with these inputs tells."""
    return ModelFacts(
        inputs=tuple(TensorFact(f"in{i}", dtype, shape) for i, shape in enumerate(shapes)),
        outputs=tuple(TensorFact(f"out{i}", "float32", shape) for i, shape in enumerate(outputs)),
    )


@pytest.mark.parametrize(
    ("declared", "wanted", "words"),
    [
        (facts((None, 784)), contract(), "Flatten"),
        (facts((None, 32, 32, 1)), contract(), r"shape=(28, 28, 1)"),
        (facts((32, 28, 28, 1)), contract(), "batches of exactly 32"),
        (facts((None, 28, 28, 1), (None, 3)), contract(), "2 inputs"),
        (facts((None, 1), dtype="string"), contract(), "expects strings"),
        (facts((None, 40)), contract((), "string"), "TextVectorization"),
        (facts((None, 28, 28, 1), outputs=[(None, 4), (None, 4)]), contract(), "2 outputs"),
        (facts((None, 28, 28, 1), outputs=[(None, 10)]), contract(), "10 numbers"),
    ],
)
def test_declarations_that_do_not_fit_are_explained(declared: ModelFacts, wanted: Contract, words: str) -> None:
    """Each with a remedy."""
    refusal = check_facts(declared, wanted)
    assert refusal is not None
    assert words in f"{refusal.message} {refusal.remedy}"
    assert refusal.remedy


@pytest.mark.parametrize(
    ("declared", "wanted"),
    [
        (NO_FACTS, contract()),
        (facts(None), contract()),
        (facts((None, 28, 28, 1), outputs=[(None, 4)]), contract()),
        (facts((None, None, None, 1), outputs=[(None, None)]), contract()),
        (facts((None, 28, 28)), contract()),
        (facts((None, 1), dtype="string"), contract((), "string")),
        (facts((None,), dtype="string"), contract((), "string")),
        (facts((None, 28, 28, 1), dtype="uint8"), contract()),
        (facts((None, 50)), contract((-1,))),
        (facts((None, None, 3)), contract((-1, 3))),
    ],
)
def test_declarations_that_fit_or_leave_it_open_pass(declared: ModelFacts, wanted: Contract) -> None:
    """A last axis of length 1 more or less is no matter."""
    assert check_facts(declared, wanted) is None


@given(st.lists(st.integers(1, 5), min_size=1, max_size=4).map(tuple))
def test_a_last_axis_of_one_never_matters(shape: tuple[int, ...]) -> None:
    """(n, 1) is as good as (n,)."""
    wanted = contract(out=shape, form="values").output
    assert check_shape(shape, wanted) is None
    assert check_shape((*shape, 1), wanted) is None
    if shape[-1] == 1:
        assert check_shape(shape[:-1], wanted) is None
    else:
        assert check_shape((*shape[:-1], shape[-1] + 1), wanted) is not None


SCORES = hnp.arrays(np.float32, st.tuples(st.integers(1, 20), st.just(4)), elements=st.floats(-30, 30, width=32))


def softmax(scores: np.ndarray) -> np.ndarray:
    """As a model does it."""
    powers = np.exp(scores - scores.max(-1, keepdims=True))
    result: np.ndarray = powers / powers.sum(-1, keepdims=True)
    return result


@given(SCORES)
def test_every_softmax_passes_and_its_logits_do_not(scores: np.ndarray) -> None:
    """In single and in half precision."""
    wanted = contract().output
    with np.errstate(under="ignore"):
        predictions = softmax(scores)
        assert check_predictions(predictions, len(predictions), wanted, NO_FACTS) is None
        assert check_predictions(predictions.astype(np.float16), len(predictions), wanted, NO_FACTS) is None
    logits = scores + np.float32(1.5)
    refusal = check_predictions(logits, len(logits), wanted, NO_FACTS)
    assert refusal is not None
    assert "softmax" in refusal.message + refusal.remedy


@pytest.mark.parametrize(("drop", "passes"), [(0.009, True), (0.03, False)])
def test_tolerances_follow_the_type_that_rounded(drop: float, passes: bool) -> None:
    """What bfloat16 rounded may be 0.01 off; the same distance in float32 is no softmax."""
    probabilities = np.float32([[0.5 - drop, 0.25, 0.25]])
    rounded = (np.ceil(probabilities.view(np.uint32) / 2**16) * 2**16).astype(np.uint32).view(np.float32)
    wanted = contract(out=(3,)).output

    assert (check_predictions(rounded, 1, wanted, NO_FACTS) is None) == passes
    assert check_predictions(probabilities, 1, wanted, NO_FACTS) is not None


@pytest.mark.parametrize("excess", [0.0011, 0.0015, 0.01, 1.0])
def test_no_figure_contradicts_its_sentence(excess: float) -> None:
    """Sums and edges are shown with the digits that tell them from what is asked for."""
    sums = check_predictions(np.array([[0.5, 0.5 + excess]]), 1, contract(out=(2,)).output, NO_FACTS)
    edge = check_predictions(
        np.array([[0.3], [1 + excess / 1000]]), 2, contract(out=(1,), form="unit_interval").output, NO_FACTS
    )

    assert sums is not None
    assert edge is not None
    assert " to 1;" not in sums.message
    assert " to 1;" not in edge.message


@given(SCORES, st.data())
def test_a_single_nan_is_found(scores: np.ndarray, data: st.DataObject) -> None:
    """Wherever it is, in any form."""
    predictions = softmax(scores)
    predictions[data.draw(st.integers(0, len(predictions) - 1)), data.draw(st.integers(0, 3))] = data.draw(
        st.sampled_from([np.nan, np.inf, -np.inf])
    )
    for form in ("probabilities", "unit_interval", "values"):
        refusal = check_predictions(predictions, len(predictions), contract(form=form).output, NO_FACTS)
        assert refusal is not None
        assert "1 of" in refusal.message


# Without those near the edges, whose tolerance depends on the type that rounded them.
AWAY_FROM_EDGES = st.floats(-1e6, 1e6).filter(lambda x: not (-0.02 < x < 0 or 1 < x < 1.02))


@given(hnp.arrays(np.float64, st.tuples(st.integers(1, 20), st.just(1)), elements=AWAY_FROM_EDGES))
def test_values_pass_and_unit_values_pass_only_from_0_to_1(predictions: np.ndarray) -> None:
    """The form alone decides."""
    assert check_predictions(predictions, len(predictions), contract(out=(1,), form="values").output, NO_FACTS) is None
    refusal = check_predictions(
        predictions, len(predictions), contract(out=(1,), form="unit_interval").output, NO_FACTS
    )
    inside = bool(((predictions >= 0) & (predictions <= 1)).all())
    assert (refusal is None) == inside


def test_whole_numbers_are_checked_by_form_too() -> None:
    """The remedy names an argmax in the model."""
    refusal = check_predictions(np.zeros((5,), np.int64), 5, contract().output, NO_FACTS)
    assert refusal is not None
    assert "argmax" in refusal.remedy


def test_sigmoid_in_place_of_softmax_is_named() -> None:
    """If the model declares its last activation."""
    refusal = check_predictions(np.full((5, 4), 0.5), 5, contract().output, ModelFacts(last_activation="sigmoid"))
    assert refusal is not None
    assert "softmax" in refusal.remedy


def test_sequences_where_one_answer_is_asked_name_the_recurrent_layer() -> None:
    """The usual slip with LSTM."""
    refusal = check_shape((30, 1), contract(out=(1,), form="values").output)
    assert refusal is not None
    assert "return_sequences=False" in refusal.remedy
