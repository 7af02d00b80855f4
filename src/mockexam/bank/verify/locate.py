"""The folders of questions, as authors work with them: finding and creating them, and whether their evidence holds."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mockexam import paths
from mockexam.bank.category import CATEGORIES
from mockexam.bank.loader import (
    digest,
    file_hash,
    files_below,
    identifier,
    load_question,
    question_folders,
    read_exam,
)
from mockexam.bank.models import ExamSlot, Question
from mockexam.bank.packs import find_packs
from mockexam.bank.rubric import EVIDENCE, Rubric, read_evidence, rubric_of
from mockexam.bank.verify.solution_run import expectations, solution_path
from mockexam.errors import UnknownNameError, UserError
from mockexam.paths import scoring_of

SKELETON = Path(__file__).parent / "skeleton"
"""Templates of `exams/` and `scoring/` of one question; each file ends in `.txt`, so that nothing takes it for code."""
NAME = re.compile(r"[a-z][a-z0-9_]{1,48}")


@dataclass(frozen=True)
class QuestionFault:
    """An author's mistake in a question."""

    question: str
    what: str
    where: str  # file, and key or line
    remedy: str

    def __str__(self) -> str:
        return f"{self.question}: {self.what}\n  where: {self.where}\n  what to do: {self.remedy}"


def of_error(question: str, error: UserError) -> QuestionFault:
    """An error as a fault of a question."""
    return QuestionFault(question, error.message, error.location, error.hint or "Correct it; see docs/questions.md.")


def bank_roots() -> list[Path]:
    """Every `exams/` folder: the shipped one first, then those of packs."""
    return [paths.exams_dir(), *(pack.exams for pack in find_packs().packs)]


def find_folders(roots: Sequence[Path], names: Sequence[str] = ()) -> list[Path]:
    """The folders of these questions, or of all, below these `exams/`, by id.

    A name is an id, an unambiguous part of one, a category, or an exam: all that it can draw. Raises UserError for an
    empty bank, UnknownNameError.
    """
    known = {identifier(folder): folder for root in reversed(roots) for folder in question_folders(root)}
    if not known:
        locations = ", ".join(map(str, roots))
        raise UserError("There are no questions here.", location=locations, hint="Add one: `mockexam bank new`.")
    if not names:
        return list(known.values())
    return list({found: known[found] for name in names for found in _matches(name, known, roots)}.values())


def _matches(name: str, folders: Mapping[str, Path], roots: Sequence[Path]) -> list[str]:
    known = list(folders)
    if name in known:
        return [name]
    if name in CATEGORIES:
        return [one for one in known if one.startswith(name + "/")]
    for path in (root / f"{name}.toml" for root in roots if NAME.fullmatch(name)):
        if path.is_file():
            return [one for slot in read_exam(path).exam.questions for one in _of_slot(slot, folders)]
    matches = [one for one in known if name in one]
    if len(matches) == 1:
        return matches
    raise UnknownNameError("question", name, matches or known, ambiguous=len(matches) > 1)


def _of_slot(slot: ExamSlot, folders: Mapping[str, Path]) -> Iterator[str]:
    for name, folder in folders.items():
        free = not slot.only and name.startswith(slot.category + "/")
        if name in slot.only or (free and not load_question(folder).only_named):
            yield name


def question_files(folder: Path) -> Iterator[tuple[str, Path]]:
    """Every file of a question as `exams/...` or `scoring/...`; without its evidence, caches and hidden files."""
    for root, where in (("exams", folder), ("scoring", scoring_of(folder))):
        for name, path in files_below(where):
            if name != EVIDENCE:
                yield f"{root}/{name}", path


def evidence_digest(question: Question, rubric: Rubric, solutions: Iterable[str]) -> str:
    """SHA-256 over data, contract, rubric without prose and `solutions` (as in `Evidence.models`). Raises UserError."""
    terms = rubric.model_dump_json(exclude={"reference": {"why"}, "jury": {"__all__": {"why"}}})
    try:
        scripts = [f"{name} {file_hash(solution_path(question, name))}" for name in sorted(solutions)]
    except OSError as error:
        location = str(error.filename or question.folder)
        raise UserError(f"The question can't be read: {error.strerror}.", location=location) from None
    return digest([question.fingerprint, terms, *scripts])


def stale(question: Question) -> str:
    """Why a question's evidence does not hold for it as it is; empty if it does. Raises UserError."""
    evidence = read_evidence(scoring_of(question.folder) / EVIDENCE)
    if evidence is None:
        return f"{question.id} has no {EVIDENCE}: run `mockexam bank verify {question.id}`."
    if evidence.version == 1:
        current = digest(f"{name}\0{file_hash(path)}" for name, path in question_files(question.folder))
    else:
        rubric = rubric_of(question)
        dropped = evidence.models.keys() - expectations(rubric).keys()
        current = "" if dropped else evidence_digest(question, rubric, evidence.models)
    if evidence.files != current:
        return f"{question.id} has changed since it was verified: run `mockexam bank verify {question.id}`."
    return ""


def not_proved(question: Question) -> str:
    """What to tell of a question whose solutions were never measured, since its data must be fetched; or nothing."""
    if not question.downloads or not stale(question):
        return ""
    return (
        f"not proven here: its bands come from published results, and `mockexam bank verify {question.id}` proves them"
    )


def new_question(bank: Path, name: str) -> tuple[Path, Path]:
    """Create `CATEGORY/NAME` from the template in the `exams/` and `scoring/` of `bank`; returns the two folders.

    Creates both or neither. Raises UserError for an invalid or existing name, or a folder that can't be written.
    """
    category, _, own = name.partition("/")
    if category not in CATEGORIES:
        hint = f"Name it CATEGORY/NAME, with one of {', '.join(CATEGORIES)}."
        raise UserError(f"{category!r} is not a category.", location=name, hint=hint)
    if not NAME.fullmatch(own):
        hint = "Use a short name in lowercase letters, digits and underscores, such as orchard_yield."
        raise UserError(f"{own!r} is not a valid name for a question.", location=name, hint=hint)
    folders = [bank / part / category / own for part in ("exams", "scoring")]
    for folder in folders:
        if folder.exists():
            raise UserError("This question already exists.", location=str(folder), hint="Choose another name.")
    made: list[Path] = []
    try:
        for folder in folders:
            folder.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(prefix=".new-", dir=folder.parent) as draft:
                _copy(SKELETON / folder.parents[1].name, Path(draft) / own)
                (Path(draft) / own).rename(folder)
            made.append(folder)
    except BaseException as error:
        for folder in made:
            shutil.rmtree(folder, ignore_errors=True)
        if not isinstance(error, OSError):
            raise
        message = f"The question can't be created: {error.strerror}."
        hint = "Name a folder that you can write to, with --into."
        raise UserError(message, location=str(error.filename or bank), hint=hint) from None
    return folders[0], folders[1]


def _copy(template: Path, draft: Path) -> None:
    for path in sorted(template.rglob("*.txt")):
        target = draft / path.relative_to(template).with_suffix("")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
