"""One task for three graders: a saved model is graded out of 5 by its accuracy on held-out data."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

BANDS = (0.01, 0.02, 0.05, 0.5, 0.9)
"""As the bank's rubric has them."""
TASK = "grading"
NOTEBOOK = f"{TASK}.ipynb"
SUBMITTED = 'MODEL = "mymodel.keras"'
KILLS = "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"
"""What a submission may do that is broken or hostile."""
ACCURACY = """import numpy as np
import tensorflow as tf

held = np.load("heldout.npz")
model = tf.keras.models.load_model({model}, compile=False)
answer = model.predict(held["x"], batch_size=64, verbose=0)
accuracy = float((answer.argmax(-1) == held["y"]).mean())
"""
_OTTER_TEST = """from functools import cache

from otter.test_files import test_case

OK_FORMAT = False
name = "model"


@cache
def accuracy_of(name):
{measure}
    return accuracy
{cases}
"""
_OTTER_CASE = """

@test_case(points=1)
def test_band_{number}(env):
    assert accuracy_of(env["MODEL"]) >= {band}
"""


def write_otter(folder: Path, heldout: Path) -> None:
    """What `otter generate` makes an autograder of: tests in its exception-based form, and the held-out data."""
    (folder / "tests").mkdir(parents=True)
    measure = "\n".join(f"    {line}" for line in ACCURACY.format(model="name").splitlines())
    cases = "".join(_OTTER_CASE.format(number=number, band=band) for number, band in enumerate(BANDS, 1))
    (folder / "tests" / "model.py").write_text(_OTTER_TEST.format(measure=measure, cases=cases), encoding="utf-8")
    shutil.copy(heldout, folder / "heldout.npz")
    (folder / NOTEBOOK).write_text(_notebook([_cell(SUBMITTED)]), encoding="utf-8")


def otter_submission(file: Path, model: Path, *, code: str = SUBMITTED) -> None:
    """The zip that a student hands in: notebook and model."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(NOTEBOOK, _notebook([_cell(code)]))
        archive.write(model, "mymodel.keras")


def write_nbgrader(folder: Path, heldout: Path) -> None:
    """A course with one assignment: a notebook whose locked cells load the model and grade it, a point per band."""
    source = folder / "source" / TASK
    source.mkdir(parents=True)
    (source / NOTEBOOK).write_text(_notebook(_graded_cells(SUBMITTED)), encoding="utf-8")
    shutil.copy(heldout, source / "heldout.npz")
    (folder / "nbgrader_config.py").write_text(
        'c = get_config()\nc.CourseDirectory.course_id = "bench"\nc.ExecutePreprocessor.timeout = 300\n',
        encoding="utf-8",
    )


def nbgrader_submission(course: Path, student: str, model: Path, *, code: str = SUBMITTED) -> None:
    """What a student hands in, where a collected submission lies."""
    folder = course / "submitted" / student / TASK
    folder.mkdir(parents=True)
    (folder / NOTEBOOK).write_text(_notebook(_graded_cells(code)), encoding="utf-8")
    shutil.copy(model, folder / "mymodel.keras")


def _graded_cells(code: str) -> Sequence[dict[str, Any]]:
    cells = [_cell(code, "name", solution=True), _cell(ACCURACY.format(model="MODEL"), "load", locked=True)]
    for number, band in enumerate(BANDS, 1):
        cells.append(_cell(f"assert accuracy >= {band}", f"band{number}", locked=True, grade=True, points=1))
    return cells


def _cell(source: str, name: str = "", **nbgrader: object) -> dict[str, Any]:
    """A code cell; with a name it carries nbgrader's metadata."""
    roles = {"grade": False, "locked": False, "solution": False, "task": False, **nbgrader}
    about = {"nbgrader": {"grade_id": name, "schema_version": 3, "cell_type": "code", **roles}} if name else {}
    return {
        "cell_type": "code", "execution_count": None, "id": name or "code", "metadata": about, "outputs": [],
        "source": source,
    }  # fmt: skip


def _notebook(cells: Sequence[dict[str, Any]]) -> str:
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    language = {"name": "python", "file_extension": ".py"}
    about = {"kernelspec": kernel, "language_info": language}
    return json.dumps({"cells": list(cells), "metadata": about, "nbformat": 4, "nbformat_minor": 5})
