"""What the predictor's frames amount to: nothing in them is believed but its types."""

from __future__ import annotations

from typing import Any

import pytest

from mockexam.grading.examiner.prediction_job import ModelFacts, PredictionOutcome
from mockexam.grading.ipc import Frame

START = PredictionOutcome("crash")


def frame(kind: str, body: bytes = b"", **fields: Any) -> Frame:
    return Frame({"kind": kind, **fields}, body)


def test_a_refusal_by_the_gate_is_kept_as_code_and_names() -> None:
    """Control characters and lengths are cut; the words are the examiner's."""
    outcome = START.after(frame("refused", reason="lambda", found="\x1b[2J" + "x" * 500, where=7, saved_with="Keras 3"))

    assert outcome.how == "refused"
    assert outcome.gate is not None
    assert outcome.gate.reason == "lambda"
    assert "\x1b" not in outcome.gate.found
    assert len(outcome.gate.found) <= 200
    assert outcome.gate.where == ""
    assert outcome.after(frame("ended", how="done")) == outcome


def test_a_fault_of_ours_is_believed_only_before_a_model_is_loaded() -> None:
    """A loaded model could send such a frame itself."""
    assert START.after(frame("fault", error="KeyError", text="x")).how == "fault"
    loaded = PredictionOutcome("crash", facts=ModelFacts())
    assert loaded.after(frame("fault", error="KeyError", text="x")) == loaded


@pytest.mark.parametrize(
    "shape", [None, "12", {}, [1, "2"], [-1], [1.5], [[1]], [1] * 17, [True, None]], ids=lambda shape: str(shape)[:12]
)
def test_an_answer_of_no_shape_is_none(shape: Any) -> None:
    """An answer that is not described by axes has no array."""
    outcome = START.after(frame("answer", b"1234", shape=shape, dtype="float32"))
    assert outcome.how == "predicted"
    assert outcome.predictions is None


@pytest.mark.parametrize(
    ("ended", "how", "code"),
    [
        ({"how": "done"}, "crash", 0),
        ({"how": "crash", "code": -11}, "crash", -11),
        ({"how": "crash", "code": "boom"}, "crash", 0),
        ({"how": "crash", "code": -24}, "time", 0),
        ({"how": "time"}, "time", 0),
        ({"how": "memory"}, "memory", 0),
        ({"how": ["done"]}, "crash", 0),
        ({}, "crash", 0),
    ],
)
def test_how_it_ended(ended: dict[str, Any], how: str, code: int) -> None:
    """Without a last word before it, an end is a crash, whatever it is called."""
    outcome = START.after(frame("ended", **ended))
    assert (outcome.how, outcome.code) == (how, code)


def test_an_unknown_frame_changes_nothing() -> None:
    """Frames of other kinds are passed over."""
    assert START.after(frame("marks", marks=5)) == START
