"""Made-up questions: small, whole, and without TensorFlow unless one is trained."""

from __future__ import annotations

import shutil
from pathlib import Path

from mockexam.bank.verify.locate import question_files
from mockexam.bank.verify.static import PLACEHOLDER

HERE = Path(__file__).parent
QUESTION = "simple_model/fence_line"


def made_up_bank(root: Path, question: str = QUESTION) -> Path:
    """A bank of one good question under `root`, with a handbook; returns the question's folder in `exams/`."""
    caches = shutil.ignore_patterns("__pycache__")
    shutil.copytree(HERE / "made_up_bank", root, ignore=caches, dirs_exist_ok=True)
    folder = root / "exams" / QUESTION
    if question != QUESTION:
        for part in ("exams", "scoring"):
            shutil.copytree(root / part / QUESTION, root / part / question)
            shutil.rmtree(root / part / QUESTION)
        folder = root / "exams" / question
    return folder


def edit(path: Path, old: str, new: str) -> None:
    """Change a file; the old text must be there."""
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{old!r} is not in {path}"
    path.write_text(text.replace(old, new), encoding="utf-8")


def fill_in(folder: Path) -> None:
    """Fill in every blank of a new question."""
    for _, path in question_files(folder):
        path.write_text(PLACEHOLDER.sub("Some words", path.read_text(encoding="utf-8")), encoding="utf-8")
