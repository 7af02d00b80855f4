"""How much disk the past takes, and the rule by which kept models go.

The rule: of every question of an ended attempt the models of the best and of the last submission stay, and those that
could not be marked through no fault of the candidate. Scripts always stay.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mockexam.errors import ToldError
from mockexam.exam.attempt import Phase, Question, Submission
from mockexam.exam.marking import Verdict
from mockexam.records.deletion import Freed, Progress, clear_aside, known_attempts, set_aside
from mockexam.records.journal import Journal
from mockexam.records.kept_files import Kept, folders, keeping_house, kept_in, remove


@dataclass(frozen=True, slots=True)
class DiskUse:
    """Bytes on the disk."""

    database: int
    """The record with its log and its spare copy."""
    models: int
    scripts: int
    by_attempt: Mapping[str, int]
    """Models and scripts of each attempt on record that has any."""
    strays: int = 0
    """Folders that belong to no attempt on record; no part of `models` and `scripts`."""

    @property
    def total(self) -> int:
        """All of it."""
        return self.database + self.models + self.scripts + self.strays


def disk_use(journal: Journal, submissions: Path) -> DiskUse:
    """What the record and the kept models and scripts take. Looks at every file. Raises ToldError."""
    # The folders first: one that an attempt makes is there only when the attempt is on record.
    found = {name: kept_in(submissions / name) for name in folders(submissions)}
    known = known_attempts(journal)
    mine = {name: kept for name, kept in found.items() if name in known}
    return DiskUse(
        database=_database_size(journal.path),
        models=sum(one.size for kept in mine.values() for one in kept if not one.is_scripts),
        scripts=sum(one.size for kept in mine.values() for one in kept if one.is_scripts),
        by_attempt={name: _total(kept) for name, kept in mine.items() if kept},
        strays=sum(_total(kept) for name, kept in found.items() if name not in known),
    )


def prune(journal: Journal, submissions: Path, dry: bool = False, progress: Progress = lambda _, __: None) -> Freed:
    """Remove the models that the rule lets go, and folders that belong to no attempt on record; with `dry` only tell.

    An attempt that is under way, not fully marked, altered or unreadable is left alone. Raises ToldError.
    """
    if dry:
        return _prune(journal, submissions, progress, dry=True)
    with keeping_house(submissions):
        return _prune(journal, submissions, progress, dry=False)


def _staying(question: Question) -> list[Submission]:
    """The submissions of a question whose models stay."""
    submissions = question.submissions
    graded = [s for s in submissions if s.marking is not None and s.marking.verdict is Verdict.GRADED]
    owed = [s for s in submissions if s.marking is None or s.marking.verdict is Verdict.GRADER_ERROR]
    best = sorted(graded, key=lambda s: (s.marks or 0, -s.order))[-1:]
    counted = [question.counted] if question.counted else []
    return [*submissions[-1:], *best, *counted, *owed]


def _prune(journal: Journal, submissions: Path, progress: Progress, *, dry: bool) -> Freed:
    there = folders(submissions)
    known = known_attempts(journal)
    strays = [name for name in there if name not in known]
    gone: dict[str, list[Kept]] = {}
    left: list[str] = []
    for number, attempt in enumerate(name for name in there if name in known):
        progress(number / len(there), "looking for models that may go")
        for kept in _may_go(journal, submissions, attempt):
            if dry or remove(submissions / attempt / kept.name):
                gone.setdefault(attempt, []).append(kept)
            else:
                left.append(f"{submissions / attempt / kept.name} could not be removed.")
    cleared = _dry_strays(submissions, strays) if dry else _clear_strays(journal, submissions, strays)
    progress(1.0, "looked through all attempts")
    return Freed(
        attempts=tuple(gone),
        models=sum(len(kept) for kept in gone.values()) + cleared.models,
        size=sum(_total(kept) for kept in gone.values()) + cleared.size,
        strays=cleared.strays,
        left=(*left, *cleared.left),
    )


def _may_go(journal: Journal, submissions: Path, attempt: str) -> list[Kept]:
    models = [kept for kept in kept_in(submissions / attempt) if not kept.is_scripts]
    if len(models) < 2:
        return []  # nothing to choose from: not worth reading the attempt for
    try:
        state = journal.attempt(attempt)
        if state.phase is not Phase.ENDED or journal.verify(attempt) is not None:
            return []
        stay = {s.received.stored for question in state.questions for s in _staying(question)}
    except (ToldError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        return []  # what altered events say of best and last is nothing to go by
    return [kept for kept in models if f"{attempt}/{kept.name}" not in stay]


def _dry_strays(submissions: Path, strays: list[str]) -> Freed:
    kept = [one for name in strays for one in kept_in(submissions / name)]
    return Freed(models=sum(not one.is_scripts for one in kept), size=_total(kept), strays=len(strays))


def _clear_strays(journal: Journal, submissions: Path, strays: list[str]) -> Freed:
    left = set_aside(journal, strays, submissions)
    freed = clear_aside(submissions)
    return Freed(models=freed.models, size=freed.size, strays=freed.strays, left=(*left, *freed.left))


def _total(kept: list[Kept]) -> int:
    return sum(one.size for one in kept)


def _database_size(path: Path) -> int:
    """The record's file and what stands beside it under its name: log, spare copy, copies of damaged ones."""
    beside = (one for one in kept_in(path.parent, files_only=True) if one.name.startswith(path.name))
    return sum(one.size for one in beside)
