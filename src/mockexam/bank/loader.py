"""Loading the bank: every question and every exam file, shipped or from a pack, checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from pydantic import ValidationError

from mockexam import paths
from mockexam.bank.category import CATEGORIES, rank_of
from mockexam.bank.fingerprint import (
    QUESTION_FILES,
    EarlierFingerprints,
    digest,
    fingerprint,
    former_fingerprint,
    read_earlier,
)
from mockexam.bank.models import SHIPPED, Exam, Question, QuestionFile, read_toml
from mockexam.bank.packs import BrokenPack, InstalledPacks, Pack, find_packs
from mockexam.bank.rubric import check_rubric
from mockexam.errors import UnknownNameError, UserError


@dataclass(frozen=True)
class NamedExam:
    """An exam and the name that it goes by."""

    name: str
    """`tf_developer`; of a pack `pack:name`."""
    path: Path
    exam: Exam


@dataclass(frozen=True)
class Bank:
    """All questions, by id, and all exams, by name: the shipped ones and those of packs."""

    folder: Path
    """The shipped exams and questions; a pack's have their own."""
    questions: Mapping[str, Question]
    """In the order of categories, then ids."""
    exams: Mapping[str, NamedExam]
    """The shipped ones first."""
    packs: tuple[Pack, ...] = ()
    broken: tuple[BrokenPack, ...] = ()
    """Packs that were left out, and why."""
    unfit: Mapping[str, str] = field(default_factory=dict)
    """By id, questions that were left out, and why."""

    @property
    def version(self) -> str:
        """Names this state of the bank: 12 hex digits over all questions."""
        return digest(q.id + q.fingerprint for q in self.questions.values())[:12]

    def without(self, unfit: Mapping[str, str]) -> Bank:
        """The bank without some questions, named by id with what is wrong with each."""
        questions = {name: question for name, question in self.questions.items() if name not in unfit}
        return replace(self, questions=questions, unfit={**self.unfit, **unfit})

    def of_category(self, category: str) -> tuple[Question, ...]:
        """The questions of a category, by id."""
        return tuple(q for q in self.questions.values() if q.category == category)

    def question(self, name: str) -> Question:
        """The question of this id, or of this unambiguous part of an id.

        Raises UnknownNameError; UserError for one that was left out.
        """
        if name in self.questions:
            return self.questions[name]
        fits = [identifier for identifier in self.questions if name in identifier]
        if len(fits) == 1:
            return self.questions[fits[0]]
        left_out = [identifier for identifier in self.unfit if name in identifier]
        if not fits and len(left_out) == 1:
            what = f"The question {left_out[0]} is left out because of a fault: {self.unfit[left_out[0]]}"
            raise UserError(what, location=str(self.folder), hint="Run `mockexam bank verify --static`.")
        raise UnknownNameError("question", name, fits or list(self.questions), ambiguous=len(fits) > 1)

    def edition(self, question: str, fingerprint: str) -> str:
        """One fingerprint for all that stand for the same data: today's, else the one given."""
        today = self.questions.get(question)
        return today.fingerprint if today and today.is_edition(fingerprint) else fingerprint

    def exam(self, name: str) -> NamedExam:
        """The exam of this name, or in this `.toml` file; a pack's also without the pack. Raises UserError."""
        if name in self.exams:
            return self.exams[name]
        if name.endswith(".toml"):
            return self._own_exam(read_exam(Path(name)))
        fits = [known for known in self.exams if known.partition(":")[2] == name]
        if len(fits) == 1:
            return self.exams[fits[0]]
        known = fits or [*self.exams, "the path of a .toml file"]
        raise UnknownNameError("exam", name, known, ambiguous=len(fits) > 1)

    def _own_exam(self, named: NamedExam) -> NamedExam:
        """An exam file that is named by its path; one that shares its name with another keeps apart from it."""
        known = self.exams.get(named.name)
        if known is None:
            return named
        return known if known.path.samefile(named.path) else replace(named, name=named.path.name)


def load_bank(folder: Path | None = None, found: InstalledPacks | None = None) -> Bank:
    """Read and check the whole bank: the shipped one with all installed packs, or the one of a folder by itself.

    `found`: the packs to take in place of those. A question that can't be read is left out, see `Bank.unfit`, and so is
    a broken pack, see `Bank.broken`. Raises UserError for what is wrong with the bank itself.
    """
    root = folder or paths.exams_dir()
    if not root.is_dir():
        raise UserError("The question bank is missing.", location=str(root), hint="Reinstall mockexam.")
    if found is None:
        found = InstalledPacks() if folder else find_packs()
    questions: dict[str, Question] = {}
    unfit: dict[str, str] = {}
    earlier = read_earlier(root)
    for path in _folders(root):
        try:
            question = load_question(path, earlier=earlier)
        except UserError as error:
            unfit[f"{path.parent.name}/{path.name}"] = f"{error.message} ({error.location}) {error.hint}".strip()
        else:
            questions[question.id] = question
    exams = {e.name: e for e in map(read_exam, sorted(root.glob("*.toml")))}
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
    """All that a pack brings, checked, its rubrics too. Raises UserError, also if a question's id is taken."""
    try:
        _check_categories(pack)
        earlier = read_earlier(pack.exams)
        questions = [load_question(folder, pack.name, earlier) for folder in _folders(pack.exams)]
        exams = [read_exam(path, pack.name) for path in sorted(pack.exams.glob("*.toml"))]
        for question in questions:
            check_rubric(question)
    except OSError as error:
        raise UserError(f"It can't be read: {error.strerror}.", location=str(error.filename or pack.folder)) from None
    if not questions and not exams:
        raise UserError("It holds no question and no exam.", location=str(pack.exams), hint="See docs/questions.md.")
    for question in questions:
        if question.id in taken:
            other = taken[question.id]
            raise UserError(
                f"There are two questions {question.id}, one of them from {other.pack}.",
                location=f"{question.folder} and {other.folder}",
                hint="Rename the folder of one of them, in exams/ and in scoring/.",
            )
    return questions, exams


def _check_categories(pack: Pack) -> None:
    """A misspelt folder would hide all questions in it."""
    for folder in sorted(pack.exams.iterdir()):
        if folder.is_dir() and folder.name not in CATEGORIES and not folder.name.startswith((".", "_")):
            remedy = f"Use one of {', '.join(CATEGORIES)}."
            raise UserError(f"There is no category {folder.name!r}.", location=str(folder), hint=remedy)


def read_exam(path: Path, pack: str = SHIPPED) -> NamedExam:
    """An exam file. Raises UserError naming file and key."""
    name = path.stem if pack == SHIPPED else f"{pack}:{path.stem}"
    return NamedExam(name=name, path=path, exam=read_toml(path, Exam))


def _folders(root: Path) -> list[Path]:
    """Of all questions of a bank or pack."""
    return [
        folder
        for category in CATEGORIES
        if (root / category).is_dir()
        for folder in sorted((root / category).iterdir())
        if folder.is_dir() and not folder.name.startswith((".", "_"))
    ]


def question_folder(name: str) -> Path:
    """Where the question of this very id lies, in the shipped bank or a pack. Quick for a shipped one.

    Raises UserError if it is nowhere, naming the packs that were left out.
    """
    return _shipped(name) or _from_pack(name).folder


def find_question(name: str) -> Question:
    """The question of this very id. Raises UserError if it is missing or broken."""
    shipped = _shipped(name)
    return load_question(shipped) if shipped else _from_pack(name)


def _shipped(name: str) -> Path | None:
    folder = paths.exams_dir() / name
    return folder if folder.is_dir() else None


def _from_pack(name: str) -> Question:
    bank = load_bank()
    if name in bank.questions:
        return bank.questions[name]
    raise UserError(
        f"The question {name} is not in the bank.",
        location=", ".join(map(str, [bank.folder, *(pack.exams for pack in bank.packs)])),
        hint=" ".join(f"The pack {pack.name} was left out: {pack.what}" for pack in bank.broken),
    )


def load_question(
    folder: Path, pack: str = SHIPPED, earlier: Mapping[str, EarlierFingerprints] | None = None
) -> Question:
    """The question in this folder, `.../<category>/<question>`. Raises UserError.

    `earlier`: what its bank lists of earlier fingerprints; read from there if not at hand.
    """
    missing = [name for name in QUESTION_FILES if not (folder / name).is_file()]
    if missing:
        raise UserError(
            f"The question lacks {', '.join(missing)}.",
            location=str(folder),
            hint="Add the file; see docs/questions.md.",
        )
    file = read_toml(folder / "question.toml", QuestionFile)
    category = folder.parent.name
    identifier = f"{category}/{folder.name}"
    current = fingerprint(folder, file.contract)
    listed = (read_earlier(folder.parents[1]) if earlier is None else earlier).get(identifier)
    known = listed.earlier if listed and listed.fingerprint == current else (former_fingerprint(folder),)
    try:
        return Question.model_validate(
            {
                "id": identifier,
                "category": category,
                "folder": folder,
                "file": file,
                "fingerprint": current,
                "earlier": known,
                "pack": pack,
            }
        )
    except ValidationError:
        raise UserError(
            f"{folder.name!r} is no name for a question.",
            location=str(folder),
            hint="Use 2 to 49 small letters, digits and _, a letter first.",
        ) from None


def find_category(name: str) -> str:
    """The category that begins with this, or has a word that does. Raises UnknownNameError."""
    wanted = name.strip().lower().replace(" ", "_").replace("-", "_")
    if wanted in CATEGORIES:
        return wanted
    fits = [c for c in CATEGORIES if wanted and any(w.startswith(wanted) for w in (c, *c.split("_")))]
    if len(fits) == 1:
        return fits[0]
    raise UnknownNameError("category", name, fits or list(CATEGORIES), ambiguous=len(fits) > 1)
