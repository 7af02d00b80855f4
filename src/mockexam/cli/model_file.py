"""Which model, question and paper a command line means, and whether the exam allows a look at it now."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mockexam import paths
from mockexam.bank.loader import load_bank
from mockexam.errors import UserError
from mockexam.exam.events import ModelFormat
from mockexam.exam.model_format import file_endings
from mockexam.exam.policy import policy_of
from mockexam.store.journal import Journal
from mockexam.workspace.layout import find_workspace, model_format

if TYPE_CHECKING:
    from mockexam.bank.models import Question


@dataclass(frozen=True)
class Found:
    """A model file, the question it answers and the paper whose data it was trained on, as far as known."""

    path: Path
    format: ModelFormat
    question: Question | None
    code: str | None


def find_model(model: Path, question: str | None) -> Found:
    """Look at the path and at the workspace around it. Raises UserError for a missing or foreign file."""
    path = model.expanduser().absolute()
    try:
        str(path).encode()
    except UnicodeEncodeError:
        shown = str(path).encode(errors="replace").decode()
        raise UserError("The path holds bytes that are no text.", location=shown, hint="Rename it.") from None
    if not path.exists():
        raise UserError(
            "There is no such file or folder.",
            location=str(path),
            hint="Name a saved model, a folder of models or a list of them.",
        )
    form = model_format(path)
    if form is None:
        raise UserError(
            "This is no saved model.",
            location=str(path),
            hint=f"Name a {file_endings()} file, or the folder of a SavedModel (model.export(...)). A list of models "
            "ends in .csv or .json.",
        )
    found = find_workspace(path)
    bank = load_bank()
    name = question or (found.question if found else None)
    return Found(
        path=path,
        format=form,
        question=bank.question(name) if name else None,
        code=found.code if found else None,
    )


def refuse_during_exam(question: str, data_seed: str) -> None:
    """An exam tells marks only; `grade` would tell the metric of a question on the running paper. Raises UserError."""
    database = paths.state_paths().database
    if not database.exists():
        return
    with closing(Journal(database)) as journal:
        running = journal.unsettled()
        attempt = journal.attempt(running) if running else None
    if attempt is None or not policy_of(attempt).guards_questions or attempt.paper.code != data_seed:
        return
    if any(item.question == question for item in attempt.paper.items):
        raise UserError(
            "This question is on the paper of the exam under way.",
            location=question,
            hint="Save the model in its folder: the exam marks it. Or use --seed for other numbers.",
        )
