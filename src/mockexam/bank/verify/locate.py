"""An author's mistake: what is wrong, where, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from mockexam import paths
from mockexam.bank.calibration import FILE_NAME, read_evidence
from mockexam.bank.category import CATEGORIES
from mockexam.bank.fingerprint import digest, file_hash, files_below
from mockexam.bank.models import Question
from mockexam.bank.packs import find_packs
from mockexam.bank.rubric import Rubric, rubric_of
from mockexam.bank.verify.solution_run import solution_path
from mockexam.errors import UnknownNameError, UserError
from mockexam.paths import scoring_of


@dataclass(frozen=True)
class QuestionFault:
    """One mistake in one question."""

    question: str
    what: str
    where: str
    """File, and key or line."""
    remedy: str

    def __str__(self) -> str:
        return f"{self.question}: {self.what}\n  where: {self.where}\n  what to do: {self.remedy}"


def of_error(question: str, error: UserError) -> QuestionFault:
    """A told error as a fault of a question."""
    return QuestionFault(question, error.message, error.location, error.hint or "Correct it; see docs/questions.md.")


def find_folders(roots: Sequence[Path], names: Sequence[str] = ()) -> list[Path]:
    """The folders of these questions, or of all, below these `exams/`, by id.

    A name is an id, an unambiguous part of one, or a category. Raises UnknownNameError; UserError for an empty bank.
    """
    every = {identifier(folder): folder for root in reversed(roots) for folder in _all(root)}
    if not every:
        where = ", ".join(map(str, roots))
        raise UserError("There is no question here.", location=where, hint="Add one: `mockexam bank new`.")
    if not names:
        return list(every.values())
    return list({found: every[found] for name in names for found in _named(name, every)}.values())


def identifier(folder: Path) -> str:
    """The id of the question in this folder."""
    return f"{folder.parent.name}/{folder.name}"


def _named(name: str, known: Iterable[str]) -> list[str]:
    known = list(known)
    if name in known:
        return [name]
    if name in CATEGORIES:
        return [one for one in known if one.startswith(name + "/")]
    fits = [one for one in known if name in one]
    if len(fits) == 1:
        return fits
    raise UnknownNameError("question", name, fits or known, ambiguous=len(fits) > 1)


def _all(root: Path) -> Iterable[Path]:
    for category in CATEGORIES:
        for folder in sorted((root / category).glob("*")):
            if folder.is_dir() and not folder.name.startswith((".", "_")):
                yield folder


def orphans(root: Path) -> list[Path]:
    """Folders of `scoring/` beside this `exams/` that belong to no question."""
    scoring = root.parent / "scoring"
    questions = {identifier(folder) for folder in _all(root)}
    return [folder for folder in _all(scoring) if identifier(folder) not in questions]


def bank_roots() -> list[Path]:
    """Every folder of questions: the shipped one first, then those of packs."""
    return [paths.exams_dir(), *(pack.exams for pack in find_packs().packs)]


def question_files(folder: Path) -> Iterator[tuple[str, Path]]:
    """Every file of a question by a name of its own, sorted; without its calibration, caches and hidden files."""
    for root, where in (("exams", folder), ("scoring", scoring_of(folder))):
        for name, path in files_below(where):
            if name != FILE_NAME:
                yield f"{root}/{name}", path


def proved_digest(question: Question, rubric: Rubric, solutions: Iterable[str]) -> str:
    """SHA-256 over all that a calibration depends on: data, contract, rubric without prose, and these solutions.

    `solutions` are named as in `Evidence.models`. Raises UserError if one can't be read.
    """
    terms = rubric.model_dump_json(exclude={"reference": {"why"}, "jury": {"__all__": {"why"}}})
    try:
        scripts = [f"{name} {file_hash(solution_path(question, name))}" for name in sorted(solutions)]
    except OSError as error:
        where = str(error.filename or question.folder)
        raise UserError(f"The question can't be read: {error.strerror}.", location=where) from None
    return digest([question.fingerprint, terms, *scripts])


def _files_digest(folder: Path) -> str:
    """What calibrations of version 1 name: SHA-256 over all files of a question."""
    return digest(f"{name}\0{file_hash(path)}" for name, path in question_files(folder))


def stale(question: Question) -> str:
    """Why a question's calibration does not prove the question as it is; empty if it does. Raises UserError."""
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
