"""Small files saved by other versions of TensorFlow are graded with the answers that those versions wrote down.

`make compat ARGS=--fixtures` copied them from the matrix; docs/compat.md has it whole.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from compat.cells import FORMATS
from compat.grading import Graded, examiner, grade
from mockexam.grading.examiner.grade_model import GradingContext

FILES = Path(__file__).parent / "compat"


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GradingContext]:
    """One examiner for all files."""
    with examiner(tmp_path_factory.mktemp("examiner")) as made:
        yield made


@pytest.mark.parametrize("name", sorted(path.name for path in FILES.iterdir()))
def test_a_file_of_another_version_is_graded_with_its_own_answers(context: GradingContext, name: str) -> None:
    """Gate, sandbox and predictor, and every number of the predictions."""
    recorded = json.loads((FILES / name / "recorded.json").read_text(encoding="utf-8"))
    file, format, _ = FORMATS[recorded["format"]]
    with np.load(FILES / name / "recorded.npz") as kept:
        inputs, wanted = kept["inputs"], kept["predictions"]

    assert grade(context, FILES / name / file, format, inputs, wanted, recorded["dtype"]) == Graded("same")


def test_other_answers_are_told_from_the_same(context: GradingContext) -> None:
    """The comparison itself can fail."""
    name = "2.18-operators-export"
    with np.load(FILES / name / "recorded.npz") as kept:
        inputs, wanted = kept["inputs"], kept["predictions"]

    graded = grade(context, FILES / name / "mymodel", "saved_model", inputs, wanted + 1e-3, "float32")

    assert graded.outcome == "different"
