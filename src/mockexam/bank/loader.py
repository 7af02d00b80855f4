"""Loading the bank: every question of `exams/` and every exam file, checked."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from mockexam import paths
from mockexam.bank.models import CATEGORIES, Exam, Question, QuestionFile
from mockexam.bank.toml import read_toml
from mockexam.errors import ToldError, UnknownNameError

QUESTION_FILES = ("question.toml", "brief.md", "stub.py", "data.py", "hints.md")
"""What a question's folder holds, no more and no less."""


@dataclass(frozen=True)
class NamedExam:
    """An exam and the name that it goes by."""

    name: str
    path: Path
    exam: Exam


@dataclass(frozen=True)
class Bank:
    """All questions, by id, and all exams, by name."""

    folder: Path
    questions: Mapping[str, Question]
    exams: Mapping[str, NamedExam]

    @property
    def version(self) -> str:
        """Names this state of the bank: 12 hex digits over all questions."""
        return digest(q.id + q.fingerprint for q in self.questions.values())[:12]

    def of_category(self, category: str) -> tuple[Question, ...]:
        """The questions of a category, by id."""
        return tuple(q for q in self.questions.values() if q.category == category)

    def question(self, name: str) -> Question:
        """The question of this id, or of this unambiguous part of an id. Raises UnknownNameError."""
        if name in self.questions:
            return self.questions[name]
        fits = [identifier for identifier in self.questions if name in identifier]
        if len(fits) == 1:
            return self.questions[fits[0]]
        raise UnknownNameError("question", name, fits or list(self.questions), ambiguous=len(fits) > 1)

    def exam(self, name: str) -> NamedExam:
        """The exam of this name, or in this `.toml` file. Raises ToldError."""
        if name in self.exams:
            return self.exams[name]
        if name.endswith(".toml"):
            return read_exam(Path(name))
        raise UnknownNameError("exam", name, [*self.exams, "the path of a .toml file"])


def load_bank(folder: Path | None = None) -> Bank:
    """Read and check the whole bank (the shipped one unless a folder is named). Raises ToldError."""
    root = folder or paths.exams_dir()
    if not root.is_dir():
        raise ToldError("The question bank is missing.", where=str(root), remedy="Reinstall mockexam.")
    questions = {q.id: q for category in CATEGORIES for q in _category(root, category)}
    exams = {e.name: e for e in map(read_exam, sorted(root.glob("*.toml")))}
    return Bank(folder=root, questions=questions, exams=exams)


def read_exam(path: Path) -> NamedExam:
    """An exam file. Raises ToldError naming file and key."""
    return NamedExam(name=path.stem, path=path, exam=read_toml(path, Exam))


def _category(root: Path, category: str) -> list[Question]:
    folder = root / category
    if not folder.is_dir():
        return []
    return [load_question(q) for q in sorted(folder.iterdir()) if q.is_dir() and not q.name.startswith((".", "_"))]


def load_question(folder: Path) -> Question:
    """The question in this folder, `.../<category>/<question>`. Raises ToldError."""
    missing = [name for name in QUESTION_FILES if not (folder / name).is_file()]
    if missing:
        raise ToldError(
            f"The question lacks {', '.join(missing)}.",
            where=str(folder),
            remedy="Add the file; see docs/questions.md.",
        )
    file = read_toml(folder / "question.toml", QuestionFile)
    category = folder.parent.name
    fingerprint = digest(name + hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in QUESTION_FILES)
    return Question.model_validate(
        {
            "id": f"{category}/{folder.name}",
            "category": category,
            "folder": folder,
            "file": file,
            "fingerprint": fingerprint,
        }
    )


def digest(parts: Iterable[str]) -> str:
    """SHA-256 over strings, each ended, as hex."""
    hashed = hashlib.sha256()
    for part in parts:
        hashed.update(part.encode() + b"\0")
    return hashed.hexdigest()


def find_category(name: str) -> str:
    """The category that begins with this, or has a word that does. Raises UnknownNameError."""
    wanted = name.strip().lower().replace(" ", "_").replace("-", "_")
    if wanted in CATEGORIES:
        return wanted
    fits = [c for c in CATEGORIES if wanted and any(w.startswith(wanted) for w in (c, *c.split("_")))]
    if len(fits) == 1:
        return fits[0]
    raise UnknownNameError("category", name, fits or list(CATEGORIES), ambiguous=len(fits) > 1)
