"""From a folder or a list to items: which model, which question, which data."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from mockexam.bank.loader import Bank, load_bank
from mockexam.bank.models import Question
from mockexam.bank.screening import signature
from mockexam.batch.discovery import ARCHIVES, SUFFIXES, UNREADABLE, LeftOut, ListRow, read_list, search
from mockexam.batch.job import BatchItem, grade_data_seed, grade_holdout_seed
from mockexam.errors import UserError
from mockexam.exam.events import ModelFormat
from mockexam.exam.model_format import RECEIVED_NAMES, format_of_file
from mockexam.workspace.layout import SUBMISSION_NAMES, WORKSPACE_FILE, find_workspace, model_format, newest_model
from mockexam.workspace.scripts import printable

_SHOWN = 10
_LENGTH = 200
_LOOKED_AT = 1000
"""So many names of a folder that has no model are looked at."""


@dataclass(frozen=True, slots=True)
class BatchPlan:
    """What to grade."""

    items: tuple[BatchItem, ...]
    left_out: tuple[LeftOut, ...] = ()
    others: int = 0
    """Number of models of other questions than the requested one."""
    notes: tuple[str, ...] = ()
    """What else to tell before grading, printable."""
    listed: tuple[tuple[str, Mapping[str, str]], ...] = ()
    """For each row of a list: the student, and the list's other columns."""
    papers: frozenset[str] = frozenset()
    """Ids of the questions that all papers of a folder's workspaces have."""

    @property
    def questions(self) -> frozenset[str]:
        """Ids of the questions that were asked, also of those for which nobody handed in a model."""
        known = {item.question for item in self.items} | {one.question for one in self.left_out}
        return self.papers | (known - {""})


def is_many(target: Path) -> bool:
    """Whether a path stands for many models: a folder that is not itself a model, or a list of models."""
    if target.is_dir():
        return model_format(target) is None
    return target.suffix.lower() in SUFFIXES


def plan(target: Path, question: str | None, seed: int | None, holdout_seed: str | None = None) -> BatchPlan:
    """The items of a folder or a list. Raises UserError: no model at all, unknown question, duplicate name."""
    bank = load_bank()
    requested = bank.question(question) if question else None
    planner = _Planner(bank, requested, seed, holdout_seed)
    top = target.expanduser().absolute()
    return planner.folder(top) if top.is_dir() else planner.list(top)


@dataclass(frozen=True, slots=True)
class _Origin:
    """What the workspace around a model says, if there is one."""

    data_seed: str
    """Of the data it was trained on."""
    question: Question | None = None
    problem: str = ""
    paper: frozenset[str] | None = None
    """Ids of the questions of its paper."""


class _Planner:
    """Makes items; reads each question once."""

    def __init__(self, bank: Bank, requested: Question | None, seed: int | None, holdout_seed: str | None) -> None:
        self._bank = bank
        self._requested = requested
        self._seed = seed
        self._holdout_seed = holdout_seed
        self._editions: dict[str, str] = {}

    def folder(self, top: Path) -> BatchPlan:
        """One item per model, except models of other questions than the requested one."""
        found = search(top)
        single = printable(top.name) if (top / WORKSPACE_FILE).is_file() else ""
        models = [(model, self._origin(model.path, self._seed)) for model in found.models]
        unknown = [
            model.relative
            for model, origin in models
            if self._requested is None and origin.question is None and not (origin.problem or model.problem)
        ]
        if unknown:
            raise _which_question(top, unknown)
        items = tuple(
            self._item(
                model.relative,
                model.path,
                model.format,
                origin.question or self._requested,
                origin,
                self._seed,
                student=single or student_of(model.relative),
                problem=model.problem,
            )
            for model, origin in models
            if origin.question in (None, self._requested) or self._requested is None
        )
        if not items:
            raise UserError(
                "All models in this folder are of other questions.", location=str(top), hint="Leave out --question."
            )
        # In all, not in any: a hand-in may bring a workspace file that names more.
        papers = [origin.paper for _, origin in models if origin.paper is not None and not self._requested]
        asked = frozenset.intersection(*papers) if papers else frozenset()
        return BatchPlan(items, found.left_out, len(found.models) - len(items), papers=asked)

    def list(self, path: Path) -> BatchPlan:
        """One item per row whose model is there."""
        rows = read_list(path)
        questions = [self._named(row, path) for row in rows]
        items: list[BatchItem] = []
        left_out: list[LeftOut] = []
        notes = [*self._overruled(path, rows, questions)]
        taken: dict[tuple[str, str], ListRow] = {}
        unseeded = 0
        for row, question in zip(rows, questions, strict=True):
            found = _find_model(Path(path.parent, _expanded(row.model)))
            if isinstance(found, str):
                where = "" if row.name == row.model else f" ({printable(row.model[:_LENGTH])})"
                known = question.id if question else ""
                left_out.append(LeftOut(printable(row.name[:_LENGTH]), f"{found}{where}", known, listed=True))
                _take_name(path, taken, row, left_out[-1].question or row.location)
                continue
            items.append(self._row(path, row, question, found))
            unseeded += row.seed is None and self._seed is None and items[-1].data_seed == grade_data_seed(0)
            _take_name(path, taken, row, items[-1].question)
            if note := items[-1].note:
                notes.append(f"{row.name}: {note[0].lower()}{note[1:]}")
        if not items:
            raise _nothing_handed_in(path, left_out)
        if unseeded:
            without = f"{unseeded} row{'s' * (unseeded != 1)} without a seed"
            notes.append(f"{without}: graded on the data of seed 0. Say another one in a column `seed`.")
        listed = tuple((printable(row.name[:_LENGTH]), row.others) for row in rows)
        return BatchPlan(tuple(items), tuple(left_out), notes=tuple(map(printable, notes)), listed=listed)

    def _overruled(self, path: Path, rows: Sequence[ListRow], questions: Sequence[Question | None]) -> Sequence[str]:
        """Where rows of a list keep their own question or seed. Raises UserError for an option that no row heeds."""
        notes = []
        if self._requested:
            others = [row for row, one in zip(rows, questions, strict=True) if one != self._requested]
            notes += _option_notes(path, "question", self._requested.id, others, [r for r in rows if not r.question])
        if self._seed is not None:
            others = [row for row in rows if row.seed not in (None, self._seed)]
            notes += _option_notes(path, "seed", str(self._seed), others, [row for row in rows if row.seed is None])
        return notes

    def _row(self, path: Path, row: ListRow, question: Question | None, model: _HandIn) -> BatchItem:
        seed = self._seed if row.seed is None else row.seed
        # A row that says all is not asked for the workspace file, which a hand-in may bring.
        origin = _Origin(grade_data_seed(seed or 0))
        if question is None or seed is None:
            origin = self._origin(model.path, seed)
            question = question or origin.question
        if question is None and not (origin.problem or model.problem):
            raise _which_question(path, [f"{row.model} ({row.location})"])
        student = printable(row.name[:_LENGTH])
        note = ""
        if model.others:
            folder = printable(model.path.parent.name)
            note = f"Of several models in {folder}, the one with the newest date counts: {model.path.name}."
        return self._item(
            row.name,
            model.path,
            model.format,
            question,
            origin,
            seed,
            student=student,
            problem=model.problem,
            note=note,
        )

    def _named(self, row: ListRow, path: Path) -> Question | None:
        try:
            return self._bank.question(row.question) if row.question else self._requested
        except UserError as error:
            raise UserError(error.message, location=f"{path}, {row.location}", hint=error.hint) from None

    def _origin(self, model: Path, seed: int | None) -> _Origin:
        """As for a single model: the paper of the workspace around it, unless a seed is given."""
        data_seed = grade_data_seed(seed or 0)
        try:
            found = find_workspace(model)
            question = self._bank.question(found.question) if found and found.question else None
        except UserError as error:
            known = self._requested is not None and seed is not None
            return _Origin(data_seed, problem="" if known else error.message)
        paper = frozenset(name for name in found.questions if name in self._bank.questions) if found else None
        return _Origin(found.code if found and seed is None else data_seed, question, paper=paper)

    def _item(
        self,
        name: str,
        path: Path,
        form: ModelFormat,
        question: Question | None,
        origin: _Origin,
        seed: int | None,
        *,
        student: str,
        problem: str,
        note: str = "",
    ) -> BatchItem:
        if question is not None and question.id not in self._editions:
            self._editions[question.id] = signature(question)
        return BatchItem(
            name=printable(name),
            path=path,
            format=form,
            question=question.id if question else "",
            fingerprint=question.fingerprint if question else "",
            edition=self._editions[question.id] if question else "",
            data_seed=origin.data_seed,
            seed=seed or 0,
            holdout_seed=grade_holdout_seed(seed or 0, self._holdout_seed),
            problem=problem or origin.problem or _path_problem(path),
            student=student,
            note=note,
        )


def student_of(relative: str) -> str:
    """Who handed in what lies at a path below the folder of all: the folder at the top, or a single file's stem."""
    top, _, below = relative.partition("/")
    return printable(Path(top).stem if not below and format_of_file(top) else top)


def _path_problem(path: Path) -> str:
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return "Its path contains bytes that are not valid text: rename it."
    return ""


def _expanded(model: str) -> Path:
    try:
        return Path(model).expanduser()
    except RuntimeError:  # ~ of an unknown user
        return Path(model)


@dataclass(frozen=True, slots=True)
class _HandIn:
    """The model of a row."""

    path: Path
    format: ModelFormat
    others: bool = False
    """Whether the folder holds more than this one."""
    problem: str = ""
    """Why nobody can tell what is there."""


def _find_model(place: Path) -> _HandIn | str:
    """The model at a row's path, or the newest in the folder there under a name that is received; else why not."""
    try:
        place = _spelt_as_there(place)
        if form := model_format(place):
            return _HandIn(place, form)
        if place.is_dir():
            if newest := newest_model(place, by_date=True):
                count = sum(model_format(place / name) is not None for name in SUBMISSION_NAMES)
                return _HandIn(*newest, others=count > 1)
            return _nothing_in(place)
        return "handed in no saved model" if place.exists() else _nothing_at(place)
    except PermissionError:
        return _HandIn(place, "keras", problem=UNREADABLE)
    except (OSError, ValueError):  # a name that is too long, or is no name
        return "handed in nothing"


def _spelt_as_there(place: Path) -> Path:
    """The path, or the one there whose names differ only in how accents are encoded, as those from a Mac do."""
    if os.path.lexists(place) or place == place.parent:
        return place
    parent, wanted = _spelt_as_there(place.parent), unicodedata.normalize("NFC", place.name)
    there = parent.iterdir() if parent.is_dir() and not place.name.isascii() else ()
    return next((path for path in there if unicodedata.normalize("NFC", path.name) == wanted), parent / place.name)


def _nothing_in(folder: Path) -> str:
    """Why no model of a folder counts: what looks like one has another name or place, or there is none."""
    for path in islice(sorted(folder.iterdir()), _LOOKED_AT):
        if path.name in SUBMISSION_NAMES:
            return f"handed in {path.name}, which {'is a link' if path.is_symlink() else 'is not a saved model'}"
        if model_format(path) or (path.is_file() and path.suffix.lower() in ARCHIVES):
            return f"handed in nothing named {RECEIVED_NAMES}; there is {printable(path.name[:_LENGTH])}"
    return _nothing_at(folder)


def _nothing_at(folder: Path) -> str:
    """For an empty or a missing folder: what lies beside it, or above it, or in another one of the same name."""
    student = folder.parent
    for place in (student / student.name / folder.name, folder / folder.name, student):
        if newest_model(place):
            there = printable(place.relative_to(student.parent).as_posix())
            return f"handed in nothing in the right folder; there is a model in {there}"
    for packed in (folder, student):
        for ending in ARCHIVES:
            if (archive := packed.with_name(packed.name + ending)).is_file():
                return f"handed in only an archive; unpack {printable(archive.name)}"
    return "handed in nothing" + ("" if student.is_dir() else f"; there is no folder {printable(student.name)}")


def _nothing_handed_in(path: Path, left_out: Sequence[LeftOut]) -> UserError:
    shown = [printable(str(one)) for one in left_out[:_SHOWN]]
    if len(left_out) > _SHOWN:
        shown.append(f"And {len(left_out) - _SHOWN} more.")
    return UserError(
        f"All models of the list are missing. {' '.join(shown)}",
        location=str(path),
        hint=f"Paths are relative to the folder of the list. A folder needs {RECEIVED_NAMES} in it.",
    )


def _option_notes(
    path: Path, column: str, value: str, others: Sequence[ListRow], without: Sequence[ListRow]
) -> list[str]:
    """`others`: the rows that say something else than the option; `without`: those that say nothing."""
    if not others:
        return []
    if without:
        some = f"{len(without)} row{'s' * (len(without) != 1)}"
        keep = f"{len(others)} row{'s keep' if len(others) != 1 else ' keeps'}"
        return [f"--{column} {value} is used for {some} without a {column}; {keep} another one."]
    raise UserError(
        f"--{column} {value} contradicts the list, whose column `{column}` says something else.",
        location=f"{path}, {others[0].location}" + (f" and {len(others) - 1} more" if len(others) > 1 else ""),
        hint=f"Leave out --{column}, or change the list: keep only the rows that you want, or empty that column.",
    )


def _take_name(path: Path, taken: dict[tuple[str, str], ListRow], row: ListRow, question: str) -> None:
    """Raise UserError if name and question, which identify a result, are taken; a question has several spellings."""
    before = taken.setdefault((printable(row.name), question), row)
    if before is not row:
        raise UserError(
            f"The name {printable(row.name)!r} appears twice for the same question.",
            location=f"{path}, {before.location} and {row.location}",
            hint="Give each model its own name in the column `name`, or delete one row.",
        )


def _which_question(path: Path, models: Sequence[str]) -> UserError:
    more = f" and {len(models) - 1} more" if len(models) > 1 else ""
    return UserError(
        f"Which question is this a model for: {printable(models[0])}{more}?",
        location=str(path),
        hint="Add --question, or name it in the list. `mockexam bank list` shows all questions.",
    )
