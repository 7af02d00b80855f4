"""Files of Keras 2: loaded by Keras 2, with the answers of the model that was saved."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from mockexam.errors import GraderFaultError
from mockexam.exam.events import ModelFormat
from mockexam.exam.scoring import Verdict
from mockexam.grading.client import Grader
from mockexam.grading.examiner.prediction_job import PredictionOutcome
from mockexam.grading.examiner.predictor_host import PredictorHost
from mockexam.grading.examiner.sandbox import limits_only
from mockexam.grading.ipc import Frame
from tests.shared import made_once, quick_tensorflow

LINE = "simple_model/tiny_line"
MAKE = Path(__file__).parent / "make_keras2.py"


@pytest.fixture(scope="session")
def keras2(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `make_keras2.py` makes; treat it as read-only."""

    def make(folder: Path) -> None:
        subprocess.run([sys.executable, MAKE, folder], env=quick_tensorflow(), check=True, capture_output=True)

    return made_once(tmp_path_factory, "models-of-keras-2", make)


def test_the_answers_are_those_of_the_model_that_was_saved(keras2: Path) -> None:
    """Recurrent and other layers, operators, nested models, words, half precision; in each format and old layouts."""
    found: dict[str, float | str] = json.loads((keras2 / "differences.json").read_text())

    wrong = {name: by for name, by in found.items() if isinstance(by, str) or by > (1e-2 if "mixed" in name else 1e-4)}
    assert wrong == {}
    assert len(found) >= 30


@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.parametrize(
    ("name", "kind", "keras"),
    [
        ("line.keras", "keras", "2."),
        ("line.h5", "h5", "2."),
        ("line", "saved_model", "3."),
        ("line_legacy", "saved_model", "3."),
    ],
)
async def test_the_predictor_of_its_keras_grades_a_model(
    grader: Grader, keras2: Path, name: str, kind: ModelFormat, keras: str
) -> None:
    """Which one it was is recorded; a SavedModel needs no Keras, nor the optimizer that is stored in it."""
    graded = await grader.grade(LINE, data_seed="7K3Q", holdout_seed="s", model=keras2 / name, format=kind)

    assert graded.verdict is Verdict.GRADED, graded.message
    assert graded.marks == 5
    assert graded.versions["keras"].startswith(keras)
    assert graded.versions["keras"].endswith("(tf-keras)") == (keras == "2.")


@pytest.mark.asyncio(loop_scope="session")
async def test_the_next_model_has_its_own_keras_again(grader: Grader, keras2: Path, models: Path) -> None:
    """Both predictors stay: neither is started anew."""

    async def grade(model: Path) -> tuple[str, set[int]]:
        graded = await grader.grade(LINE, data_seed="7K3Q", holdout_seed="s", model=model, format="keras")
        assert graded.marks == 5, graded.message
        return graded.versions["keras"], {process.pid for process in psutil.Process(grader.pid).children()}

    first, _ = await grade(keras2 / "line.keras")
    second, running = await grade(models / "good.keras")
    third, still_running = await grade(keras2 / "line.keras")

    assert first == third != second
    assert running == still_running


def test_a_model_that_is_loaded_can_ask_for_no_other_predictor() -> None:
    """The frame counts only before a model was in the process, as does a fault."""
    asked = Frame({"kind": "other_keras"})

    assert PredictionOutcome("crash").after(asked).how == "other_keras"
    assert PredictionOutcome("crash").after(Frame({"kind": "facts"})).after(asked).how == "crash"


def test_without_tf_keras_only_its_files_suffer_and_nobody_is_blamed(tmp_path: Path) -> None:
    """A fault of the grader, with what is missing and what still works; never a zero."""
    (tmp_path / "jobs").mkdir()
    (tmp_path / "tf_keras").mkdir()
    (tmp_path / "tf_keras" / "__init__.py").write_text("raise ImportError('torn apart')")
    sandbox = limits_only(tmp_path / "jobs", "")
    environment = {**sandbox.environment, "PYTHONPATH": f"{tmp_path}:{sandbox.environment['PYTHONPATH']}"}

    with (tmp_path / "log").open("wb") as log, pytest.raises(GraderFaultError) as fault:
        PredictorHost(replace(sandbox, environment=environment), log, lambda *_: None, lambda: None, 2).wait_warm()

    assert "tf-keras" in fault.value.message
    assert "torn apart" in fault.value.message
    assert "Other models can still be graded" in (fault.value.hint or "")
