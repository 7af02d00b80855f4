"""From a folder or a list to items: which model, which question, which data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from mockexam.bank.loader import Bank, load_bank
from mockexam.bank.models import Question
from mockexam.bank.screening import signature
from mockexam.batch.discovery import (
    HANDOUT_LIST,
    HANDOUT_STATE,
    SUFFIXES,
    HandedIn,
    HandInFinder,
    NotFound,
    search,
)
from mockexam.batch.job import BatchItem, grade_data_seed, grade_holdout_seed
from mockexam.batch.lists import ALIKE, LIST_COLUMNS, ListRow, read_list
from mockexam.errors import UserError
from mockexam.exam.events import ModelFormat
from mockexam.exam.hand_in import LeftOut
from mockexam.exam.model_format import RECEIVED_NAMES, format_of_file
from mockexam.text.units import some_names
from mockexam.workspace.interpreter import shell_word
from mockexam.workspace.layout import WORKSPACE_FILE, find_workspace, model_format
from mockexam.workspace.scripts import printable

_SHOWN = 10
_LENGTH = 200


@dataclass(frozen=True, slots=True)
class BatchPlan:
    """What to grade."""

    items: tuple[BatchItem, ...]
    left_out: tuple[LeftOut, ...] = ()
    others: int = 0
    """Number of models, or rows of a list, of other questions than the requested one."""
    notes: tuple[str, ...] = ()
    """What else to tell before grading, printable."""
    listed: tuple[tuple[str, Mapping[str, str]], ...] = ()
    """For each row of a list: the student, and the list's other columns."""
    papers: frozenset[str] = frozenset()
    """Ids of the questions that all papers of a folder's workspaces have."""
    asked: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """By student of a list: ids of the questions that their rows name; nobody who has a row that names none."""

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
    """The items of a folder or a list. Raises UserError: no model at all, unknown question, duplicate name.

    Also for a folder that was handed out: its list alone knows question and seed of each model.
    """
    bank = load_bank()
    requested = bank.question(question) if question else None
    planner = _Planner(bank, requested, seed, holdout_seed)
    top = target.expanduser().absolute()
    if not top.is_dir():
        return planner.list(top)
    if (top / HANDOUT_STATE).is_file() and (top / HANDOUT_LIST).is_file():
        raise UserError(
            "This folder was handed out: its list knows the question and the seed of each model.",
            location=str(top),
            hint=f"Grade the list: mockexam grade {shell_word(str(top / HANDOUT_LIST))}",
        )
    return planner.folder(top)


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
        notes = []
        if self._seed is None and any(item.data_seed == grade_data_seed(0) and not item.problem for item in items):
            notes.append("No --seed is given: graded on the data of seed 0.")
        if others := len(found.models) - len(items):
            notes.append(f"--question leaves out {others} model{'s' * (others != 1)} of other questions.")
        return BatchPlan(items, found.left_out, others, notes=tuple(notes), papers=asked)

    def list(self, path: Path) -> BatchPlan:
        """One item per row whose model is there, except rows of other questions than the requested one."""
        listed = read_list(path)
        places = [Path(path.parent, _expanded(row.model)) for row in listed]
        named = [(row, place, self._named(row, path)) for row, place in zip(listed, places, strict=True)]
        asking = [(row, place, question) for row, place, question in named if self._requested in (None, question)]
        if not asking:
            raise UserError("All rows are of other questions.", location=str(path), hint="Leave out --question.")
        rows = [row for row, *_ in asking]
        others = len(listed) - len(rows)
        finder = HandInFinder(path.parent, [(place, row.name) for row, place, _ in named])
        items: list[BatchItem] = []
        left_out: list[LeftOut] = []
        notes = [*_misspelt(rows), *self._overruled(path, rows)]
        asked: dict[str, set[str]] = {}
        taken: dict[tuple[str, str], ListRow] = {}
        unseeded = 0
        for row, place, question in asking:
            asks = asked.setdefault(printable(row.name[:_LENGTH]), set())
            found = finder.find(place, row.name)
            if isinstance(found, NotFound):
                left_out.append(_left_out(row, question, found))
                asks.add(left_out[-1].question)
                _take_name(path, taken, row, left_out[-1].question or row.location)
                continue
            items.append(self._row(path, row, question, found))
            asks.add(items[-1].question)
            unseeded += row.seed is None and self._seed is None and items[-1].data_seed == grade_data_seed(0)
            _take_name(path, taken, row, items[-1].question)
        if not items:
            raise _nothing_handed_in(path, left_out)
        if (path.parent / HANDOUT_STATE).is_file() and (unnamed := finder.unnamed()):
            notes.append(f"No row of the list names this: {some_names(unnamed, _SHOWN)}. It counts for nobody.")
        if unseeded:
            without = f"{unseeded} row{'s' * (unseeded != 1)} without a seed"
            notes.append(f"{without}: graded on the data of seed 0. Say another one in a column `seed`.")
        if others:
            notes.append(f"--question leaves out {others} row{'s' * (others != 1)} of other questions.")
        return BatchPlan(
            tuple(items),
            tuple(left_out),
            others,
            notes=tuple(map(printable, notes)),
            listed=tuple((printable(row.name[:_LENGTH]), row.others) for row in rows),
            asked={student: frozenset(ids) for student, ids in asked.items() if "" not in ids},
        )

    def _overruled(self, path: Path, rows: Sequence[ListRow]) -> Sequence[str]:
        """Where rows of a list keep their own seed. Raises UserError for a --seed that no row heeds."""
        others = [row for row in rows if row.seed not in (None, self._seed)]
        if self._seed is None or not others:
            return []
        if without := sum(row.seed is None for row in rows):
            some = f"{without} row{'s' * (without != 1)}"
            keep = f"{len(others)} row{'s keep' if len(others) != 1 else ' keeps'}"
            return [f"--seed {self._seed} is used for {some} without a seed; {keep} another one."]
        raise UserError(
            f"--seed {self._seed} contradicts the list, whose column `seed` says something else.",
            location=f"{path}, {others[0].location}" + (f" and {len(others) - 1} more" if len(others) > 1 else ""),
            hint="Leave out --seed, or change the list: keep only the rows that you want, or empty that column.",
        )

    def _row(self, path: Path, row: ListRow, question: Question | None, model: HandedIn) -> BatchItem:
        seed = self._seed if row.seed is None else row.seed
        # A row that says all is not asked for the workspace file, which a hand-in may bring.
        origin = _Origin(grade_data_seed(seed or 0))
        if question is None or seed is None:
            origin = self._origin(model.path, seed)
            question = question or origin.question
        if question is None and not (origin.problem or model.problem):
            raise _which_question(path, [f"{row.model} ({row.location})"], _misspelt([row]))
        student = printable(row.name[:_LENGTH])
        notes = []
        if model.others:
            folder = printable(model.path.parent.name)
            notes.append(f"Of several models in {folder}, the one with the newest date counts: {model.path.name}.")
        if model.newer:
            notes.append(f"{model.path.name} counts; a newer file beside it has another name: {model.newer}.")
        return self._item(
            row.name,
            model.path,
            model.format,
            question,
            origin,
            seed,
            student=student,
            problem=model.problem,
            note=" ".join(notes),
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


def _left_out(row: ListRow, question: Question | None, found: NotFound) -> LeftOut:
    name = printable(row.name[:_LENGTH])
    where = "" if row.name == row.model else f" ({printable(row.model[:_LENGTH])})"
    known = question.id if question else ""
    return LeftOut(name, f"{found.reason}{where}", known, listed=True, misplaced=found.misplaced)


def _expanded(model: str) -> Path:
    try:
        return Path(model).expanduser()
    except RuntimeError:  # ~ of an unknown user
        return Path(model)


def _nothing_handed_in(path: Path, left_out: Sequence[LeftOut]) -> UserError:
    shown = [printable(str(one)) for one in left_out[:_SHOWN]]
    if len(left_out) > _SHOWN:
        shown.append(f"And {len(left_out) - _SHOWN} more.")
    return UserError(
        f"All models of the list are missing. {' '.join(shown)}",
        location=str(path),
        hint=f"Paths are relative to the folder of the list. A folder needs {RECEIVED_NAMES} in it.",
    )


def _misspelt(rows: Sequence[ListRow]) -> list[str]:
    """A sentence about each column that may be meant as one of ours, which the list lacks."""
    columns = dict.fromkeys(column for row in rows for column in row.others)
    meant = {column: get_close_matches(column, LIST_COLUMNS, 1, ALIKE) for column in columns}
    return [
        f"The column `{column}` is not used. Did you mean `{ours[0]}`?"
        for column, ours in meant.items()
        if ours and not any(row.says(ours[0]) for row in rows)
    ]


def _take_name(path: Path, taken: dict[tuple[str, str], ListRow], row: ListRow, question: str) -> None:
    """Raise UserError if name and question, which identify a result, are taken; a question has several spellings."""
    before = taken.setdefault((printable(row.name), question), row)
    if before is not row:
        raise UserError(
            f"The name {printable(row.name)!r} appears twice for the same question.",
            location=f"{path}, {before.location} and {row.location}",
            hint="Give each model its own name in the column `name`, or delete one row.",
        )


def _which_question(path: Path, models: Sequence[str], misspelt: Sequence[str] = ()) -> UserError:
    more = f" and {len(models) - 1} more" if len(models) > 1 else ""
    return UserError(
        f"Which question is this a model for: {printable(models[0])}{more}?",
        location=str(path),
        hint=" ".join([*misspelt, "Add --question, or name it in the list. `mockexam bank list` shows all questions."]),
    )
