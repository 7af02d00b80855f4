"""Makes a question's two folders with blanks to fill in; with these filled in it verifies."""

from __future__ import annotations

import re
import shutil
import tempfile
from pathlib import Path

from mockexam.bank.category import CATEGORIES
from mockexam.errors import UserError

SKELETON = Path(__file__).parent / "skeleton"
"""`exams/` and `scoring/` of one question; every file has `.txt` behind its name, so that nothing takes it for code."""
_NAME = re.compile(r"[a-z][a-z0-9_]{1,48}")


def new_question(bank: Path, name: str) -> tuple[Path, Path]:
    """Make `CATEGORY/NAME` below `bank`, which has or gets `exams/` and `scoring/`; returns the two folders.

    Both are made, or neither. Raises UserError for a bad name, a taken one, or a folder that can't be written.
    """
    category, _, own = name.partition("/")
    if category not in CATEGORIES:
        remedy = f"Name it CATEGORY/NAME, with one of {', '.join(CATEGORIES)}."
        raise UserError(f"There is no category {category!r}.", location=name, hint=remedy)
    if not _NAME.fullmatch(own):
        remedy = "Use a short name of its story in small letters, digits and underscores: orchard_yield."
        raise UserError(f"{own!r} is no name for a question.", location=name, hint=remedy)
    exams, scoring = (bank / part / category / own for part in ("exams", "scoring"))
    for folder in (exams, scoring):
        if folder.exists():
            raise UserError("There is a question of this name.", location=str(folder), hint="Choose another name.")
    try:
        _make(exams, scoring)
    except OSError as error:
        raise UserError(
            f"The question can't be made: {error.strerror}.",
            location=str(error.filename or bank),
            hint="Name a folder that you may write in, with --into.",
        ) from None
    return exams, scoring


def _make(exams: Path, scoring: Path) -> None:
    made: list[Path] = []
    try:
        for folder in (exams, scoring):
            folder.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(prefix=".new-", dir=folder.parent) as name:
                draft = Path(name) / folder.name
                _copy(SKELETON / folder.parents[1].name, draft)
                draft.rename(folder)
            made.append(folder)
    except BaseException:
        for folder in made:
            shutil.rmtree(folder, ignore_errors=True)
        raise


def _copy(skeleton: Path, draft: Path) -> None:
    for path in sorted(skeleton.rglob("*.txt")):
        target = draft / path.relative_to(skeleton).with_suffix("")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
