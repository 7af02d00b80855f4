"""The processes that grade the matrix: each has an examiner of its own."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path

from compat.cells import FORMATS, Cell, architecture_names
from compat.grading import Graded, examiner, grade
from mockexam.grading.examiner.grade_model import GradingContext

_SEVERAL = frozenset(architecture_names()[1])
_open = ExitStack()
_contexts: list[GradingContext] = []


def begin(folder: str) -> None:
    """Start this process's examiner."""
    _contexts.append(_open.enter_context(examiner(Path(tempfile.mkdtemp(dir=folder)))))


def judge(cell: Cell) -> Graded:
    """Grade a cell. A model with several inputs can be no answer: it is `rightly` refused if that is what is said."""
    inputs = cell.inputs()
    graded = grade(
        _contexts[0], cell.model, FORMATS[cell.format][1], inputs[0], cell.predictions(), cell.told()["detail"]
    )
    if cell.architecture in _SEVERAL and f"has {len(inputs)} inputs" in graded.text:
        return Graded("rightly", graded.text, graded.remedy)
    return graded
