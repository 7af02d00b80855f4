"""Where the two folders of a question lie, and whether its calibration still speaks of the files that are there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from mockexam.authoring.kept_runs import solution_path
from mockexam.bank.evidence import FILE_NAME, read_evidence
from mockexam.bank.fingerprint import digest, file_hash, files_below
from mockexam.bank.models import Question
from mockexam.bank.rubric import Rubric, rubric_of
from mockexam.errors import ToldError
from mockexam.paths import scoring_of


def question_files(folder: Path) -> Iterator[tuple[str, Path]]:
    """Every file of a question by a name of its own, sorted; without its calibration, caches and hidden files."""
    for root, where in (("exams", folder), ("scoring", scoring_of(folder))):
        for name, path in files_below(where):
            if name != FILE_NAME:
                yield f"{root}/{name}", path


def proved_digest(question: Question, rubric: Rubric, solutions: Iterable[str]) -> str:
    """SHA-256 over all that a calibration depends on: data, contract, rubric without prose, and these solutions.

    `solutions` are named as in `Evidence.models`. Raises ToldError if one can't be read.
    """
    terms = rubric.model_dump_json(exclude={"reference": {"why"}, "jury": {"__all__": {"why"}}})
    try:
        scripts = [f"{name} {file_hash(solution_path(question, name))}" for name in sorted(solutions)]
    except OSError as error:
        where = str(error.filename or question.folder)
        raise ToldError(f"The question can't be read: {error.strerror}.", where=where) from None
    return digest([question.fingerprint, terms, *scripts])


def _files_digest(folder: Path) -> str:
    """What calibrations of version 1 name: SHA-256 over all files of a question."""
    return digest(f"{name}\0{file_hash(path)}" for name, path in question_files(folder))


def stale(question: Question) -> str:
    """Why a question's calibration does not prove the question as it is; empty if it does. Raises ToldError."""
    path = scoring_of(question.folder) / FILE_NAME
    evidence = read_evidence(path)
    if evidence is None:
        return f"{question.id} has no {FILE_NAME}: run `mockexam bank verify {question.id}`."
    if evidence.version == 1:
        current = _files_digest(question.folder)
    else:
        current = proved_digest(question, rubric_of(question), evidence.models)
    if evidence.files != current:
        return f"{question.id} has changed since it was verified: run `mockexam bank verify {question.id}`."
    return ""
