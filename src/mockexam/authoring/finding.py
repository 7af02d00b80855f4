"""Which folders hold questions, broken ones too: a question that can't be read is still found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from mockexam import paths
from mockexam.bank.category import CATEGORIES
from mockexam.bank.packs import find_packs
from mockexam.errors import ToldError, UnknownNameError


def find_folders(roots: Sequence[Path], names: Sequence[str] = ()) -> list[Path]:
    """The folders of these questions, or of all, below these `exams/`, by id.

    A name is an id, an unambiguous part of one, or a category. Raises UnknownNameError; ToldError for an empty bank.
    """
    every = {identifier(folder): folder for root in reversed(roots) for folder in _all(root)}
    if not every:
        where = ", ".join(map(str, roots))
        raise ToldError("There is no question here.", where=where, remedy="Add one: `mockexam bank new`.")
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
