"""Which model, which question and which paper a command line means."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mockexam.bank.loader import load_bank
from mockexam.errors import ToldError
from mockexam.exam.events import ModelFormat
from mockexam.exam.model_format import file_endings

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
    """Look at the path and at the workspace around it. Raises ToldError for a missing or foreign file."""
    from mockexam.workspace.layout import find_workspace, model_format

    path = model.expanduser().absolute()
    try:
        str(path).encode()
    except UnicodeEncodeError:
        shown = str(path).encode(errors="replace").decode()
        raise ToldError("The path holds bytes that are no text.", where=shown, remedy="Rename it.") from None
    if not path.exists():
        raise ToldError(
            "There is no such file or folder.",
            where=str(path),
            remedy="Name a saved model, a folder of models or a list of them.",
        )
    form = model_format(path)
    if form is None:
        raise ToldError(
            "This is no saved model.",
            where=str(path),
            remedy=f"Name a {file_endings()} file, or the folder of a SavedModel (model.export(...)). A list of models "
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
