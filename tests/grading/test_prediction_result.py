"""Replies of the predictor are untrusted: they count for what they are, not for what they claim to be."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockexam.bank.models import Contract
from mockexam.exam.scoring import Verdict
from mockexam.grading.examiner.contract import Refusal
from mockexam.grading.examiner.prediction_job import (
    GateReason,
    How,
    ModelError,
    ModelFacts,
    PredictionOutcome,
    RawPredictions,
    parse_facts,
)
from mockexam.grading.examiner.prediction_result import decode, evaluate

CONTRACT = Contract.model_validate(
    {
        "max_megabytes": 1.0,
        "max_seconds": 9,
        "input": {"shape": (1,), "dtype": "float32", "meaning": "x"},
        "output": {"shape": (1,), "form": "values", "meaning": "x"},
    }
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=10,
)
FACT_KEYS = st.sampled_from(["inputs", "outputs", "layers", "parameters", "last_activation", "saved_with", "x"])


def result_of(outcome: PredictionOutcome) -> Any:
    """With 10 samples and 4 GiB."""
    return evaluate(outcome, 10, CONTRACT, 4 << 30, "3.15.1")


@pytest.mark.parametrize(
    ("how", "facts", "words"),
    [
        ("time", None, "still loading after 9 s"),
        ("time", ModelFacts(), "still predicting after 9 s"),
        ("memory", ModelFacts(), "over 4.0 GiB"),
    ],
)
def test_limits_have_their_own_messages(how: How, facts: ModelFacts | None, words: str) -> None:
    """Time and memory, with what the model was doing."""
    refused = result_of(PredictionOutcome(how, facts=facts))
    assert refused.verdict is Verdict.LIMIT_EXCEEDED
    assert words in refused.message


def test_out_of_memory_told_by_tensorflow_is_a_limit() -> None:
    """The address space ends before the watcher looks."""
    error = ModelError("predict", "ResourceExhaustedError", "OOM when allocating tensor")
    assert result_of(PredictionOutcome("failed", error=error)).verdict is Verdict.LIMIT_EXCEEDED


def test_a_crash_names_its_signal() -> None:
    """And is the model's."""
    refused = result_of(PredictionOutcome("crash", facts=ModelFacts(), code=-11))
    assert refused.verdict is Verdict.INVALID_MODEL
    assert "SIGSEGV" in refused.message


def test_a_whole_answer_comes_back_as_an_array() -> None:
    """In the contract's shape, (n,) or (n, 1)."""
    values = np.arange(10, dtype=np.float32)
    for shape in ((10,), (10, 1)):
        predictions = result_of(
            PredictionOutcome("predicted", predictions=RawPredictions(shape, "float32", values.tobytes()))
        )
        assert predictions.shape == (10, 1)
        assert (predictions.ravel() == values).all()


@given(st.lists(st.integers(0, 10**6), max_size=4).map(tuple), st.text(max_size=8), st.binary(max_size=100))
def test_bytes_that_are_not_what_they_claim_are_no_answer(shape: tuple[int, ...], dtype: str, data: bytes) -> None:
    """Whatever a model's process sends, the worst it gets is a refusal."""
    for claimed in (dtype, "float32", "int8", "bool", "object", "O", "<U8"):
        raw = RawPredictions(shape, claimed, data)
        result = decode(raw)
        assert result is None or result.shape == shape
        verdict = result_of(PredictionOutcome("predicted", predictions=raw))
        assert isinstance(verdict, Refusal | np.ndarray)


@given(st.dictionaries(FACT_KEYS, JSON, max_size=6))
def test_any_facts_can_be_read(header: dict[str, Any]) -> None:
    """Nonsense is left out; texts stay short and printable."""
    facts = parse_facts(header)
    assert all(len(line) <= 200 and line.isprintable() for line in facts.layers)
    assert result_of(PredictionOutcome("predicted", facts=facts)).verdict is Verdict.INVALID_MODEL


def test_what_the_gate_does_not_know_may_be_newer() -> None:
    """A class from a Keras that the grader does not have yet: the message names the version."""
    ours = GateReason("other_class", "keras.layers.Marvel", "layer 'm'", "Keras 3.15.1")
    newer = GateReason("other_class", "keras.layers.Marvel", "layer 'm'", "Keras 9.0.0")
    lambda_ = GateReason("lambda", "Lambda", "", "Keras 9.0.0")

    messages = [refusal(PredictionOutcome("refused", gate=gate)) for gate in (ours, newer, lambda_)]

    assert "Marvel" in messages[0]
    assert "Keras 9.0.0" in messages[1]
    assert "Lambda" in messages[2]


def refusal(outcome: PredictionOutcome) -> str:
    refused = evaluate(outcome, 2, CONTRACT, 1 << 30, "3.15.1")
    assert isinstance(refused, Refusal)
    return refused.message
