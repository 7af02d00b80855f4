"""From a folder or a list to items: which model, which question, which data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from mockexam.bank.loader import Bank, load_bank
from mockexam.bank.models import Question
from mockexam.bank.screening import signature
from mockexam.batch.discovery import SUFFIXES, LeftOut, ListRow, read_list, search
from mockexam.batch.job import BatchItem, grade_data_seed, grade_holdout_seed
from mockexam.errors import UserError
from mockexam.exam.events import ModelFormat
from mockexam.exam.model_format import format_of_file
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
    """Number of models of other questions than the requested one."""
    columns: tuple[Mapping[str, str], ...] = ()
    """For each item of a list, the list's other columns."""


def is_many(target: Path) -> bool:
    """Whether a path stands for many models: a folder that is not itself a model, or a list of models."""
    if target.is_dir():
        return model_format(target) is None
    return target.suffix.lower() in SUFFIXES


def plan(target: Path, question: str | None, seed: int | None, holdout_seed: str | None = None) -> BatchPlan:
    """The items of a folder or a list. Raises UserError: no model, unknown question, missing file, duplicate name."""
    bank = load_bank()
    requested = bank.question(question) if question else None
    planner = _Planner(bank, requested, seed, grade_holdout_seed(seed or 0, holdout_seed))
    top = target.expanduser().absolute()
    return planner.folder(top) if top.is_dir() else planner.list(top)


@dataclass(frozen=True, slots=True)
class _Origin:
    """What the workspace around a model says, if there is one."""

    data_seed: str
    """Of the data it was trained on."""
    question: Question | None = None
    problem: str = ""


class _Planner:
    """Makes items; reads each question once."""

    def __init__(self, bank: Bank, requested: Question | None, seed: int | None, holdout_seed: str) -> None:
        self._bank = bank
        self._requested = requested
        self._seed = seed
        self._holdout_seed = holdout_seed
        self._editions: dict[str, str] = {}

    def folder(self, top: Path) -> BatchPlan:
        """One item per model, except models of other questions than the requested one."""
        found = search(top)
        single = printable(top.name) if (top / WORKSPACE_FILE).is_file() else ""
        models = [(model, self._origin(model.path)) for model in found.models]
        unknown = [
            model.relative
            for model, origin in models
            if self._requested is None and origin.question is None and not origin.problem
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
                student=single or student_of(model.relative),
            )
            for model, origin in models
            if origin.question in (None, self._requested) or self._requested is None
        )
        if not items:
            raise UserError(
                "All models in this folder are of other questions.", location=str(top), hint="Leave out --question."
            )
        return BatchPlan(items, found.left_out, len(found.models) - len(items))

    def list(self, path: Path) -> BatchPlan:
        """One item per row."""
        rows = read_list(path)
        models = [Path(path.parent, _expanded(row.model)) for row in rows]
        _check_models(path, rows, models)
        items = tuple(self._row(path, row, model) for row, model in zip(rows, models, strict=True))
        _check_names(path, rows, items)
        return BatchPlan(items, columns=tuple(row.others for row in rows))

    def _row(self, path: Path, row: ListRow, model: Path) -> BatchItem:
        form = model_format(model)
        assert form is not None  # checked before
        origin = self._origin(model)
        question = self._named(row, path) or self._requested or origin.question
        if question is None and not origin.problem:
            raise _which_question(path, [f"{row.model} ({row.location})"])
        return self._item(row.name, model, form, question, origin, student=printable(row.name))

    def _named(self, row: ListRow, path: Path) -> Question | None:
        try:
            return self._bank.question(row.question) if row.question else None
        except UserError as error:
            raise UserError(error.message, location=f"{path}, {row.location}", hint=error.hint) from None

    def _origin(self, model: Path) -> _Origin:
        """As for a single model: the paper of the workspace around it, unless a seed is given."""
        data_seed = grade_data_seed(self._seed or 0)
        try:
            found = find_workspace(model)
            question = self._bank.question(found.question) if found and found.question else None
        except UserError as error:
            known = self._requested is not None and self._seed is not None
            return _Origin(data_seed, problem="" if known else error.message)
        return _Origin(found.code if found and self._seed is None else data_seed, question)

    def _item(
        self, name: str, path: Path, form: ModelFormat, question: Question | None, origin: _Origin, *, student: str
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
            seed=self._seed or 0,
            holdout_seed=self._holdout_seed,
            problem=origin.problem or _path_problem(path),
            student=student,
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


def _check_models(path: Path, rows: Sequence[ListRow], models: Sequence[Path]) -> None:
    missing = []
    for row, model in zip(rows, models, strict=True):
        with suppress(OSError):  # a name that is too long
            if model_format(model) is not None:
                continue
        missing.append(row)
    if not missing:
        return
    shown = [f"{row.location}: {printable(row.model[:_LENGTH])}" for row in missing[:_SHOWN]]
    if len(missing) > _SHOWN:
        shown.append(f"and {len(missing) - _SHOWN} more")
    raise UserError(
        f"{len(missing)} of {len(rows)} models are missing or not saved models: {'; '.join(shown)}.",
        location=str(path),
        hint="Paths are relative to the folder of the list. Correct or delete these rows.",
    )


def _check_names(path: Path, rows: Sequence[ListRow], items: Sequence[BatchItem]) -> None:
    """Name and question must identify a result; a question can be written in several ways."""
    seen: dict[tuple[str, str], ListRow] = {}
    for row, item in zip(rows, items, strict=True):
        before = seen.setdefault((item.name, item.question), row)
        if before is not row:
            raise UserError(
                f"The name {item.name!r} appears twice for the same question.",
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
