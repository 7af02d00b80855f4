"""An error in the gate itself is reported as a fault of the grader, never as the model's verdict."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import pytest

from mockexam.errors import GraderFaultError
from mockexam.grading.examiner.prediction_job import PredictionJob, PredictionOutcome
from mockexam.grading.examiner.predictor_host import PredictorHost
from mockexam.grading.examiner.sandbox import limits_only
from mockexam.grading.ipc import Reader
from mockexam.grading.predictor import model_job

JOB = PredictionJob(
    model="m", format="keras", features=None, samples=0, values=1, seconds=1, memory=1 << 30, file_bytes=1 << 20
)  # fmt: skip


def test_an_unforeseen_error_in_the_gate_is_a_fault(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """GIVEN a gate with a bug WHEN a model arrives THEN the bug is reported, nothing is loaded, and grading raises."""

    def broken(*_: Any) -> str:
        raise KeyError("no such thing")

    def must_not_load(*_: Any) -> None:
        raise AssertionError

    monkeypatch.setattr(model_job, "check", broken)
    monkeypatch.setattr(model_job, "load", must_not_load)
    monkeypatch.setattr(model_job.confinement, "limit_resources", lambda **_: None)
    reading, writing = os.pipe()
    model_job.work(
        writing, {"model": str(tmp_path), "format": "keras", "gate": True, "seconds": 1, "memory": 1, "file_bytes": 1}
    )
    os.close(writing)
    frame = Reader(reading, max_body=0).next()
    os.close(reading)
    outcome = PredictionOutcome("crash").after(frame)
    assert outcome.how == "fault"

    (tmp_path / "jobs").mkdir()
    host = PredictorHost(limits_only(tmp_path / "jobs", ""), io.BytesIO(), lambda *_: None, lambda: None)
    monkeypatch.setattr(host, "wait_warm", lambda: None)
    monkeypatch.setattr(host, "_run", lambda job: outcome)
    with pytest.raises(GraderFaultError, match=r"(?s)KeyError: .no such thing.*not your fault"):
        host.run(JOB)


def test_a_file_of_ours_that_cannot_be_read_is_a_fault(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither the model's copy nor the samples to feed: they were there when the job was given."""
    monkeypatch.setattr(model_job.confinement, "limit_resources", lambda **_: None)
    model = tmp_path / "model.keras"
    model.touch()
    for job in ({"model": str(tmp_path / "gone.keras")}, {"model": str(model), "features": str(tmp_path / "gone.npy")}):
        reading, writing = os.pipe()
        model_job.work(writing, {"format": "keras", "gate": True, "seconds": 1, "memory": 1, "file_bytes": 1, **job})
        os.close(writing)
        frame = Reader(reading, max_body=0).next()
        os.close(reading)
        assert (frame.kind, frame.header["error"]) == ("fault", "FileNotFoundError")
