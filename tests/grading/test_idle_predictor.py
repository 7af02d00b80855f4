"""A predictor that nobody needs takes no processor time, and gives memory back."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from mockexam.grading.examiner.prediction_job import PredictionJob
from mockexam.grading.examiner.predictor_host import PredictorHost
from mockexam.grading.examiner.sandbox import limits_only

IMPATIENT = """
import os
commands, replies = os.dup(0), os.dup(1)
os.dup2(2, 1)
from mockexam.grading.predictor import zygote
zygote.IDLE_SECONDS = 0.5
zygote.serve(commands, replies)
"""


@pytest.fixture
def predictor(tmp_path: Path) -> Iterator[PredictorHost]:
    """One that waits half a second for the next model, not ten minutes."""
    (tmp_path / "jobs").mkdir()
    sandbox = limits_only(tmp_path / "jobs", "a test")
    sandbox = replace(sandbox, argv=(sys.executable, "-P", "-c", IMPATIENT))
    with (tmp_path / "log").open("wb") as log:
        made = PredictorHost(sandbox, log, lambda *_: None, lambda: None)
        yield made
        made.kill()


def processes(predictor: PredictorHost) -> list[psutil.Process]:
    assert predictor._process is not None
    return [one for one in psutil.Process(predictor._process.pid).children() if one.status() != psutil.STATUS_ZOMBIE]


def processor_time(predictor: PredictorHost) -> float:
    assert predictor._process is not None
    return sum(psutil.Process(predictor._process.pid).cpu_times()[:2])


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere each model has a predictor of its own")
def test_the_waiting_worker_ends_and_the_next_model_is_predicted_all_the_same(
    predictor: PredictorHost, models: Path, tmp_path: Path
) -> None:
    """Twice: after the warm-up, and after a model."""
    model = tmp_path / "jobs" / "model.keras"
    shutil.copy(models / "good.keras", model)
    job = PredictionJob(
        model=str(model), format="keras", features=None, samples=0, values=1, seconds=60, memory=4 << 30,
        file_bytes=1 << 26,
    )  # fmt: skip
    predictor.wait_warm()
    for _ in range(2):
        while processes(predictor):
            time.sleep(0.05)
        time.sleep(0.3)  # it still tidies up
        before = processor_time(predictor)
        time.sleep(1)
        assert processor_time(predictor) - before <= 0.02, "two ticks of the clock that counts it"
        assert predictor.run(job).how == "predicted"
