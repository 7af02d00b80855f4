"""The processes that grade the matrix: each has an examiner of its own."""

from __future__ import annotations

import os
import tempfile
import threading
from contextlib import ExitStack
from multiprocessing import parent_process
from pathlib import Path

from compat.cells import FORMATS, Cell, architecture_names
from compat.grading import Graded, examiner, grade
from mockexam.grading.examiner.grade_model import GradingContext

_SEVERAL = frozenset(architecture_names()[1])
_open = ExitStack()
_contexts: list[GradingContext] = []


def begin(folder: str) -> None:
    """Start this process's examiner."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _contexts.append(_open.enter_context(examiner(Path(tempfile.mkdtemp(dir=folder)))))


def _end_with_parent() -> None:
    """Thread: a process of a pool would wait for ever for a parent that was killed."""
    if (parent := parent_process()) is not None:
        parent.join()
        os._exit(1)


def judge(cell: Cell) -> Graded:
    """Grade a cell. It is `rightly` refused if it can be no answer and that is what is said.

    No question has two inputs, and every question has more samples than a batch.
    """
    inputs, told = cell.inputs(), cell.told()
    format = FORMATS[cell.format][1]
    graded = grade(_contexts[0], cell.model, format, inputs[0], cell.predictions(), told["detail"])
    several = cell.architecture in _SEVERAL and f"has {len(inputs)} inputs" in graded.text
    fixed = told.get("batch") is not None and f"exactly {told['batch']} samples" in graded.text
    return Graded("rightly", graded.text, graded.remedy) if several or fixed else graded
