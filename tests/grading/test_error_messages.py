"""Errors of TensorFlow and Keras, explained. test_grade_model provokes the real ones."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockexam.grading.examiner.error_messages import explain
from mockexam.grading.examiner.prediction_job import ModelError, Stage

HERE = "3.15.1"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (
            ModelError("load", "TypeError", "x" * 4000 + "Could not locate function 'act'. Make sure"),
            "your own function act",
        ),
        (ModelError("load", "ValueError", "Unknown loss function: 'huber_2'"), "huber_2"),
        (ModelError("load", "IndexError", "Read less bytes than requested"), "incomplete or damaged"),
        (
            ModelError("predict", "UnimplementedError", "Cast string to float is not supported"),
            "different types",
        ),
        (ModelError("predict", "ValueError", 'Input 0 of layer "dense" is incompatible with the layer'), "shape"),
        (ModelError("predict", "PermissionDeniedError", "/home/x; Permission denied"), "read or write files"),
        (ModelError("output", "OutputError", "the model answers 3 arrays"), "3 outputs"),
        (ModelError("output", "OutputError", "the model answers strings"), "strings instead of numbers"),
        (ModelError("load", "ValueError", "who knows", "Keras 2.15.0"), "saved with Keras 2.15.0"),
        (ModelError("load", "ValueError", "who knows", "Keras 4.0.0"), "newer"),
        (ModelError("load", "ValueError", "who knows", "Keras 3.15.1"), "can't be loaded: ValueError: who knows"),
        (ModelError("predict", "ZeroDivisionError", "first line\nsecond"), "ZeroDivisionError: first line. "),
        (
            ModelError(
                "predict",
                "InvalidArgumentError",
                "Graph execution error:\n\nDetected at node Substr defined at (most recent call last):\n"
                "<stack traces unavailable>\npos 5 out of range for string b'ab'\n\t [[{{node Substr}}]] [Op:__inf_1]",
            ),
            "predicts: InvalidArgumentError in the operation Substr. ",
        ),
    ],
)
def test_each_error_has_its_message(error: ModelError, words: str) -> None:
    """And a remedy."""
    refusal = explain(error, HERE)
    assert words in f"{refusal.message} {refusal.remedy}"
    assert refusal.remedy


@given(
    st.sampled_from(["load", "predict", "output"]), st.text(max_size=30), st.text(max_size=2000), st.text(max_size=30)
)
def test_any_error_becomes_a_short_printable_line(stage: Stage, error: str, said: str, saved: str) -> None:
    """Never a traceback, a page, or terminal control characters."""
    refusal = explain(ModelError(stage, error, said, saved), HERE)
    assert 0 < len(refusal.message) < 600
    assert refusal.message.isprintable()
    assert refusal.remedy
