"""Loads the bank: every question and every exam file, shipped or from a pack, checked and fingerprinted."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from pydantic import ValidationError

from mockexam import paths
from mockexam.bank.category import CATEGORIES, rank_of
from mockexam.bank.models import (
    EARLIER,
    PROSE,
    QUESTION_FILES,
    SHIPPED,
    Contract,
    Download,
    EarlierFile,
    EarlierFingerprints,
    Exam,
    Question,
    QuestionFile,
    read_toml,
)
from mockexam.bank.packs import BrokenPack, InstalledPacks, Pack, find_packs
from mockexam.bank.rubric import check_rubric
from mockexam.errors import UnknownNameError, UserError
from mockexam.exam.standing import DEFAULT_EXAM


@dataclass(frozen=True)
class NamedExam:
    """An exam with its name and file."""

    name: str  # `tf_developer`, or `pack:name`
    path: Path
    exam: Exam


@dataclass(frozen=True)
class Bank:
    """All questions by id and all exams by name, shipped and from packs."""

    folder: Path  # the shipped exams and questions
    questions: Mapping[str, Question]  # ordered by category, then id
    exams: Mapping[str, NamedExam]  # the usual one first, then the other shipped ones
    packs: tuple[Pack, ...] = ()
    broken: tuple[BrokenPack, ...] = ()  # packs that are left out, and why
    unfit: Mapping[str, str] = field(default_factory=dict)  # by id, why a question is left out
    absent: Mapping[str, str] = field(default_factory=dict)  # by id, why data that must be fetched can't be now

    @property
    def version(self) -> str:
        """Identifies the current questions: 12 hex digits."""
        return digest(q.id + q.fingerprint for q in self.questions.values())[:12]

    def without(self, unfit: Mapping[str, str]) -> Bank:
        """The bank without these questions; `unfit` gives a reason for each id."""
        questions = {name: question for name, question in self.questions.items() if name not in unfit}
        return replace(self, questions=questions, unfit={**self.unfit, **unfit})

    def without_data(self, absent: Mapping[str, str]) -> Bank:
        """The bank without these questions, whose data can't be fetched now; `absent` gives a reason for each id."""
        questions = {name: question for name, question in self.questions.items() if name not in absent}
        return replace(self, questions=questions, absent={**self.absent, **absent})

    @property
    def left_out(self) -> dict[str, str]:
        """By id, why each question is left out, whatever the reason."""
        return {**self.unfit, **self.absent}

    def of_category(self, category: str) -> tuple[Question, ...]:
        return tuple(q for q in self.questions.values() if q.category == category)

    def question(self, name: str) -> Question:
        """The question of this id or unambiguous part of one. Raises UnknownNameError; UserError if it is left out."""
        if name in self.questions:
            return self.questions[name]
        matches = [identifier for identifier in self.questions if name in identifier]
        if len(matches) == 1:
            return self.questions[matches[0]]
        left_out = [identifier for identifier in self.left_out if name in identifier]
        if not matches and len(left_out) == 1:
            found = left_out[0]
            if found in self.absent:
                raise UserError(f"{found} is left out: {self.absent[found]}", location=str(self.folder))
            message = f"The question {found} is left out because it has a fault: {self.unfit[found]}"
            raise UserError(message, location=str(self.folder), hint="Run `mockexam bank verify --static`.")
        raise UnknownNameError("question", name, matches or list(self.questions), ambiguous=len(matches) > 1)

    def edition(self, question: str, fingerprint: str) -> str:
        """The current fingerprint if this one stands for the same data, else the one given."""
        today = self.questions.get(question)
        return today.fingerprint if today and today.is_edition(fingerprint) else fingerprint

    def exam(self, name: str) -> NamedExam:
        """The exam of this name or `.toml` file; the pack may be left out of a name. Raises UserError."""
        if name in self.exams:
            return self.exams[name]
        if name.endswith(".toml"):
            if not Path(name).exists():
                hint = f"Check the path, or name one of: {', '.join(self.exams)}."
                raise UserError("There is no such exam file.", location=name, hint=hint)
            named = read_exam(Path(name))
            known = self.exams.get(named.name)
            if known is None:
                return named
            # A file of somebody's own that shares its name with a known exam goes by its whole file name.
            return known if known.path.samefile(named.path) else replace(named, name=named.path.name)
        matches = [known for known in self.exams if known.partition(":")[2] == name]
        if len(matches) == 1:
            return self.exams[matches[0]]
        choices = matches or [*self.exams, "the path of a .toml file"]
        raise UnknownNameError("exam", name, choices, ambiguous=len(matches) > 1)


def load_bank(folder: Path | None = None, found: InstalledPacks | None = None) -> Bank:
    """Read and check the whole bank: the shipped one with all installed packs, or the one in a folder by itself.

    `found` replaces the installed packs. A question that can't be read and a broken pack are left out, see `Bank.unfit`
    and `Bank.broken`. Raises UserError for what is wrong with the bank itself.
    """
    root = folder or paths.exams_dir()
    if not root.is_dir():
        raise UserError("The question bank is missing.", location=str(root), hint="Reinstall mockexam.")
    if found is None:
        found = InstalledPacks() if folder else find_packs()
    questions: dict[str, Question] = {}
    unfit: dict[str, str] = {}
    earlier = read_earlier(root)
    for path in question_folders(root):
        try:
            question = load_question(path, earlier=earlier)
        except UserError as error:
            unfit[identifier(path)] = f"{error.message} ({error.location}) {error.hint}".strip()
        else:
            questions[question.id] = question
    files = sorted(root.glob("*.toml"), key=lambda path: (path.stem != DEFAULT_EXAM, path.stem))
    exams = {e.name: e for e in map(read_exam, files)}
    packs, broken = [], list(found.broken)
    for pack in found.packs:
        try:
            its_questions, its_exams = read_pack(pack, questions)
        except UserError as error:
            broken.append(BrokenPack.of(pack.name, pack.distribution, error))
        else:
            packs.append(pack)
            questions |= {q.id: q for q in its_questions}
            exams |= {e.name: e for e in its_exams}
    ordered = sorted(questions.values(), key=lambda q: (rank_of(q.category), q.id))
    left_out = tuple(sorted(broken, key=lambda b: b.name))
    return Bank(root, {q.id: q for q in ordered}, exams, tuple(packs), left_out, unfit)


def read_pack(pack: Pack, taken: Mapping[str, Question]) -> tuple[list[Question], list[NamedExam]]:
    """The questions and exams of a pack, checked, with their rubrics. Raises UserError, also if an id is taken."""
    try:
        for folder in sorted(pack.exams.iterdir()):
            # A misspelt category would hide all its questions.
            if folder.is_dir() and folder.name not in CATEGORIES and not folder.name.startswith((".", "_")):
                hint = f"Use one of {', '.join(CATEGORIES)}."
                raise UserError(f"{folder.name!r} is not a category.", location=str(folder), hint=hint)
        earlier = read_earlier(pack.exams)
        questions = [load_question(folder, pack.name, earlier) for folder in question_folders(pack.exams)]
        exams = [read_exam(path, pack.name) for path in sorted(pack.exams.glob("*.toml"))]
        for question in questions:
            check_rubric(question)
    except OSError as error:
        raise UserError(
            f"The pack can't be read: {error.strerror}.", location=str(error.filename or pack.folder)
        ) from None
    if not questions and not exams:
        message = "The pack has neither questions nor exams."
        raise UserError(message, location=str(pack.exams), hint="See docs/questions.md.")
    for question in questions:
        if question.id in taken:
            other = taken[question.id]
            message = f"There are two questions {question.id}, one of them from {other.pack}."
            hint = "Rename the folder of one of them, in exams/ and in scoring/."
            raise UserError(message, location=f"{question.folder} and {other.folder}", hint=hint)
    return questions, exams


def read_exam(path: Path, pack: str = SHIPPED) -> NamedExam:
    """An exam file. Raises UserError naming file and key."""
    name = path.stem if pack == SHIPPED else f"{pack}:{path.stem}"
    return NamedExam(name=name, path=path, exam=read_toml(path, Exam))


def question_folders(root: Path) -> list[Path]:
    """The folders of all questions below an `exams/` or `scoring/`, by category."""
    return [
        folder
        for category in CATEGORIES
        if (root / category).is_dir()
        for folder in sorted((root / category).iterdir())
        if folder.is_dir() and not folder.name.startswith((".", "_"))
    ]


def identifier(folder: Path) -> str:
    """The id of the question in this folder."""
    return f"{folder.parent.name}/{folder.name}"


def question_folder(name: str) -> Path:
    """The folder of the question of exactly this id, shipped or from a pack. Raises UserError if there is none."""
    shipped = paths.exams_dir() / name
    return shipped if shipped.is_dir() else _from_pack(name).folder


def find_question(name: str) -> Question:
    """The question of exactly this id. Raises UserError if it is missing or broken."""
    shipped = paths.exams_dir() / name
    return load_question(shipped) if shipped.is_dir() else _from_pack(name)


def _from_pack(name: str) -> Question:
    bank = load_bank()
    if name in bank.questions:
        return bank.questions[name]
    raise UserError(
        f"The question {name} is not in the bank.",
        location=", ".join(map(str, [bank.folder, *(pack.exams for pack in bank.packs)])),
        hint=" ".join(f"The pack {pack.name} is left out: {pack.message}" for pack in bank.broken),
    )


def load_question(
    folder: Path, pack: str = SHIPPED, earlier: Mapping[str, EarlierFingerprints] | None = None
) -> Question:
    """The question in this folder; `earlier` replaces the fingerprints that its bank lists. Raises UserError."""
    missing = [name for name in QUESTION_FILES if not (folder / name).is_file()]
    if missing:
        raise UserError(
            f"The question has no {', '.join(missing)}.", location=str(folder), hint="Add it; see docs/questions.md."
        )
    file = read_toml(folder / "question.toml", QuestionFile)
    current = fingerprint(folder, file.contract, file.downloads)
    listed = (read_earlier(folder.parents[1]) if earlier is None else earlier).get(identifier(folder))
    former = listed.earlier if listed and listed.fingerprint == current else (former_fingerprint(folder),)
    known = {"file": file, "fingerprint": current, "earlier": former, "pack": pack}
    try:
        return Question.model_validate(
            {"id": identifier(folder), "category": folder.parent.name, "folder": folder, **known}
        )
    except ValidationError:
        message = f"{folder.name!r} is not a valid name for a question."
        hint = "Use 2 to 49 lowercase letters, digits and underscores, starting with a letter."
        raise UserError(message, location=str(folder), hint=hint) from None


def find_category(name: str) -> str:
    """The category that starts with `name`, or has a word that does. Raises UnknownNameError."""
    wanted = name.strip().lower().replace(" ", "_").replace("-", "_")
    if wanted in CATEGORIES:
        return wanted
    matches = [c for c in CATEGORIES if wanted and any(w.startswith(wanted) for w in (c, *c.split("_")))]
    if len(matches) == 1:
        return matches[0]
    raise UnknownNameError("category", name, matches or list(CATEGORIES), ambiguous=len(matches) > 1)


def fingerprint(folder: Path, contract: Contract, downloads: Iterable[Download] = ()) -> str:
    """SHA-256 over `data.py`, the files and downloads that it reads and the contract without its prose. Raises OSError.

    Title, brief, hints and stub may be reworded: recorded attempts and the codes of papers stay valid.
    """
    terms = contract.model_dump(
        mode="json", exclude={"input": {"meaning"}, "output": {"meaning"}}, exclude_defaults=True
    )
    files = [f"{name} {file_hash(path)}" for name, path in files_below(folder) if name not in PROSE]
    files += [f"{download.file} {download.sha256}" for download in downloads]
    return digest([*files, json.dumps(terms, sort_keys=True)])


def former_fingerprint(folder: Path) -> str:
    """The fingerprint that earlier versions gave: a hash of all files of the question's folder. Raises OSError."""
    more = {path.name for path in folder.iterdir() if path.is_file() and not path.name.startswith(".")}
    names = [*QUESTION_FILES, *sorted(more - set(QUESTION_FILES))]
    return digest(name + file_hash(folder / name) for name in names)


def read_earlier(exams: Path) -> Mapping[str, EarlierFingerprints]:
    """The earlier fingerprints that a bank or pack lists, by question; empty without the file. Raises UserError."""
    path = exams / EARLIER
    return read_toml(path, EarlierFile).root if path.is_file() else {}


def files_below(folder: Path) -> Iterator[tuple[str, Path]]:
    """Every file below a folder with its relative name, sorted; without caches and hidden files."""
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if path.is_file() and not any(part == "__pycache__" or part.startswith(".") for part in inside.parts):
            yield inside.as_posix(), path


def file_hash(path: Path) -> str:
    """SHA-256 of a file, as hex. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def digest(parts: Iterable[str]) -> str:
    """SHA-256 over strings, each terminated, as hex."""
    hashed = hashlib.sha256()
    for part in parts:
        hashed.update(part.encode() + b"\0")
    return hashed.hexdigest()
