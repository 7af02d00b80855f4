"""Where the two folders of a question lie, and whether its calibration still speaks of the files that are there."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from mockexam.bank.evidence import FILE_NAME, read_evidence
from mockexam.bank.loader import digest
from mockexam.bank.models import Question
from mockexam.errors import ToldError
from mockexam.paths import scoring_of


def question_files(folder: Path) -> Iterator[tuple[str, Path]]:
    """Every file of a question by a name of its own, sorted; without its calibration, caches and hidden files."""
    for root, where in (("exams", folder), ("scoring", scoring_of(folder))):
        for path in sorted(where.rglob("*")):
            inside = path.relative_to(where)
            if path.is_file() and not _passed_over(inside) and inside != Path(FILE_NAME):
                yield f"{root}/{inside.as_posix()}", path


def _passed_over(inside: Path) -> bool:
    return any(part == "__pycache__" or part.startswith(".") for part in inside.parts)


def files_digest(folder: Path) -> str:
    """SHA-256 over names and contents of all files of a question but its calibration. Raises ToldError."""
    try:
        return digest(f"{name}\0{_hash(path)}" for name, path in question_files(folder))
    except OSError as error:
        raise ToldError(f"The question can't be read: {error.strerror}.", where=str(error.filename or folder)) from None


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def stale(question: Question) -> str:
    """Why a question's calibration does not speak of its files as they are; empty if it does. Raises ToldError."""
    path = scoring_of(question.folder) / FILE_NAME
    evidence = read_evidence(path)
    if evidence is None:
        return f"{question.id} has no {FILE_NAME}: run `mockexam bank verify {question.id}`."
    if evidence.files != files_digest(question.folder):
        return f"{question.id} has changed since it was verified: run `mockexam bank verify {question.id}`."
    return ""
